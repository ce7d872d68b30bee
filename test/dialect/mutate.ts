/** Turns good bodies into bad ones, the same way for the same seed. For fuzzing readers and doors. */
export type Mutator = (bytes: Uint8Array) => Uint8Array;

type Random = (below: number) => number;
type Mutation = (bytes: Buffer, random: Random) => Buffer;

// oxfmt-ignore
const TOKENS = [
  "{", "}", "[", "]", ",", ":", '"', "\\", "null", "true", "-0", "1e400", "0.1e-400", "{}", "[]", '""',
  '"\\ud800"', '"\\u0000"', '"__proto__":{"model":"x"},', '"model":5,', '"messages":null,', '"content":7,',
  '"\\u006dodel":"y",', "[[[[[[[[", '{"a":'.repeat(40), "\uFEFF", "\0", "NaN", "/**/", "'", "\r\n\r\n", "data: ",
];

const MUTATIONS: readonly Mutation[] = [
  function flipBits(bytes, random) {
    const copy = Buffer.from(bytes);
    for (let n = 1 + random(4); n > 0 && copy.length > 0; n--) copy[random(copy.length)]! ^= 1 << random(8);
    return copy;
  },
  function remove(bytes, random) {
    const [start, end] = stretch(bytes, random);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  function duplicate(bytes, random) {
    const [start, end] = stretch(bytes, random);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
  },
  function splice(bytes, random) {
    const at = random(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(TOKENS[random(TOKENS.length)]!), bytes.subarray(at)]);
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, random(bytes.length + 1));
  },
  function nest(bytes, random) {
    const levels = 1 + random(200);
    const [open, close] = random(2) === 0 ? ["[", "]"] : ['{"a":', "}"];
    return wrapValue(bytes, random, open.repeat(levels), close.repeat(levels));
  },
  function replaceValue(bytes, random) {
    const values = [
      "null",
      "7",
      "-1",
      "true",
      '"x"',
      "[]",
      "{}",
      '[{"type":"text"}]',
      '{"text":3}',
      "9".repeat(1 + random(400)),
    ];
    const span = value(bytes, random);
    if (!span) return bytes;
    const json = Buffer.from(values[random(values.length)]!);
    return Buffer.concat([bytes.subarray(0, span[0]), json, bytes.subarray(span[1])]);
  },
];

export function createMutator(seed: number): Mutator {
  const random = createRandom(seed);
  return (bytes) => {
    let mutated: Buffer = Buffer.from(bytes);
    for (let n = 1 + random(3); n > 0; n--) mutated = MUTATIONS[random(MUTATIONS.length)]!(mutated, random);
    return mutated;
  };
}

/** mulberry32: small, fast, and the same everywhere. */
function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * below);
  };
}

function stretch(bytes: Buffer, random: Random): [start: number, end: number] {
  const start = random(bytes.length + 1);
  return [start, Math.min(bytes.length, start + 1 + random(40))];
}

function wrapValue(bytes: Buffer, random: Random, open: string, close: string): Buffer {
  const span = value(bytes, random);
  if (!span) return Buffer.concat([Buffer.from(open), bytes, Buffer.from(close)]);
  const [start, end] = span;
  const inner = bytes.subarray(start, end);
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(open), inner, Buffer.from(close), bytes.subarray(end)]);
}

/** A member's value that is a scalar, an empty container or the first piece of one, found by the look of it. */
function value(bytes: Buffer, random: Random): [start: number, end: number] | undefined {
  const text = bytes.toString("latin1");
  const values = [...text.matchAll(/:\s*("(?:[^"\\]|\\.)*"|[\w.+-]+|\[[^[\]{}]*\]|\{[^[\]{}]*\})/g)];
  if (values.length === 0) return undefined;
  const match = values[random(values.length)]!;
  const end = match.index + match[0].length;
  return [end - match[1]!.length, end];
}
