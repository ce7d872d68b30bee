import { type Guard, wordsIn } from "./guard.ts";
import { once } from "./once.ts";
import type { Turn } from "./turn.ts";

/** Question words by what they ask for: a question for a time is none for a place. */
const KINDS: Readonly<Record<string, string>> = {
  person: "who whom whose wer wen wem quién quiénes qui chi quem inventor author",
  time: "when wann cuándo quand quando",
  place: "where wo wohin woher dónde où dove onde",
  reason: "why warum weshalb wieso pourquoi perché",
};
/** Of what follows "how", and of the measure that is asked for. */
const MEASURES = wordsIn("height length depth distance age weight duration speed size temperature frequency cost");

const kinds = new Map<string, string>();
for (const [kind, list] of Object.entries(KINDS)) for (const word of wordsIn(list)) kinds.set(word, kind);
for (const word of MEASURES) kinds.set(word, word);
// How long a road is, and how long a drive, may be one question.
kinds.set("length", "duration");

/** Only the words that open a question, or a part of it, ask; in "the day when it ended" nothing is asked. */
const READ = 12;

export const askedBy = once(({ tokens, language }: Turn): ReadonlySet<string> => {
  const found = new Set<string>();
  for (const { text } of tokens.slice(0, READ)) {
    // "qui" and "onde" are question words in their own language alone, and "wo" is none in English.
    const kind = kinds.get(text);
    if (kind !== undefined && !(text === "qui" && language !== "fr")) found.add(kind);
  }
  return found;
});

/** What speaks of a time without asking "when": the other way to ask for one. */
const TIMELY = new Set(
  wordsIn(`
  time times date dates year years day days month months week weeks hour hours season period century decade era age
  deadline schedule birthday anniversary often long until since soon
  zeit datum jahr tag monat woche stunde uhr geburtstag fecha año día mes hora tiempo date jour mois année heure temps
  `),
);
const speaksOfTime = ({ tokens }: Turn): boolean =>
  tokens.some(({ text }) => TIMELY.has(text) || kinds.get(text) === "duration");

/**
 * Both ask for something, and nothing of it is the same: a person beside a time, a height beside an age. A question for a
 * time has no like that does not speak of time at all.
 */
export const asked: Guard = {
  name: "asked",
  isDoubt: true,
  differ(a, b) {
    const [ours, theirs] = [askedBy(a), askedBy(b)];
    if (ours.has("time") && !theirs.has("time") && !speaksOfTime(b)) return true;
    if (theirs.has("time") && !ours.has("time") && !speaksOfTime(a)) return true;
    return ours.size > 0 && theirs.size > 0 && [...ours].every((kind) => !theirs.has(kind));
  },
};
