import * as fc from "fast-check";
import { openaiResponsesClient } from "../../../src/dialect/openai-responses/codec.ts";
import type { Block, BlockStart, Finish, Reply, Step, Tokens } from "../../../src/dialect/form.ts";
import { createSseReader } from "../../../src/dialect/sse.ts";

/** An event of a stream as a test reads it. */
export type Event = Readonly<Record<string, unknown>> & { readonly type: string; readonly sequence_number: number };

export const TOKENS: Tokens = { input: 12, output: 7, cachedInput: 4, cacheWrite: 1, reasoning: 3 };

/** What a client gets for these steps, as bytes. */
export function streamOf(steps: readonly Step[], model = "small"): Buffer {
  const writer = openaiResponsesClient.writeStream({ model, usage: true, created: 1_700_000_000 });
  return Buffer.concat([...steps.map((step) => writer.push(step)), writer.end()]);
}

/** Events of a stream. Throws where the name of one is not its type. */
export function eventsOf(bytes: Uint8Array): Event[] {
  const events = createSseReader({ maxEventBytes: 1e9 }).push(bytes);
  return events.map(({ event, data }) => {
    const parsed = JSON.parse(data) as Event;
    if (parsed.type !== event) throw new Error(`${event} is ${parsed.type}`);
    return parsed;
  });
}

/** A legal stream of steps and the answer that it tells. */
export interface Told {
  readonly steps: readonly Step[];
  readonly reply: Reply;
}

const text = fc.string({ minLength: 1, maxLength: 6, unit: "grapheme" });
const pieces = fc.array(text, { maxLength: 4 });
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** A block as its start, its deltas, and what may stand before its end. */
interface Parts {
  readonly start: BlockStart;
  readonly deltas: readonly string[];
  readonly signature?: string | undefined;
  readonly redacted?: string | undefined;
}

const parts: fc.Arbitrary<Parts> = fc.oneof(
  fc.record({ start: fc.constantFrom<BlockStart>({ kind: "text" }, { kind: "refusal" }), deltas: pieces }),
  fc.record({ start: fc.constant<BlockStart>({ kind: "thinking" }), deltas: pieces, signature: optional(text) }),
  fc.record({ start: fc.constant<BlockStart>({ kind: "thinking" }), deltas: fc.constant([]), redacted: text }),
  fc.record({
    start: fc
      .record({ name: text, id: text, signature: optional(text) })
      .map(({ name, id, signature }): BlockStart => ({
        kind: "tool_call",
        id,
        name,
        ...(signature !== undefined && { signature }),
      })),
    deltas: pieces,
  }),
);

/** `order`: which of the open blocks goes on next, or whether another begins; what is left over goes on in turn. */
export const told: fc.Arbitrary<Told> = fc
  .record({
    blocks: fc.array(parts, { maxLength: 5 }),
    order: fc.array(fc.nat(7), { maxLength: 40 }),
    finish: fc.constantFrom<Finish>("stop", "stop_sequence", "length", "tool_calls", "content_filter"),
    tokensLast: fc.boolean(),
  })
  .map(({ blocks, order, finish, tokensLast }) => {
    const waiting = blocks.map(stepsOf);
    const steps: Step[] = [{ kind: "start", id: "r1", model: "upstream" }];
    let begun = 0;
    for (let turn = 0; waiting.some((left) => left.length > 0); turn++) {
      const pick = (order[turn] ?? turn) % (Math.min(begun, waiting.length - 1) + 1);
      const step = waiting[pick]!.shift();
      if (step?.kind === "block") begun += 1;
      if (step) steps.push(step);
    }
    const ends: Step[] = [
      { kind: "finish", finish },
      { kind: "tokens", tokens: TOKENS },
    ];
    const reply: Reply = { id: "r1", model: "upstream", blocks: blocks.map(blockOf), finish, tokens: TOKENS };
    return { steps: [...steps, ...(tokensLast ? ends : ends.reverse())], reply };
  });

function stepsOf({ start, deltas, signature, redacted }: Parts, index: number): Step[] {
  return [
    { kind: "block", index, block: start },
    ...deltas.map((piece): Step => ({ kind: "delta", index, text: piece })),
    ...(signature === undefined ? [] : [{ kind: "signature" as const, index, signature }]),
    ...(redacted === undefined ? [] : [{ kind: "redacted" as const, index, data: redacted }]),
    { kind: "block_end", index },
  ];
}

function blockOf({ start, deltas, signature, redacted }: Parts): Block {
  const said = deltas.join("");
  if (start.kind === "tool_call") return { ...start, arguments: said };
  return {
    kind: start.kind,
    text: said,
    ...(signature !== undefined && { signature }),
    ...(redacted !== undefined && { redacted }),
  };
}
