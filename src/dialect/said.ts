import { RouterError } from "../errors.ts";
import type { ServerSide } from "./codec.ts";
import { anthropicServer } from "./anthropic/codec.ts";
import { parseFields, textOf } from "./event-json.ts";
import type { Block, Finish, Step } from "./form.ts";
import { openaiChatServer } from "./openai-chat/codec.ts";
import { chatLogprobs } from "./openai-chat/logprobs.ts";
import { hearResponses, saidInResponse } from "./openai-responses/heard.ts";
import type { Fields } from "./shape.ts";
import type { ClientApi } from "./speech.ts";
import { createSseReader, type SseEvent } from "./sse.ts";

/** What an answer says, in whichever API a client is told it. */
export interface Said {
  readonly text: string;
  /** Length of its thoughts, in UTF-16 units. */
  readonly thoughts: number;
  readonly calls: readonly SaidCall[];
  readonly finish?: Finish;
  /** Natural logarithms of its tokens' probabilities, where they are told. */
  readonly logprobs: readonly number[];
}

/** `arguments` is JSON as text. */
export interface SaidCall {
  readonly name: string;
  readonly arguments: string;
}

/** Something that an event, or a whole answer, adds to what was said. */
export type Addition =
  | { readonly kind: "text" | "thought"; readonly text: string }
  | { readonly kind: "call"; readonly call: SaidCall }
  | { readonly kind: "arguments"; readonly text: string }
  | { readonly kind: "logprobs"; readonly values: readonly number[] }
  | { readonly kind: "finish"; readonly finish: Finish };

/** Follows a streamed answer on its way. */
export interface Ear {
  push(bytes: Uint8Array): void;
  /** Length so far of text and calls, in UTF-16 units. */
  readonly length: number;
  /** Of thoughts. */
  readonly thoughts: number;
  readonly said: Said;
}

/** An ear for events of this API. */
export function createEar(api: ClientApi, limits: { readonly maxEventBytes: number }): Ear {
  const events = createSseReader(limits);
  const hear = HEARERS[api]();
  const sum = createSum();
  return {
    push(bytes) {
      for (const event of events.push(bytes)) for (const addition of hear(event)) sum.add(addition);
    },
    get length() {
      return sum.length;
    },
    get thoughts() {
      return sum.thoughts;
    },
    get said() {
      return sum.said;
    },
  };
}

/** What a whole answer of this API says; nothing where it is none. */
export function saidIn(api: ClientApi, bytes: Uint8Array): Said {
  const sum = createSum();
  const body = parseFields(textOf(bytes));
  try {
    for (const addition of body ? WHOLES[api](body) : []) sum.add(addition);
  } catch (caught) {
    if (!(caught instanceof RouterError)) throw caught;
  }
  return sum.said;
}

const WHOLES: Readonly<Record<ClientApi, (body: Fields) => readonly Addition[]>> = {
  "openai-chat": (body) => [...ofReply(openaiChatServer, body), ...chatLogprobs(body)],
  "openai-responses": saidInResponse,
  "anthropic-messages": (body) => ofReply(anthropicServer, body),
};

/** The key of one; that of an empty list of them is another. */
const PROBABILITY = '"logprob"';

const HEARERS: Readonly<Record<ClientApi, () => (event: SseEvent) => readonly Addition[]>> = {
  "openai-chat": () => {
    const steps = ofSteps(openaiChatServer);
    return (event) => [
      ...steps(event),
      ...(event.data.includes(PROBABILITY) ? chatLogprobs(parseFields(event.data) ?? {}) : []),
    ];
  },
  "openai-responses": hearResponses,
  "anthropic-messages": () => ofSteps(anthropicServer),
};

function ofReply({ readReply }: Pick<ServerSide, "readReply">, body: Fields): Addition[] {
  const { blocks, finish } = readReply(body);
  return [...blocks.flatMap(ofBlock), { kind: "finish", finish }];
}

function ofBlock(block: Block): Addition[] {
  if (block.kind === "tool_call") return [{ kind: "call", call: { name: block.name, arguments: block.arguments } }];
  if (block.kind === "thinking") return [{ kind: "thought", text: block.text }];
  return block.kind === "text" || block.kind === "refusal" ? [{ kind: "text", text: block.text }] : [];
}

function ofSteps({ readStream }: Pick<ServerSide, "readStream">): (event: SseEvent) => Addition[] {
  const reader = readStream();
  const kinds = new Map<number, string>();
  const ofStep = (step: Step): Addition[] => {
    if (step.kind === "finish") return [{ kind: "finish", finish: step.finish }];
    if (step.kind === "block") {
      kinds.set(step.index, step.block.kind);
      return step.block.kind === "tool_call" ? [{ kind: "call", call: { name: step.block.name, arguments: "" } }] : [];
    }
    if (step.kind !== "delta") return [];
    const kind = kinds.get(step.index);
    if (kind === "tool_call") return [{ kind: "arguments", text: step.text }];
    return [{ kind: kind === "thinking" ? "thought" : "text", text: step.text }];
  };
  return (event) => reader.push(event).flatMap(ofStep);
}

/** More probabilities than this tell nothing new. */
const MOST_LOGPROBS = 100_000;

function createSum() {
  const texts: string[] = [];
  const calls: { name: string; arguments: string }[] = [];
  const logprobs: number[] = [];
  let thoughts = 0;
  let length = 0;
  let finish: Finish | undefined;
  return {
    get length() {
      return length;
    },
    get thoughts() {
      return thoughts;
    },
    add(addition: Addition): void {
      if (addition.kind === "text" || addition.kind === "arguments") length += addition.text.length;
      if (addition.kind === "text") texts.push(addition.text);
      else if (addition.kind === "thought") thoughts += addition.text.length;
      else if (addition.kind === "call") {
        length += addition.call.name.length + addition.call.arguments.length;
        calls.push({ ...addition.call });
      } else if (addition.kind === "arguments" && calls.length > 0) calls.at(-1)!.arguments += addition.text;
      else if (addition.kind === "finish") finish = addition.finish;
      else if (addition.kind === "logprobs")
        for (const value of addition.values.slice(0, MOST_LOGPROBS - logprobs.length)) logprobs.push(value);
    },
    get said(): Said {
      return { text: texts.join(""), thoughts, calls, logprobs, ...(finish !== undefined && { finish }) };
    },
  };
}
