import { RouterError } from "../../errors.ts";
import type { StreamWriter, WriteOptions } from "../codec.ts";
import type { BlockStart, Finish, Step, Tokens } from "../form.ts";
import { stringOf, type Fields } from "../shape.ts";
import { sseEvent } from "../sse.ts";
import { responsesErrorEvent } from "./error-event.ts";
import { closingOf, deltaOf, openingOf, type ItemEvent } from "./item-events.ts";
import { itemsOf, stateOf, stemOf, writeItem, writeResponse, type Head, type Item, type State } from "./response.ts";
import { seal } from "./seal.ts";

/** The last event repeats the answer, so all of it is held: UTF-16 units of text, and of what an item takes without any. */
const MAX_HELD = 16 * 1024 * 1024;
const ITEM_SIZE = 512;

/** An item on its way; `status` once it is closed. */
type Growing = { -readonly [Key in keyof Item]: Item[Key] } & { status?: "completed" | "incomplete" };

/** What a client was told of an answer that goes on. */
interface BegunResponse {
  /** The object as it began. */
  readonly response: Fields;
  /** Its one item: a message with one text. */
  readonly item: Item;
  /** The number of the next event. */
  readonly sequence: number;
}

/**
 * Writes a streamed answer. Items end one step later than their blocks: the last one of an answer that was cut off is
 * `incomplete`, which only `finish` tells. Errors: upstream_failed for an answer that never ends.
 * @param begun a stream that goes on, with its message as block 0
 */
export function writeResponsesStream({ model, created }: WriteOptions, begun?: BegunResponse): StreamWriter {
  const items: Growing[] = [];
  const open = new Map<number, Growing>();
  let ended: Growing[] = [];
  let head: Head | undefined;
  let finish: Finish = "stop";
  let tokens: Tokens | undefined;
  let sequence = begun?.sequence ?? 0;
  let held = 0;
  if (begun) {
    const item = { ...begun.item };
    head = { stem: stemOf(stringOf(begun.response["id"])), model, created };
    items.push(item);
    open.set(0, item);
    held = item.text.length;
  }

  function write(events: readonly ItemEvent[]): Uint8Array {
    const bytes = events.map(([type, fields]) =>
      sseEvent(JSON.stringify({ type, sequence_number: sequence++, ...fields }), type),
    );
    return bytes.length === 1 ? bytes[0]! : Buffer.concat(bytes);
  }

  function hold(size: number): void {
    held += size;
    if (held > MAX_HELD) {
      throw new RouterError("upstream_failed", `The upstream's answer is longer than ${MAX_HELD} characters.`);
    }
  }

  function response(state: State, output: readonly Fields[]): Fields {
    const { status, error, incomplete_details, usage, ...whole } = writeResponse(head!, state, output, tokens);
    return { response: { ...whole, ...begun?.response, status, error, incomplete_details, output, usage } };
  }

  function begin(id: string): ItemEvent[] {
    head = { stem: stemOf(id), model, created };
    const fields = response({ status: "in_progress" }, []);
    return [
      ["response.created", fields],
      ["response.in_progress", fields],
    ];
  }

  function openBlock(index: number, block: BlockStart): ItemEvent[] {
    const begun: Growing[] = itemsOf(block, head!.stem, items.length);
    for (const item of begun) hold(ITEM_SIZE + (item.sealed?.length ?? 0));
    items.push(...begun);
    const item = begun.pop()!;
    open.set(index, item);
    return [...begun.flatMap((before) => [...openingOf(before), ...close(before, "completed")]), ...openingOf(item)];
  }

  function add(item: Growing, text: string): ItemEvent[] {
    hold(text.length);
    const events = deltaOf(item, text);
    item.text += text;
    return events;
  }

  /** Arguments are JSON for clients of this API, also where there are none. */
  function endBlock(index: number): ItemEvent[] {
    const item = open.get(index);
    if (!item) return [];
    open.delete(index);
    ended.push(item);
    return item.kind === "tool_call" && item.text === "" ? add(item, "{}") : [];
  }

  function close(item: Growing, status: "completed" | "incomplete"): ItemEvent[] {
    item.status = status;
    return closingOf(item, status);
  }

  /** `cut`: the answer ends here and is not whole, and so is the item that began last. */
  function closeEnded(cut = false): ItemEvent[] {
    const events = ended.flatMap((item) => close(item, cut && item === items.at(-1) ? "incomplete" : "completed"));
    ended = [];
    return events;
  }

  function take(step: Step): ItemEvent[] {
    const item = "index" in step ? open.get(step.index) : undefined;
    switch (step.kind) {
      case "start":
        return begin(step.id);
      case "block":
        return [...closeEnded(), ...openBlock(step.index, step.block)];
      case "delta":
        return item ? [...closeEnded(), ...add(item, step.text)] : [];
      case "signature":
      case "redacted": {
        const value = step.kind === "signature" ? step.signature : step.data;
        hold(value.length);
        if (item?.kind === "thinking") item.sealed = seal({ kind: step.kind, value });
        return [];
      }
      case "block_end":
        return endBlock(step.index);
      case "tokens":
        tokens = step.tokens;
        return [];
      case "finish":
        finish = step.finish;
        return closeEnded(stateOf(finish).status === "incomplete");
      default:
        return [];
    }
  }

  /** Items as they stand, in their order. */
  const output = () => items.map((item) => writeItem(item, item.status ?? "incomplete"));

  return {
    push: (step) => write([...(head || step.kind === "start" ? [] : begin("")), ...take(step)]),
    end() {
      const state = stateOf(finish);
      return write([[`response.${state.status}`, response(state, output())]]);
    },
    error(error) {
      const bytes = responsesErrorEvent(error, sequence++);
      if (!head) return bytes;
      const code = error.code === "rate_limited" ? "rate_limit_exceeded" : "server_error";
      const state: State = { status: "failed", error: { code, message: error.message } };
      return Buffer.concat([bytes, write([["response.failed", response(state, output())]])]);
    },
  };
}
