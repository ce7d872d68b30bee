import { applyEdits } from "../../dialect/json.ts";
import { parseFields } from "../../dialect/event-json.ts";
import type { Fields } from "../../dialect/shape.ts";
import type { ClientApi } from "../../dialect/speech.ts";
import { createSseReader, sseEvent, type SseEvent } from "../../dialect/sse.ts";
import { type Channel, DELTAS, eventLike } from "./deltas.ts";
import { textOf } from "./layer.ts";
import type { Placeholders } from "../../contracts.ts";
import { restoreJson } from "./restore.ts";
import { createRestoring, createTextRestorer, type TextRestorer } from "./text.ts";
import { type Path, walkJson } from "./walk.ts";

/** Puts values in place of their placeholders in a stream on its way to the client, wherever its bytes are cut. */
export interface Restorer {
  /** Whole events. Errors: upstream_failed for an event beyond the limit. */
  push(bytes: Uint8Array): Uint8Array;
  /** What is left when the stream has ended. */
  end(): Uint8Array;
}

/** A text that is on its way, and the last event that carried it. */
interface Growing {
  readonly text: TextRestorer;
  readonly channel: Channel;
  event: Fields;
  frame: string;
  path: Path;
}

/** Whether a text is over because another one goes on. */
const isBehind = (text: Channel, other: Channel): boolean =>
  text.group === other.group && !(text.isCall === true && other.isCall === true);

const NOTHING = new Uint8Array(0);
const BLANK_LINE = Buffer.from("\n\n");

/**
 * Restores a stream in the client's API. Of a text that may be the beginning of a placeholder only that beginning is
 * held back: until the next piece of the text, or until an event says that there is none, which it then goes before, as
 * an event of its own.
 */
export function createRestorer(
  api: ClientApi,
  placeholders: Placeholders,
  limits: { readonly maxEventBytes: number },
): Restorer {
  if (placeholders.size === 0) return { push: (bytes) => bytes, end: () => NOTHING };
  const restoring = createRestoring(placeholders);
  const deltas = DELTAS[api];
  const events = createSseReader(limits);
  const growing = new Map<string, Growing>();
  /** Bytes of an event that is not whole yet. */
  let waiting = 0;
  /** The number of the last event, where events are numbered, and how many of ours went between. */
  let number = -1;
  let inserted = 0;

  function restore(event: SseEvent): Uint8Array[] {
    const fields = event.data.startsWith("{") ? parseFields(event.data) : undefined;
    if (!fields) return event.data === "" ? [event.raw] : [...flush(() => true), event.raw];
    const isEnd = deltas.isEnd(fields);
    const own = typeof fields["sequence_number"] === "number" ? fields["sequence_number"] : undefined;
    if (own !== undefined) number = own - 1;
    const before: Uint8Array[] = [];
    const json = Buffer.from(event.data);
    const restored = restoreJson(restoring, json, (literal, text) => {
      const channel = literal.kind === "string" ? deltas.channelOf(fields, literal.path) : undefined;
      if (!channel) return undefined;
      const grown = growing.get(channel.name) ?? begin(channel);
      before.push(...flush((other) => isBehind(other.channel, channel) && other !== grown && other.event !== fields));
      growing.set(channel.name, grown);
      Object.assign(grown, { event: fields, frame: event.event, path: [...literal.path] });
      const told = grown.text.push(text());
      return isEnd ? told + grown.text.end() : told;
    });
    if (isEnd) before.push(...flush(() => true));
    if (own !== undefined) number = own;
    return [...before, framed(event, json, renumber(restored, own))];
  }

  function begin(channel: Channel): Growing {
    return { text: createTextRestorer(restoring), channel, event: {}, frame: "", path: [] };
  }

  /** What is held back of these texts, as events of their own. */
  function flush(isOver: (text: Growing) => boolean): Uint8Array[] {
    return [...growing].flatMap(([name, grown]) => {
      if (!isOver(grown)) return [];
      growing.delete(name);
      const text = grown.text.end();
      return text === "" ? [] : [insertion(grown, text)];
    });
  }

  function insertion({ event, frame, path }: Growing, text: string): Uint8Array {
    const like = eventLike(event, path, text);
    const isNumbered = typeof event["sequence_number"] === "number";
    const own = isNumbered ? { ...like, sequence_number: number + 1 + inserted } : like;
    if (isNumbered) inserted += 1;
    return sseEvent(JSON.stringify(own), frame || undefined);
  }

  function renumber(json: Uint8Array, own: number | undefined): Uint8Array {
    if (own === undefined || inserted === 0) return json;
    let edited = json;
    walkJson(json, ({ kind, path, offset, length }) => {
      if (kind !== "number" || path.length !== 1 || path[0] !== "sequence_number") return;
      edited = applyEdits(json, [{ offset, length, bytes: Buffer.from(String(own + inserted)) }]);
    });
    return edited;
  }

  /** Whole events that hold nothing to restore, and nothing of which is awaited. */
  function isOrdinary(bytes: Uint8Array): boolean {
    if (waiting > 0 || inserted > 0 || restoring.escapes || restoring.matcher.mayHold(bytes)) return false;
    for (const { text } of growing.values()) if (text.kept !== "") return false;
    return endsEvent(bytes);
  }

  return {
    push(bytes) {
      if (isOrdinary(bytes)) return bytes;
      const whole = events.push(bytes);
      waiting += bytes.length;
      for (const { raw } of whole) waiting -= raw.length;
      return Buffer.concat(whole.flatMap(restore));
    },
    end() {
      const rest = events.end().flatMap(restore);
      const last = flush(() => true);
      const isOpen = rest.length > 0 && last.length > 0;
      return Buffer.concat([...rest, ...(isOpen ? [BLANK_LINE] : []), ...last]);
    },
  };
}

function endsEvent(bytes: Uint8Array): boolean {
  const end = textOf(bytes.subarray(-4));
  return end.endsWith("\n\n") || end.endsWith("\r\n\r\n");
}

/** The event with other data; its other bytes stay, but where its data stands on several lines. */
function framed({ raw, event, data }: SseEvent, before: Uint8Array, after: Uint8Array): Uint8Array {
  if (before === after) return raw;
  const offset = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).indexOf(before);
  if (offset === -1 || data.includes("\n")) return sseEvent(textOf(after), event || undefined);
  return applyEdits(raw, [{ offset, length: before.length, bytes: after }]);
}
