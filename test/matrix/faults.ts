/** How an upstream fails, and what a client of each door then hears. */
import assert from "node:assert/strict";
import { asksOf, type Door } from "../fakes/apis/asks.ts";
import type { Fields } from "../fakes/apis/rules.ts";
import type { Answer, Break, FaultKind, Script } from "../fakes/apis/script.ts";
import { PATHS } from "./cells.ts";
import { eventsOf, type SentEvent } from "./events.ts";
import { heardIn, wholeOf } from "./heard.ts";
import { fields, textOf } from "./json.ts";
import { type Kind, modelOf, type World } from "./world.ts";

const usage = { input: 20, cachedInput: 8, output: 12, reasoning: 0 };
export const TEXT = "Swifts sleep aloft, and eat and drink there.";
export const SAID: Answer = { text: TEXT, finish: "stop", usage };

export interface Failed {
  readonly status: number;
  readonly retryAfter: number;
  readonly text: string;
}

/** @param tag names the model where an upstream of its own must be asked: keys that failed are left alone */
export async function ask(
  world: World,
  door: Door,
  kind: Kind,
  { script, stream, tag = "" }: { script: Script; stream: boolean; tag?: string },
): Promise<Failed> {
  const { body } = asksOf(door, modelOf(kind, tag)).find(({ feature }) => feature === "text")!;
  const fake = world.fakes.get(kind.name)!;
  const seen = fake.requests.length;
  world.script(kind, script);
  const response = await world.house.post(PATHS[door], { ...body, ...(stream && { stream }) });
  const text = await response.text();
  assert.equal(fake.requests.length, seen + 1, `the model server is asked, once: ${text}`);
  return { status: response.status, retryAfter: Number(response.headers.get("retry-after")), text };
}

/** The error of a body in the door's form: its type, its code where the form has one. */
export function errorIn(door: Door, text: string): { readonly type: string; readonly code: unknown } {
  const body = fields(JSON.parse(text));
  const error = fields(body.error);
  assert.ok(typeof error.message === "string" && error.message !== "", text);
  if (door === "anthropic-messages") {
    assert.equal(body.type, "error", text);
    return { type: String(error.type), code: undefined };
  }
  assert.ok(
    FORM.every((name) => name in error),
    text,
  );
  return { type: String(error.type), code: error.code };
}

const FORM = ["code", "message", "param", "type"];

/** Kinds of faults that every server tells by a status which says that it is no use to anybody now. */
export const OWN_FAULTS: Readonly<
  Partial<Record<FaultKind, readonly [status: number, openai: string, anthropic: string]>>
> = {
  rate_limit: [429, "rate_limit_error", "rate_limit_error"],
  overloaded: [502, "api_error", "api_error"],
  bad_key: [502, "api_error", "api_error"],
  server_error: [502, "api_error", "api_error"],
};

export const BREAKS: readonly Break[] = ["server_error", "overloaded", "end", "cut"];

/** Text of a stream that failed, which must end with an error in the door's form. @param passes it is the server's own */
export function brokenOff(door: Door, text: string, passes: boolean): string {
  const events = eventsOf(text);
  const last = events.pop()!;
  const data = JSON.parse(last.data) as Fields;
  // Azure's have a message and a code alone.
  if (door === "openai-chat" && passes) assert.ok(fields(data.error).message);
  else if (door === "openai-chat") errorIn(door, last.data);
  else if (door === "anthropic-messages") {
    assert.equal(last.name, "error");
    errorIn(door, last.data);
  } else if (data.type === "response.failed") {
    assert.equal(last.name, "response.failed");
    assert.equal(fields(data.response).status, "failed");
    assert.ok(fields(fields(data.response).error).message);
  } else {
    assert.deepEqual([last.name, data.type], ["error", "error"]);
    assert.ok(typeof data.message === "string" && "code" in data && "param" in data);
  }
  if (door === "openai-responses") assert.equal(data.sequence_number, events.length);
  return events.map((event) => deltaOf(door, event)).join("");
}

function deltaOf(door: Door, { data }: SentEvent): string {
  const event = fields(JSON.parse(data));
  if (door === "openai-chat") {
    const [choice] = event.choices as readonly Fields[];
    return textOf(fields(choice?.delta).content);
  }
  if (door === "anthropic-messages") return textOf(fields(event.delta).text);
  return event.type === "response.output_text.delta" ? String(event.delta) : "";
}

/** A blocked prompt is an answer of Gemini's, with nothing in it. */
export function blockedAnswer(door: Door, text: string, stream: boolean): readonly [text: string, finish: string] {
  const heard = heardIn(door, wholeOf(door, text, stream));
  return [heard.text, heard.finish];
}
