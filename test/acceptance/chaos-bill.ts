import { isFields, type Fields } from "../fakes/apis/rules.ts";
import type { Answer } from "../fakes/apis/script.ts";
import type { Trouble } from "./chaos-trouble.ts";

/** Tokens that an answer told of. */
export interface Told {
  readonly input: number;
  readonly output: number;
}

/**
 * A line of a model server's bill. `telling` is written before the bytes that tell the usage so far, `told` when they
 * are with the system: a server that is killed between the two may or may not have told.
 */
export type BillLine =
  | {
      readonly kind: "asked";
      readonly id: string;
      readonly marker: string;
      readonly at: number;
      readonly trouble?: Trouble;
    }
  | { readonly kind: "telling"; readonly id: string; readonly usage: Told }
  | { readonly kind: "told" | "whole"; readonly id: string }
  | { readonly kind: "fault"; readonly message: string };

const WORDS = "every word of this answer must arrive once and in its order, whoever gives it".split(" ");

/** What a server says to the request with this marker. The numbers differ from answer to answer. */
export function answerOf(name: string, marker: string, number: number): Answer {
  const count = 4 + (number % 9);
  return {
    text: textOf(name, marker, count),
    finish: "stop",
    usage: { input: 10 + (number % 997), cachedInput: 0, output: count + 2, reasoning: 0 },
  };
}

const textOf = (name: string, marker: string, count: number): string =>
  `${name} answers ${marker}: ${WORDS.slice(0, count).join(" ")} [${count}]`;

/** Whether a text is, to the last character, what a server said to this request. */
export function isAnswer(text: string, marker: string): boolean {
  const parts = /^(\S+) answers .*\[(\d+)\]$/u.exec(text);
  return parts !== null && text === textOf(parts[1]!, marker, Number(parts[2]));
}

/** The usage that each piece of an answer tells, as far as it is known with it; undefined where a piece tells none. */
export function toldIn(pieces: readonly string[]): ReadonlyArray<Told | undefined> {
  let known: Told | undefined;
  return pieces.map((piece) => {
    const json = piece.startsWith("{") ? piece : /^data: (\{.*)$/mu.exec(piece)?.[1];
    const usage = json === undefined ? undefined : usageIn(JSON.parse(json) as Fields);
    if (usage) known = { input: usage.input ?? known?.input ?? 0, output: usage.output ?? known?.output ?? 0 };
    return usage && known;
  });
}

/** Of OpenAI's two APIs, Anthropic's and Gemini's. */
function usageIn(body: Fields): Partial<Told> | undefined {
  const held = [body, body["response"], body["message"]].filter(isFields);
  const usage = held.map((each) => each["usage"] ?? each["usageMetadata"]).find(isFields);
  if (!usage) return undefined;
  const count = (...names: readonly string[]) =>
    names.map((name) => usage[name]).find((value) => typeof value === "number");
  const input = count("prompt_tokens", "input_tokens", "promptTokenCount");
  const output = count("completion_tokens", "output_tokens", "candidatesTokenCount");
  return { ...(input !== undefined && { input }), ...(output !== undefined && { output }) };
}

/** Whether a text that was broken off is what a server had said until then. */
export function isBeginning(text: string, name: string, marker: string): boolean {
  return textOf(name, marker, WORDS.length).startsWith(text.replace(/ ?\[\d*\]?$/u, ""));
}
