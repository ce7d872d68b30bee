import { detectLanguage } from "../text/language.ts";
import type { Case } from "./case.ts";
import { HEDGES } from "./features.ts";
import type { Gate, Verdict } from "./gate.ts";
import { breaks, jsonIn, parsed } from "./json.ts";
import { repetition } from "./repetition.ts";

/** What can be wrong with an answer by its looks alone: how often such an answer is good all the same, and the words for it. */
interface Fault {
  readonly good: number;
  readonly says: string;
  /** The beginning of an answer does not show it. */
  readonly needsWhole?: true;
  readonly has: (matter: Case) => boolean;
}

/** A reader who sees none of these faults knows this much. */
const UNSUSPICIOUS = 0.9;
const MOST_REFUSAL = 400;
const LOOP = 0.5;
/** Words of code, names and formulas are in no language; of fewer letters than this nothing is said. */
const FEWEST_LETTERS = 80;
/** A task that asks for so much is not done in so few characters. */
const LONG_TASK = /\b(?:essay|article|story|report|in detail|detailed|step by step|at least \d{3,} words)\b/iu;
const SHORT_FOR_LONG = 200;
const MANY_HEDGES = 6;

const REFUSAL =
  /\b(?:i(?:'m| am) (?:sorry|unable|not able)|i (?:can(?:no|')t|can not|won't|must decline)|as an ai\b|i do not have (?:access|the ability))/iu;
const DOUBT =
  /\b(?:i(?:'m| am) not (?:sure|certain|confident)|i don't know|low confidence|(?:cannot|can't) be (?:determined|sure)|this may be wrong|just a guess)\b/iu;
/** A model that was asked to rate itself, and rated itself below half. */
const LOW_RATING = /"?confidence"?\s*[:=]\s*"?(?:0?\.[0-4]\d*|[0-4]?\d ?%|low)\b/iu;

/** Whether a short text says, in plain words, that it will not answer. */
export const refuses = (text: string): boolean => text.length <= MOST_REFUSAL && REFUSAL.test(text);

const FAULTS: readonly Fault[] = [
  { good: 0.02, says: "it is empty", has: ({ answer, read }) => read.trim() === "" && !answer.calls?.length },
  { good: 0.05, says: "it was cut off", has: ({ answer }) => answer.finish === "length" },
  { good: 0.05, says: "it was filtered", has: ({ answer }) => answer.finish === "content_filter" },
  {
    good: 0.08,
    says: "it refuses",
    has: ({ read }) => refuses(read),
  },
  { good: 0.03, says: "it is no JSON of the form that was asked for", needsWhole: true, has: isMalformed },
  { good: 0.1, says: "it does not call a tool as it should", needsWhole: true, has: misusesTools },
  { good: 0.1, says: "it says the same again and again", has: ({ read }) => repetition(read) > LOOP },
  { good: 0.15, says: "it is in another language", has: isInOtherLanguage },
  { good: 0.3, says: "it says that it is not sure", has: ({ read }) => DOUBT.test(read) || LOW_RATING.test(read) },
  {
    good: 0.4,
    says: "it is short for what was asked",
    needsWhole: true,
    has: ({ asked, read }) => LONG_TASK.test(asked.turn.slice(0, 2_000)) && read.length < SHORT_FOR_LONG,
  },
  {
    good: 0.6,
    says: "it takes much back",
    has: ({ read }) => (read.match(HEDGES)?.length ?? 0) >= MANY_HEDGES,
  },
];

/** Looks at an answer as a hasty reader does: the worst of what is wrong with it counts. */
export const heuristics: Gate = { name: "heuristics", judge: looked };

function looked(matter: Case): Verdict {
  const { isBeginning } = matter.answer;
  const worst = FAULTS.find(({ has, needsWhole }) => !(isBeginning && needsWhole) && has(matter));
  return worst ? { good: worst.good, says: worst.says } : { good: UNSUSPICIOUS, says: "nothing looks wrong with it" };
}

function isMalformed({ asked: { format }, answer, read }: Case): boolean {
  if (format === undefined || answer.calls?.length) return false;
  // What was too long to be read whole cannot be told from what is broken.
  if (read.length < answer.text.length) return false;
  const found = jsonIn(read);
  return found === undefined || (format.kind === "schema" && breaks(found.value, format.schema));
}

function misusesTools({ asked: { tools, toolChoice }, answer: { calls = [] } }: Case): boolean {
  if (calls.some((call) => tools !== undefined && !tools.includes(call.name))) return true;
  if (calls.some((call) => call.arguments.trim() !== "" && parsed(call.arguments) === undefined)) return true;
  if (toolChoice === "required") return calls.length === 0;
  return typeof toolChoice === "object" && !calls.some(({ name }) => name === toolChoice.name);
}

function isInOtherLanguage({ asked, read }: Case): boolean {
  if ((read.match(/\p{L}/gu)?.length ?? 0) < FEWEST_LETTERS) return false;
  const wanted = asked.language ?? detectLanguage(asked.turn);
  const came = detectLanguage(read);
  return wanted !== undefined && came !== undefined && wanted !== came && !/translat|übersetz|tradu/iu.test(asked.turn);
}
