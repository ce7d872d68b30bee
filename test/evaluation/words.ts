import {
  type Encoder,
  EncoderError,
  type Encoding,
  type Prediction,
  type Stage,
  type Suspect,
} from "../../src/inference/encoder.ts";

/** What the tiny encoder answers, and what it does not have. */
export interface Tiny {
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  readonly full?: boolean;
  /** Texts with this word fail with the fault of that name. */
  readonly faults?: Readonly<Record<string, EncoderError["fault"]>>;
}

const WIDTH = 64;
const WINDOW = 12;
export const LABELS = {
  domain: ["law", "math", "other"],
  difficulty: ["simple", "moderate", "complex"],
  failure: ["small", "medium", "large"],
  safety: ["benign", "harmful", "jailbreak", "injection"],
};

/**
 * An encoder of a few lines. A text says itself what it means: `law:0.8` gives the label law a probability of 0.8 and
 * the others of the head equal parts of the rest; capitalised names are persons. Its full stage is 0.1 surer, reads
 * twelve words, and knows names without capitals too; the word `unheard` keeps it from a second reading.
 */
export function createTiny({ labels = LABELS, full = false, faults = {} }: Tiny = {}): Encoder {
  const check = (text: string) => {
    for (const [word, fault] of Object.entries(faults)) {
      if (text.includes(word)) throw new EncoderError(fault, `The reader failed by ${fault}.`);
    }
  };
  const read = (text: string, stage: Stage): Encoding => {
    check(text);
    const words = text.split(/\s+/u).filter(Boolean);
    const seen = stage === "full" ? words.slice(0, WINDOW) : words;
    return {
      stage,
      vector: unit(bag(seen)),
      features: bag(seen),
      heads: Object.fromEntries(
        Object.entries(labels).map(([name, own]) => [name, answer(seen, own, stage === "full" ? 0.1 : 0)]),
      ),
      tokens: seen.length,
      cut: seen.length < words.length,
    };
  };
  return {
    version: "tiny-1",
    hasFullStage: full,
    labels,
    encode: (text) => read(text, "static"),
    refine: async (text) => read(text, "full"),
    scan(texts, { safety, entities }) {
      for (const text of texts) check(text);
      return {
        suspects: texts.map((text) => (safety ? suspectsIn(text, labels["safety"] ?? []) : [])),
        safety: safety ? texts.map((text) => worst(text, labels["safety"] ?? [])) : [],
        entities: entities ? texts.map((text) => persons(text)) : [],
        tokens: 0,
        unreadUnits: 0,
      };
    },
    rescan: async (texts, scan, { safety }) => {
      if (!full) return scan;
      const isDoubtful = (at: number) => safety && scan.suspects[at]!.length > 0;
      const read = safety ? texts.filter((_, at) => isDoubtful(at)).length : texts.length;
      const again = texts.some((text) => text.includes("unheard"))
        ? { second: { read: 0, missed: read, fault: "overloaded" as const }, unreadUnits: safety ? 0 : 1 }
        : {
            safety: scan.safety.map((first, at) => (isDoubtful(at) ? surer(first) : first)),
            entities: safety ? scan.entities : texts.map((text) => persons(text, "giu")),
            second: { read, missed: 0 },
          };
      return read === 0 ? scan : { ...scan, ...again };
    },
    close: async () => undefined,
  };
}

function answer(words: readonly string[], labels: readonly string[], surer: number): Prediction {
  const said = words.map((word) => word.split(":")).find(([label]) => labels.includes(label!));
  const probability = Math.min(1, Number(said?.[1] ?? 1 / labels.length) + (said ? surer : 0));
  const rest = said ? (1 - probability) / (labels.length - 1) : 1 / labels.length;
  return {
    probabilities: Object.fromEntries(labels.map((label) => [label, label === said?.[0] ? probability : rest])),
    known: said ? 0.9 : 0.2,
  };
}

function worst(text: string, labels: readonly string[]): Record<string, number> {
  const words = text.split(/\s+/u).filter(Boolean);
  const worst: Record<string, number> = {};
  for (let start = 0; start < Math.max(1, words.length); start += WINDOW) {
    const { probabilities } = answer(words.slice(start, start + WINDOW), labels, 0);
    for (const label of labels.filter((name) => name !== "benign"))
      worst[label] = Math.max(worst[label] ?? 0, probabilities[label]!);
  }
  return worst;
}

/** A label that is neither sure nor improbable makes a text suspicious. */
function suspectsIn(text: string, labels: readonly string[]): Suspect[] {
  const probabilities = worst(text, labels);
  const suspicion = (probabilities["jailbreak"] ?? 0) + (probabilities["injection"] ?? 0);
  return suspicion > 0.55 ? [{ start: 0, end: text.length, suspicion, probabilities }] : [];
}

const surer = (scan: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(scan).map(([label, own]) => [label, own > 0.5 ? Math.min(1, own + 0.1) : own]));

const persons = (text: string, flags = "gu") =>
  [...text.matchAll(new RegExp("\\b(?:Ana|Bo|Chen)\\b", flags))].map(({ 0: name, index }) => ({
    start: index,
    end: index + name.length,
    type: "PERSON",
    probability: 0.9,
  }));

function bag(words: readonly string[]): Float32Array {
  const counts = new Float32Array(WIDTH);
  for (const word of words) {
    let hash = 7;
    for (const letter of word) hash = (Math.imul(hash, 31) + letter.codePointAt(0)!) >>> 0;
    counts[hash % WIDTH]! += 1;
  }
  return counts;
}

function unit(values: Float32Array): Float32Array {
  const length = Math.hypot(...values) || 1;
  return values.map((value) => value / length);
}
