import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { ResponseStream } from "openai/lib/responses/ResponseStream";
import { writeResponsesReply } from "../../../src/dialect/openai-responses/write-reply.ts";
import { eventsOf, streamOf, told, type Event } from "./events.ts";

describe("whatever the steps, as long as they are legal", () => {
  const withoutStatus = (output: unknown) =>
    (output as readonly object[]).map((item) => ({ ...item, status: undefined }));

  test("numbers rise by one, deltas join to what their item says, and the last event is the whole answer", () => {
    fc.assert(
      fc.property(told, ({ steps, reply }) => {
        const events = eventsOf(streamOf(steps));
        assert.deepEqual(
          events.map((event) => event.sequence_number),
          events.map((_, index) => index),
        );
        const whole = writeResponsesReply(reply, { model: "small", usage: true, created: 1_700_000_000 });
        const last = events.at(-1)!["response"] as typeof whole;
        assert.deepEqual(
          { ...last, output: withoutStatus(last["output"]) },
          { ...whole, output: withoutStatus(whole["output"]) },
        );
        assert.deepEqual(joined(events), saidBy(whole["output"]));
        const done = events.filter((event) => event.type === "response.output_item.done");
        const byPlace = done.sort((a, b) => Number(a["output_index"]) - Number(b["output_index"]));
        assert.deepEqual(
          byPlace.map((event) => event["item"]),
          last["output"],
        );
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  test("the official client's accumulator comes to the same answer, event after event", async () => {
    await fc.assert(
      fc.asyncProperty(told, async ({ steps }) => {
        const events = eventsOf(streamOf(steps));
        const upToLast = events.slice(0, -1);
        const final = events.at(-1)!["response"] as { readonly output: unknown };
        assert.deepEqual(await accumulated(upToLast), final.output);
      }),
      { seed: 8, numRuns: 60 },
    );
  });
});

/** What deltas of each item say together, by the item's place. */
function joined(events: readonly Event[]): Record<string, string> {
  const said: Record<string, string> = {};
  for (const event of events) {
    if (!event.type.endsWith(".delta")) continue;
    const key = `${String(event["output_index"])} ${String(event["item_id"])} ${event.type}`;
    said[key] = (said[key] ?? "") + String(event["delta"]);
  }
  return said;
}

interface Item {
  readonly id: string;
  readonly type: string;
  readonly arguments?: string;
  readonly summary?: readonly { readonly text: string }[];
  readonly content?: readonly { readonly text?: string; readonly refusal?: string }[];
}

function saidBy(output: unknown): Record<string, string> {
  const said = (output as readonly Item[]).map(({ id, ...item }, place): [string, string] => {
    const [part] = item.content ?? [];
    if (part?.refusal !== undefined) return [`${place} ${id} response.refusal.delta`, part.refusal];
    if (part) return [`${place} ${id} response.output_text.delta`, part.text!];
    if (item.type === "reasoning")
      return [`${place} ${id} response.reasoning_summary_text.delta`, item.summary![0]?.text ?? ""];
    return [`${place} ${id} response.function_call_arguments.delta`, item.arguments!];
  });
  return Object.fromEntries(said.filter(([, text]) => text !== ""));
}

/** The output as the official client has it after these events. Encrypted thoughts and statuses are in the `done` events. */
async function accumulated(events: readonly Event[]): Promise<unknown> {
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join("");
  const stream = ResponseStream.fromReadableStream(new Blob([lines]).stream());
  const { output } = await stream.finalResponse();
  return JSON.parse(JSON.stringify(output), (key, value: unknown) => (key.startsWith("parsed") ? undefined : value));
}
