import type { LoadedEncoder } from "../../src/inference/create.ts";
import {
  EncoderError,
  type EncoderFault,
  type Encoding,
  type Entity,
  type Prediction,
  type Scan,
  type SecondReading,
  type Suspect,
} from "../../src/inference/encoder.ts";

/** Words by label: a head finds a label where one of its words stands. */
type Words = Readonly<Record<string, readonly string[]>>;

const DOMAIN: Words = {
  math: ["equation", "integral", "prove", "theorem"],
  law: ["contract", "lawsuit", "liability"],
  history: ["empire", "century"],
  other: ["hello", "weather", "song"],
};
const INTENT: Words = {
  factual: ["who", "what"],
  creative: ["poem", "story"],
  code_generation: ["function", "python"],
};
const DIFFICULTY: Words = { simple: ["hello", "weather"], moderate: ["explain"], complex: ["prove", "derive"] };
/** Phrases by what they are. */
const SAFETY: Readonly<Record<string, string>> = {
  jailbreak: "open the hidden gate",
  injection: "forward all of this",
  harmful: "poison the well",
};
const ENTITIES: Readonly<Record<string, string>> = {
  PERSON: "Jane Miller",
  STREET_ADDRESS: "12 Elm Street",
  ORGANIZATION: "Acme Corp",
  LOCATION: "Lisbon",
};

const DIMENSIONS = 64;
/** Longer text is read later, as the real encoder does. */
const SHORT_UNITS = 4096;

export interface MemoryEncoderOptions {
  readonly hasFullStage?: boolean;
  /** Heads of the full stage that differ from those of the static one, by text. */
  readonly full?: (text: string) => Encoding["heads"] | undefined;
  /** What goes wrong. */
  readonly faults?: Readonly<Partial<Record<"encode" | "refine" | "scan" | "rescan", EncoderFault>>>;
  /** Texts that the static stage doubts: how suspicious it finds them. */
  readonly suspicion?: (text: string) => number | undefined;
  /** What the full stage makes of safety where it reads again. */
  readonly again?: (text: string) => Scan["safety"][number];
  /** How the second reading went, where not all was read. */
  readonly second?: SecondReading;
  /** A full stage that answers when it is cancelled at the earliest. */
  readonly isStuck?: boolean;
  readonly unreadUnits?: number;
  readonly heads?: readonly string[];
}

export interface MemoryEncoder extends LoadedEncoder {
  /** What was asked of it so far. */
  readonly asked: { encode: number; refine: number; scan: number; rescan: number };
  /** The time that the latest second reading was given. */
  rescanMs: number;
  isClosed: boolean;
}

/** An encoder without weights, whose answers follow from the words of the text alone. */
export function memoryEncoder(options: MemoryEncoderOptions = {}): MemoryEncoder {
  const { hasFullStage = true, faults = {}, heads = ["domain", "intent", "difficulty", "failure", "safety"] } = options;
  const labels = {
    domain: Object.keys(DOMAIN),
    intent: Object.keys(INTENT),
    difficulty: Object.keys(DIFFICULTY),
    failure: ["small", "medium", "large"],
    safety: ["benign", ...Object.keys(SAFETY)],
  };
  const given = Object.entries(labels).filter(([name]) => heads.includes(name));
  const asked = { encode: 0, refine: 0, scan: 0, rescan: 0 };
  const fail = (part: keyof typeof asked) => {
    const fault = faults[part];
    if (fault) throw new EncoderError(fault, `no ${part}`);
  };
  return {
    version: "memory-1",
    hasFullStage,
    labels: Object.fromEntries(given),
    abstainBelow: Object.fromEntries(given.map(([name]) => [name, { static: 0.5, full: 0.5 }])),
    asked,
    isClosed: false,
    rescanMs: 0,
    encode(text) {
      asked.encode += 1;
      fail("encode");
      const encoding = encodingOf(text, "static", heads);
      return text.length <= SHORT_UNITS ? encoding : later(encoding);
    },
    async refine(text, _deadlineMs, abort) {
      asked.refine += 1;
      fail("refine");
      if (options.isStuck) await new Promise((resolve) => abort?.addEventListener("abort", resolve, { once: true }));
      const encoding = encodingOf(text, "full", heads);
      return later({ ...encoding, heads: { ...encoding.heads, ...options.full?.(text) } });
    },
    scan(texts, wants) {
      asked.scan += 1;
      fail("scan");
      const suspects = texts.map((text) => suspectsIn(text, options.suspicion?.(text)));
      const scan: Scan = {
        suspects: wants.safety ? suspects : texts.map(() => []),
        safety: texts.map((text) => (wants.safety ? safetyOf(text) : {})),
        entities: texts.map((text) => (wants.entities ? entitiesOf(text) : [])),
        tokens: 0,
        unreadUnits: options.unreadUnits ?? 0,
      };
      return texts.reduce((sum, text) => sum + text.length, 0) <= SHORT_UNITS ? scan : later(scan);
    },
    async rescan(texts, scan, { safety, deadlineMs }) {
      asked.rescan += 1;
      this.rescanMs = deadlineMs;
      fail("rescan");
      if (options.isStuck) await new Promise(() => {});
      const { second = { read: 1, missed: 0 } } = options;
      const again = (first: Scan["safety"][number], at: number) =>
        safety && scan.suspects[at]!.length > 0 && second.read > 0 ? (options.again?.(texts[at]!) ?? first) : first;
      return later({
        ...scan,
        safety: scan.safety.map(again),
        unreadUnits: scan.unreadUnits + (safety ? 0 : second.missed),
        second,
      });
    },
    async close() {
      this.isClosed = true;
    },
  };
}

/** One label surely found: what `full` may give. */
export function sure(label: string, others: readonly string[]): Prediction {
  const rest = others.filter((other) => other !== label);
  return {
    probabilities: Object.fromEntries([[label, 0.97], ...rest.map((other) => [other, 0.03 / rest.length])]),
    known: 0.95,
  };
}

async function later<T>(value: T): Promise<T> {
  await new Promise((resolve) => setImmediate(resolve));
  return value;
}

function encodingOf(text: string, stage: Encoding["stage"], heads: readonly string[]): Encoding {
  const words = wordsOf(text);
  const hard = words.some((word) => DIFFICULTY["complex"]!.includes(word)) ? 0.8 : 0.1;
  const all: Record<string, Prediction> = {
    domain: choice(words, DOMAIN),
    intent: choice(words, INTENT),
    difficulty: choice(words, DIFFICULTY),
    failure: { probabilities: { small: hard, medium: hard / 2, large: hard / 4 }, known: 0.9 },
    safety: { probabilities: { benign: 1 }, known: 0.9 },
  };
  return {
    stage,
    vector: vectorOf(words, stage === "static" ? 7 : 13),
    features: new Float32Array(0),
    heads: Object.fromEntries(Object.entries(all).filter(([name]) => heads.includes(name))),
    tokens: words.length,
    cut: false,
  };
}

function choice(words: readonly string[], table: Words): Prediction {
  const counts = Object.entries(table).map(([label, known]) => {
    return [label, words.filter((word) => known.includes(word)).length] as const;
  });
  const weights = counts.map(([label, count]) => [label, Math.exp(2 * count)] as const);
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  const probabilities = Object.fromEntries(weights.map(([label, weight]) => [label, weight / sum]));
  return { probabilities, known: counts.some(([, count]) => count > 0) ? 0.9 : 0.2 };
}

/** A bag of words: texts that share words are near. The seed makes a space of its own. */
function vectorOf(words: readonly string[], seed: number): Float32Array {
  const vector = new Float32Array(DIMENSIONS);
  for (const word of words) {
    let state = seed;
    for (const character of word) state = (Math.imul(state, 31) + character.codePointAt(0)!) >>> 0;
    for (let at = 0; at < DIMENSIONS; at++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      vector[at]! += state / 2 ** 31 - 1;
    }
  }
  const length = Math.hypot(...vector);
  return length > 0 ? vector.map((value) => value / length) : vector;
}

const MOST_READ = 20_000;
const wordsOf = (text: string): string[] =>
  text
    .slice(0, MOST_READ)
    .toLowerCase()
    .match(/\p{L}+/gu) ?? [];

function safetyOf(text: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(SAFETY).map(([label, phrase]) => [label, text.includes(phrase) ? 0.9 : 0.01]),
  );
}

function suspectsIn(text: string, suspicion: number | undefined): Suspect[] {
  if (suspicion === undefined) return [];
  return [{ start: 0, end: text.length, suspicion, probabilities: { benign: 1 - suspicion, jailbreak: suspicion } }];
}

function entitiesOf(text: string): Entity[] {
  return Object.entries(ENTITIES).flatMap(([type, name]) => {
    const found = [name, name.split(" ")[0]!].find((part) => text.includes(part));
    if (found === undefined || (type !== "PERSON" && found !== name)) return [];
    const start = text.indexOf(found);
    return [{ start, end: start + found.length, type, probability: 0.95 }];
  });
}
