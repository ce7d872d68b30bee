import type { Roll } from "./bend.ts";

/** What a model says in one answer, before it is put into the events of an API. */
export interface Script {
  readonly parts: readonly Part[];
  /** Which of the parts that may go on speaks next: calls interleave where an API lets them. */
  readonly order: readonly number[];
  /** Ends it in place of the finish, after so many pieces. */
  readonly failsAfter?: number;
  readonly usage: { readonly input: number; readonly output: number };
}

export interface Part {
  readonly kind: "text" | "thinking" | "call";
  readonly id: string;
  readonly name: string;
  /** Of a call: of the JSON of its arguments. */
  readonly pieces: readonly string[];
}

/** What a client understood, or should: thoughts without the lines between them, calls in the order in which they began. */
export interface Said {
  readonly text: string;
  readonly thinking: string;
  readonly calls: ReadonlyArray<{ readonly name: string; readonly arguments: string }>;
}

/** Stand for bytes that are no UTF-8, until a stream is bytes. Private use: no writer spells them in another way. */
export const BAD_BYTES: ReadonlyArray<readonly [mark: string, bytes: readonly number[]]> = [
  ["\uE000", [0xff]],
  ["\uE001", [0xe2, 0x82]],
  ["\uE002", [0xed, 0xa0, 0x80]],
];

const WORDS = [
  "swift",
  " sleeps",
  " é",
  "鳥",
  "🐦",
  '"',
  "\\",
  "\t",
  " data:",
  "{",
  "}",
  "event: x",
  "\u2028",
  "0",
  "[DONE]",
];
const HUGE = 200_000;
/** Larger than the limit of an event. */
const LARGEST = 1_100_000;

export function writeScript(roll: Roll): Script {
  const parts = Array.from({ length: 1 + roll(5) }, (_, index) => partOf(roll, index));
  const pieces = parts.reduce((sum, part) => sum + part.pieces.length, 0);
  return {
    parts,
    order: Array.from({ length: pieces }, () => roll(8)),
    ...(roll(20) === 0 && { failsAfter: roll(pieces + 1) }),
    usage: { input: 1 + roll(1000), output: 1 + roll(1000) },
  };
}

function partOf(roll: Roll, index: number): Part {
  const kind = (["text", "text", "thinking", "call", "call"] as const)[roll(5)]!;
  const id = `call_${index}`;
  if (kind === "call") return { kind, id, name: `tool_${roll(3)}`, pieces: cut(argumentsOf(roll), roll) };
  const pieces = Array.from({ length: 1 + roll(6) }, () => pieceOf(roll));
  return { kind, id, name: "", pieces };
}

function pieceOf(roll: Roll): string {
  const size = roll(2000) === 0 ? LARGEST : roll(300) === 0 ? HUGE : 0;
  const words = Array.from({ length: 1 + roll(5) }, () => WORDS[roll(WORDS.length)]!).join("");
  const bad = roll(40) === 0 ? `${BAD_BYTES[roll(BAD_BYTES.length)]![0]} ` : "";
  return words + bad + "x".repeat(size);
}

/** As every JSON writer spells it, since an API may hold it as an object. */
function argumentsOf(roll: Roll): string {
  const value = Object.fromEntries(
    Array.from({ length: roll(4) }, (_, index) => [
      `k${index}`,
      [WORDS[roll(WORDS.length)], roll(99), { a: [] }][roll(3)],
    ]),
  );
  return JSON.stringify(value);
}

/** In pieces that end anywhere, but inside of no character. */
function cut(text: string, roll: Roll): string[] {
  const characters = Array.from(text);
  const pieces: string[] = [];
  for (let start = 0; start < characters.length;) {
    const end = start + 1 + roll(7);
    pieces.push(characters.slice(start, end).join(""));
    start = end;
  }
  return pieces;
}

/** One piece of one part, as it is said. */
export interface Piece {
  readonly part: Part;
  /** Of the part among all. */
  readonly index: number;
  readonly text: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** The pieces in their order. `interleaves`: calls that follow each other speak in turns. */
export function piecesIn({ parts, order, failsAfter }: Script, interleaves: boolean): readonly Piece[] {
  const waiting = parts.map((part, index) =>
    part.pieces.map((text, at): Piece => ({
      part,
      index,
      text,
      isFirst: at === 0,
      isLast: at === part.pieces.length - 1,
    })),
  );
  const said: Piece[] = [];
  for (let turn = 0; waiting.some((left) => left.length > 0); turn++) {
    const first = waiting.findIndex((left) => left.length > 0);
    const open = interleaves ? waiting.slice(first).findIndex(([next]) => next?.part.kind !== "call") : 0;
    const calls = open < 0 ? waiting.length - first : open;
    const able = Array.from({ length: Math.max(1, calls) }, (_, at) => first + at).filter(
      (at) => waiting[at]!.length > 0,
    );
    said.push(waiting[able[order[turn]! % able.length]!]!.shift()!);
  }
  return failsAfter === undefined ? said : said.slice(0, failsAfter);
}

/** What these pieces say together. */
export function sayingOf(pieces: readonly Piece[]): Said {
  const told = (kind: Part["kind"]) =>
    pieces.map(({ part, text }) => (part.kind === kind ? decoded(text) : "")).join("");
  const calls = Map.groupBy(
    pieces.filter(({ part }) => part.kind === "call"),
    ({ index }) => index,
  );
  return {
    text: told("text"),
    thinking: told("thinking"),
    calls: [...calls.values()].map((own) => ({
      name: own[0]!.part.name,
      arguments: own.map(({ text }) => text).join(""),
    })),
  };
}

/** As a reader of UTF-8 understands what stands for bad bytes. */
function decoded(text: string): string {
  return BAD_BYTES.reduce((all, [mark, bytes]) => all.replaceAll(mark, Buffer.from(bytes).toString("utf8")), text);
}
