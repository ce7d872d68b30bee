import { seeded } from "../../src/statistics/sample.ts";
import { REPORT } from "../cache/pairs/families-report.ts";
import { generatePairs, type Pair } from "../cache/pairs/generate.ts";
import { inWords } from "../cache/pairs/values.ts";

/** A stream of questions in which some come again, and the truth about which of them are the same. */

/**
 * new       nobody has asked it
 * trap      nobody has asked it either, but something that hardly looks different
 * again     asked before, to the letter
 * reworded  asked before, in other words
 */
type Kind = "new" | "trap" | "again" | "reworded";

export interface Asking {
  readonly kind: Kind;
  readonly text: string;
}

/** Of each type of pairs. */
const PAIRS = 1000;

/**
 * So many questions of the report families, `repeats` of them asked before: half to the letter, half in the other words
 * of their pair. A third of the rest are traps. The same for the same arguments.
 */
export function streamOf(repeats: number, count: number, seed: number): Asking[] {
  const random = seeded(seed);
  const pairs = shuffled(generatePairs("report", PAIRS).filter(isRead), random);
  const same = pairs.filter(({ type }) => type === "paraphrase").values();
  const traps = pairs.filter(({ type }) => type !== "paraphrase").values();
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const known = new Set<string>();
  const asked: string[] = [];
  const wordings: string[] = [];
  const near: string[] = [];
  let fresh = 0;

  function neverAsked(): Asking {
    const turn = fresh++ % 3;
    if (turn === 2) return { kind: "trap", text: near.shift()! };
    const pair = next(turn === 0 ? same : traps, known);
    (turn === 0 ? wordings : near).push(pair.text_b);
    return { kind: "new", text: pair.text_a };
  }

  return kindsOf(repeats, count, random).map((kind) => {
    const asking =
      kind === "new" ? neverAsked() : ({ kind, text: pick(kind === "again" ? asked : wordings) } satisfies Asking);
    asked.push(asking.text);
    return asking;
  });
}

/** Translations have no family whose words could be read. */
const isRead = ({ family }: Pair): boolean => Object.hasOwn(REPORT, family);

/** The next one of which nothing was asked before, in whatever words. */
function next(pairs: Iterator<Pair>, known: Set<string>): Pair {
  for (;;) {
    const { value, done } = pairs.next();
    if (done) throw new Error("the stream needs more pairs");
    const meanings = [value.text_a, value.text_b].flatMap(meaningsOf);
    if (meanings.some((meaning) => known.has(meaning))) continue;
    for (const meaning of meanings) known.add(meaning);
    return value;
  }
}

/** In an order by chance; what is asked first was never asked before. */
function kindsOf(repeats: number, count: number, random: () => number): ("new" | "again" | "reworded")[] {
  const again = Math.round((repeats * count) / 2);
  const kinds = Array.from({ length: count - 1 }, (_, at) =>
    at < again ? "again" : at < 2 * again ? "reworded" : "new",
  );
  return ["new", ...shuffled(kinds, random)];
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const mixed = [...list];
  for (let at = mixed.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [mixed[at], mixed[other]] = [mixed[other]!, mixed[at]!];
  }
  return mixed;
}

/**
 * Whether two texts of the generator ask the same: one family, the same things, the same side of what is turned round.
 * Read back from the forms that they were made of, greetings and small letters aside.
 */
export function isSame(a: string, b: string): boolean {
  const known = meaningsOf(a);
  return a === b || meaningsOf(b).some((meaning) => known.includes(meaning));
}

interface Form {
  readonly family: string;
  readonly pattern: RegExp;
  /** Of each group: its slot, or undefined where it is a side. */
  readonly groups: readonly Group[];
}

type Group = { readonly slot: string } | { readonly turn: string; readonly sides: readonly string[] };

const PLACE = /\{([^}]+)\}|([[<])([^\]|>]*)\|([^\]>]*)[\]>]/gu;
const OPENING = "(?:please tell me: |hi, |quick question: |hello! )?";
const CLOSING = String.raw`\s?[?.]?(?: thanks!| thank you\.| please\.)?`;
const DIGITS = new Map(Array.from({ length: 1000 }, (_, value) => [inWords(value), String(value)]));

const FORMS: readonly Form[] = Object.entries(REPORT).flatMap(([family, forms]) =>
  forms.split(" / ").map((form) => readForm(family, form)),
);

function readForm(family: string, form: string): Form {
  const groups: Group[] = [];
  let pattern = "";
  let from = 0;
  for (const match of form.matchAll(PLACE)) {
    const [whole, slot, bracket, one, other] = match;
    pattern += escaped(form.slice(from, match.index));
    from = match.index + whole.length;
    if (slot === undefined) {
      const sides = [one!.toLowerCase(), other!.toLowerCase()];
      groups.push({ turn: bracket!, sides });
      pattern += `(${sides.map(escaped).join("|")})`;
    } else {
      groups.push({ slot: slot.startsWith("from:") ? "from" : slot });
      pattern += "(.+?)";
    }
  }
  pattern += escaped(form.slice(from).replace(/\s?[?.]$/u, ""));
  return { family, pattern: new RegExp(`^${OPENING}${pattern}${CLOSING}$`, "u"), groups };
}

function escaped(text: string): string {
  return text.toLowerCase().replaceAll(/[$()*+./?[\\\]^{|}]/gu, String.raw`\$&`);
}

const read = new Map<string, readonly string[]>();

function meaningsOf(text: string): readonly string[] {
  const known = read.get(text) ?? readMeanings(text);
  read.set(text, known);
  return known;
}

function readMeanings(text: string): string[] {
  const plain = text.toLowerCase();
  return FORMS.flatMap(({ family, pattern, groups }) => {
    const found = pattern.exec(plain);
    if (!found) return [];
    const values = groups.map((group, at) => {
      const value = found[at + 1]!;
      if ("slot" in group) return `${group.slot}=${DIGITS.get(value) ?? value}`;
      return `${group.turn}=${group.sides.indexOf(value)}`;
    });
    return `${family} ${[...new Set(values)].toSorted((a, b) => a.localeCompare(b)).join(" ")}`;
  });
}
