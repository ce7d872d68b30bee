import { EncoderError } from "./encoder.ts";

const MOST_TOKENS = 1_000_000;
const LONGEST_TOKEN = 256;
/** Spreads keys over the slots: 2^32 divided by the golden ratio. */
const SPREAD = 0x9e37_79b1;

/**
 * A WordPiece vocabulary as a trie over UTF-16 units, in shared memory: all threads read one copy, and a word is looked
 * up without a string being made. Token ids are line numbers.
 */
export interface Vocabulary {
  /** Tokens. */
  readonly size: number;
  readonly unknown: number;
  readonly first: number;
  readonly last: number;
  readonly padding: number;
  /** By unit: its number among the units that occur in tokens, 0 for one that occurs in none. */
  readonly letters: Uint16Array;
  /** How many letters there are, 0 counted. */
  readonly letterCount: number;
  /** Open hash of the trie's edges: pairs of key (node * letterCount + letter) and child node. Key 0 is a free slot. */
  readonly edges: Int32Array;
  /** Bits by which a spread key is shifted to its slot. */
  readonly shift: number;
  /** By node: the token that ends there, or -1. */
  readonly tokens: Int32Array;
  /** The node from which pieces inside a word are looked up. */
  readonly inside: number;
  /** By token: 1 where it continues a word. */
  readonly continues: Uint8Array;
}

/**
 * @param text one token a line
 * @throws EncoderError `model` where it lacks a special token or is no vocabulary
 */
export function readVocabulary(text: string): Vocabulary {
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  if (lines.at(-1) === "") lines.pop();
  if (lines.length > MOST_TOKENS || lines.some((line) => line.length > LONGEST_TOKEN)) {
    throw new EncoderError("model", `A vocabulary has at most ${MOST_TOKENS} lines of ${LONGEST_TOKEN} characters.`);
  }
  const find = (token: string): number => {
    const id = lines.indexOf(token);
    if (id < 0) throw new EncoderError("model", `The vocabulary lacks ${token}.`);
    return id;
  };
  const special = { unknown: find("[UNK]"), first: find("[CLS]"), last: find("[SEP]"), padding: find("[PAD]") };
  const { letters, letterCount } = numberLetters([...lines, "##"]);
  const continues = new Uint8Array(new SharedArrayBuffer(lines.length));
  for (const [id, line] of lines.entries()) if (line.length > 2 && line.startsWith("##")) continues[id] = 1;
  return { size: lines.length, ...special, continues, letters, letterCount, ...growTrie(lines, letters, letterCount) };
}

function numberLetters(lines: readonly string[]): Pick<Vocabulary, "letters" | "letterCount"> {
  const letters = new Uint16Array(new SharedArrayBuffer(0x2_0000));
  let letterCount = 1;
  for (const line of lines) {
    for (let at = 0; at < line.length; at++) {
      const unit = line.charCodeAt(at);
      if (letters[unit] === 0) letters[unit] = letterCount++;
    }
  }
  return { letters, letterCount };
}

function growTrie(
  lines: readonly string[],
  letters: Uint16Array,
  letterCount: number,
): Pick<Vocabulary, "edges" | "shift" | "tokens" | "inside"> {
  const most = lines.reduce((sum, line) => sum + line.length, 3);
  if (most * letterCount > 0x7fff_ffff) throw new EncoderError("model", "The vocabulary is too large.");
  const bits = Math.max(4, Math.ceil(Math.log2(1.2 * most)));
  const shift = 32 - bits;
  const edges = shared(2 << bits);
  const mask = (1 << bits) - 1;
  let nodes = 1;

  function childOf(node: number, letter: number): number {
    const key = node * letterCount + letter;
    let slot = Math.imul(key, SPREAD) >>> shift;
    for (; edges[2 * slot] !== 0; slot = (slot + 1) & mask) {
      if (edges[2 * slot] === key) return edges[2 * slot + 1]!;
    }
    edges[2 * slot] = key;
    edges[2 * slot + 1] = nodes;
    return nodes++;
  }
  function nodeOf(token: string): number {
    let node = 0;
    for (let at = 0; at < token.length; at++) node = childOf(node, letters[token.charCodeAt(at)]!);
    return node;
  }

  const ends = lines.map(nodeOf);
  const inside = nodeOf("##");
  const tokens = shared(nodes).fill(-1);
  for (const [id, node] of ends.entries()) if (node !== 0) tokens[node] = id;
  return { edges, shift, tokens, inside };
}

function shared(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * length));
}

/** The node that a letter leads to, or -1. */
export function step({ edges, shift, letterCount }: Vocabulary, node: number, letter: number): number {
  if (letter === 0) return -1;
  const key = node * letterCount + letter;
  const mask = 0xffff_ffff >>> shift;
  for (let slot = Math.imul(key, SPREAD) >>> shift; ; slot = (slot + 1) & mask) {
    const found = edges[2 * slot]!;
    if (found === key) return edges[2 * slot + 1]!;
    if (found === 0) return -1;
  }
}
