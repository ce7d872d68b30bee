import type { Entity } from "./encoder.ts";
import { foldPoint, HAN, isPairAt, kindOf, PUNCTUATION } from "./folding.ts";
import type { Piece } from "./piece.ts";

const MOST_ENTITIES = 4096;

/** How tags are read: `O`, then `B` and `I` of each type. */
export interface Tagging {
  readonly types: readonly string[];
  /** Least probability of an entity that is told. */
  readonly least: number;
  /** By token: 1 where it continues a word. */
  readonly continues: Uint8Array;
}

export const tagCount = (types: readonly string[]): number => 1 + 2 * types.length;

/** A word, or a punctuation mark, and what its tokens say together. */
interface Word {
  readonly start: number;
  readonly end: number;
  readonly isMark: boolean;
  readonly tokens: number;
  /** Position in `types`; -1 for none. */
  readonly type: number;
  /** Sum over its tokens of the probability of that type; 0 for none. */
  readonly sum: number;
  /** Whether an entity begins with it rather than going on. */
  readonly begins: boolean;
}

/**
 * Entities by BIO tags. A word has the type that its tokens find likeliest together, so that a span covers whole words;
 * it opens a span where its first token says B or where no span of its type is open. Marks neither open nor end a span,
 * and one that nobody tagged does not part what goes on behind it. A probability is the mean of the span's tokens'.
 * @param logits [tokens][tags], without special tokens
 */
export function decodeEntities(piece: Piece, text: string, logits: Float32Array, tagging: Tagging): Entity[] {
  const found: Entity[] = [];
  let open: Span | undefined;
  let marks: Word[] = [];
  const close = () => {
    if (open !== undefined) found.push(entityOf(open, tagging.types));
    open = undefined;
    marks = [];
  };
  for (const word of wordsOf(piece, text, logits, tagging)) {
    const goesOn = open !== undefined && (word.type === open.type || (word.isMark && word.type < 0));
    if (word.isMark) {
      if (goesOn && (word.type >= 0 || marks.length === 0)) marks.push(word);
      else close();
    } else if (word.type < 0) close();
    else if (goesOn && !word.begins) {
      for (const part of [...marks, word]) extend(open!, part);
      marks = [];
    } else {
      close();
      open = { ...word };
    }
  }
  close();
  return found.filter(({ probability }) => probability >= tagging.least);
}

interface Span {
  start: number;
  end: number;
  tokens: number;
  sum: number;
  type: number;
}

function extend(span: Span, { end, tokens, sum }: Word): void {
  span.end = end;
  span.tokens += tokens;
  span.sum += sum;
}

function entityOf({ start, end, type, tokens, sum }: Span, types: readonly string[]): Entity {
  return { start, end, type: types[type]!, probability: Math.min(1, sum / tokens) };
}

function* wordsOf(
  { ids, starts, ends }: Piece,
  text: string,
  logits: Float32Array,
  { types, continues }: Tagging,
): Generator<Word> {
  const width = tagCount(types);
  for (let first = 0; first < ids.length;) {
    let last = first + 1;
    while (last < ids.length && continues[ids[last]!] === 1) last++;
    const sums = new Float64Array(width);
    for (let at = first; at < last; at++) addProbabilities(logits, at * width, sums);
    const type = likeliest(sums);
    const begin = new Float64Array(width);
    addProbabilities(logits, first * width, begin);
    yield {
      start: starts[first]!,
      end: ends[last - 1]!,
      isMark: isMark(text, starts[first]!),
      tokens: last - first,
      type,
      sum: type < 0 ? 0 : sums[1 + 2 * type]! + sums[2 + 2 * type]!,
      begins: type >= 0 && begin[1 + 2 * type]! > begin[2 + 2 * type]!,
    };
    first = last;
  }
}

/** The type whose B and I together are likelier than nothing and than any other; -1 where there is none. */
function likeliest(sums: Float64Array): number {
  let best = -1;
  let most = sums[0]!;
  for (let type = 0; 2 * type + 2 < sums.length; type++) {
    const sum = sums[1 + 2 * type]! + sums[2 + 2 * type]!;
    if (sum > most) [best, most] = [type, sum];
  }
  return best;
}

function addProbabilities(logits: Float32Array, from: number, sums: Float64Array): void {
  const own = logits.subarray(from, from + sums.length);
  const most = own.reduce((a, b) => Math.max(a, b), -Infinity);
  let total = 0;
  for (const value of own) total += Math.exp(value - most);
  for (const [tag, value] of own.entries()) sums[tag]! += Math.exp(value - most) / total;
}

function isMark(text: string, at: number): boolean {
  const kind = kindOf(text.charCodeAt(at));
  if (kind === PUNCTUATION) return true;
  return kind !== HAN && isPairAt(text, at) && foldPoint(text.codePointAt(at)!).isPunctuation;
}

/**
 * What neighbouring parts of a text both saw is told once: findings of one type that overlap are one, of two types the
 * more probable stands. The list is kept in order and without overlaps.
 */
export function addEntity(entities: Entity[], entity: Entity): void {
  let to = entities.length;
  while (to > 0 && entities[to - 1]!.start >= entity.end) to--;
  let from = to;
  while (from > 0 && entities[from - 1]!.end > entity.start) from--;
  const met = entities.slice(from, to);
  if (met.some(({ type, probability }) => type !== entity.type && probability >= entity.probability)) return;
  if (met.length === 0 && entities.length >= MOST_ENTITIES) return;
  entities.splice(from, to - from, met.filter(({ type }) => type === entity.type).reduce(union, entity));
}

function union(a: Entity, b: Entity): Entity {
  return {
    start: Math.min(a.start, b.start),
    end: Math.max(a.end, b.end),
    type: a.type,
    probability: Math.max(a.probability, b.probability),
  };
}
