import { applyEdits, findSpans, replaceSpans } from "./json.ts";
import { isFields, type Fields } from "./shape.ts";
import { sseEvent, type SseEvent } from "./sse.ts";

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

/** JSON that somebody else wrote, where it is an object. */
export function parseFields(json: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The bytes of an event whose data is valid JSON, with every string at `path` of it replaced; no other byte changes. */
export function stampEvent(event: SseEvent, path: readonly string[], text: string): Uint8Array {
  return editEvent(event, (json) => stampJson(json, path, text));
}

/** The bytes of an event with its data edited. */
export function editEvent(event: SseEvent, edit: (json: Uint8Array) => Uint8Array): Uint8Array {
  // Data over several lines is legal, and so rare that it may lose its form.
  if (event.data.includes("\n")) return sseEvent(textOf(edit(Buffer.from(event.data))), event.event || undefined);
  const start = dataStart(event.raw);
  if (start === undefined) return event.raw;
  const end = lineEnd(event.raw, start);
  const json = edit(event.raw.subarray(start, end));
  return Buffer.concat([event.raw.subarray(0, start), json, event.raw.subarray(end)]);
}

/** Valid JSON with another string at `path`, wherever that is there. */
export function stampJson(json: Uint8Array, path: readonly string[], text: string): Uint8Array {
  return applyEdits(json, replaceSpans(findSpans(json, path), JSON.stringify(text)));
}

const DATA = Buffer.from("data:");

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Where the value of the event's data line begins. A byte order mark may stand before the first line. */
function dataStart(raw: Uint8Array): number | undefined {
  let line = BOM.equals(raw.subarray(0, BOM.length)) ? BOM.length : 0;
  while (line < raw.length && !DATA.equals(raw.subarray(line, line + DATA.length))) line = lineEnd(raw, line) + 1;
  return line < raw.length ? line + DATA.length : undefined;
}

function lineEnd(raw: Uint8Array, at: number): number {
  while (at < raw.length && raw[at] !== 0x0a && raw[at] !== 0x0d) at += 1;
  return at;
}
