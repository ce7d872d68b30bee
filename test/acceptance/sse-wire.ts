import type { Roll } from "./bend.ts";
import { BAD_BYTES } from "./sse-script.ts";
import type { Event } from "./sse-upstream.ts";

/** Events as the bytes of a stream that nobody would send, and that says the same; then cut into chunks, or cut off. */

const ENDS = ["\n", "\r\n", "\r"] as const;
const NOISE: readonly string[] = [
  ": keep-alive",
  ":",
  "",
  "retry: 10",
  "id: 7",
  "data",
  "data:",
  "event: surprise",
  'event: surprise\ndata: {"type":"surprise"}',
  "data: {nonsense",
  "data: null",
  "data: 12",
  'data: "text"',
  "data: []",
  "data: {}",
  'data: {"choices":5}',
  'data: {"choices":[null]}',
  'data: {"choices":[{"index":1,"delta":{"content":"another choice"},"finish_reason":null}]}',
  'data: {"type":"content_block_delta","index":99,"delta":{"type":"text_delta"}}',
  'data: {"candidates":[{"content":{"parts":[null,{}]}}]}',
  "data: \uE000\uE001 ",
  "nonsense: [DONE]",
];

export interface Wire {
  readonly chunks: readonly Uint8Array[];
  /** Not all of it is there. */
  readonly isCut: boolean;
}

export function wireOf(events: readonly Event[], roll: Roll): Wire {
  const isNoisy = roll(2) === 0;
  const noise = () => (isNoisy && roll(4) === 0 ? [spell(NOISE[roll(NOISE.length)]!.split("\n"), roll)] : []);
  const spelt = events.flatMap((event) => [...noise(), spell(linesOf(event, roll), roll)]);
  const again = roll(4) === 0 ? [spelt.at(-1)!, ...noise()] : [];
  const text = (roll(20) === 0 ? "\uFEFF" : "") + [...spelt, ...again].join("");
  const forgetful = again.length === 0 && roll(8) === 0;
  const whole = withBadBytes(forgetful ? text.replace(/[\r\n]+$/u, roll(2) === 0 ? "" : "\n") : text);
  const isCut = roll(4) === 0;
  return { chunks: chunksOf(isCut ? whole.subarray(0, roll(whole.length)) : whole, roll), isCut };
}

function linesOf({ event, data }: Event, roll: Roll): string[] {
  const space = roll(4) === 0 ? "" : " ";
  // JSON over several lines is the same JSON, between members at least.
  const parts = roll(10) === 0 ? data.split(/(?<=^\{"[a-z]+":"[a-z_]+",)/u) : [data];
  return [
    ...(event === undefined ? [] : [`event:${space}${event}`]),
    ...(roll(20) === 0 ? ["id: 1"] : []),
    ...parts.map((part) => `data:${space}${part}`),
  ];
}

function spell(lines: readonly string[], roll: Roll): string {
  const mixes = roll(10) === 0;
  const own = ENDS[roll(3)]!;
  const end = () => (mixes ? ENDS[roll(3)]! : own);
  const last = end();
  // A CR before an LF would be one line end, not two.
  return lines.map((line) => line + end()).join("") + (last === "\n" && lines.length > 0 && mixes ? "\r\n" : last);
}

function withBadBytes(text: string): Buffer {
  if (!/[\uE000-\uE002]/u.test(text)) return Buffer.from(text);
  const pieces = text.split(/([\uE000-\uE002])/u).map((piece) => {
    const bad = BAD_BYTES.find(([mark]) => mark === piece);
    return bad ? Buffer.from(bad[1]) : Buffer.from(piece);
  });
  return Buffer.concat(pieces);
}

const ONE_BY_ONE = 2000;

/** In pieces of any size, one byte each at times. */
function chunksOf(bytes: Buffer, roll: Roll): Uint8Array[] {
  const most = [1, 7, 60, 700, 100_000][roll(5)]!;
  const size = bytes.length > ONE_BY_ONE ? Math.max(most, bytes.length / ONE_BY_ONE) : most;
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = start + 1 + roll(Math.ceil(size));
    chunks.push(bytes.subarray(start, end));
    start = end;
  }
  return chunks;
}
