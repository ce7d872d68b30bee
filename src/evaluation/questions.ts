import { createHash } from "node:crypto";
import { RE2JS } from "re2js";
import { z } from "zod";
import { regexOption } from "../signals/regex.ts";
import { judgeQuestion, verdictOf } from "./judge.ts";
import { chosenOption, letterOf } from "./letter.ts";
import { type Parsed, parseRow } from "./rows.ts";

/** One question with a known answer. */
export interface Question {
  readonly id: string;
  /** The question as a router would see it. */
  readonly prompt: string;
  /** What the model is sent: the prompt, and how to answer it where that is ours to say. */
  readonly asked: string;
  readonly category?: string;
  /**
   * 1 for a right reply, 0 for a wrong one; undefined where no answer can be found in it, which counts as wrong. Of a
   * question with a judge, it is the judge's reply that is graded.
   */
  grade(reply: string): 0 | 1 | undefined;
  readonly judge?: Judge;
}

/** A model of the pool that says whether a reply is right. */
export interface Judge {
  readonly model: string;
  /** What it is asked about a reply. */
  about(reply: string): string;
}

const MOST_OPTIONS = 26;
const LONGEST_PROMPT = 1_000_000;

const prompt = z.string().trim().min(1).max(LONGEST_PROMPT);
const name = z.union([z.string().min(1).max(256), z.number()]).nullish();
const shared = {
  id: name,
  question_id: name,
  qid: name,
  category: z.string().nullish(),
  subject: z.string().nullish(),
};

const choiceRow = z
  .object({
    ...shared,
    question: prompt,
    options: z.array(z.string().max(LONGEST_PROMPT)).min(2).max(MOST_OPTIONS).optional(),
    choices: z.array(z.string().max(LONGEST_PROMPT)).min(2).max(MOST_OPTIONS).optional(),
    answer: z.union([z.string(), z.int()]),
  })
  .transform(({ options, choices, answer, ...row }, context) => {
    const all = options ?? choices;
    const right = all && rightOption(answer, all.length);
    if (all && right !== undefined) return { ...row, options: all, right };
    const wanted = all ? `must be the letter of one of the ${all.length} options, or its number from 0` : "is missing";
    context.addIssue({ code: "custom", path: [all ? "answer" : "options"], message: wanted });
    return z.NEVER;
  });

const texts = z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(100)]);

const expectation = z
  .strictObject({
    equals: z.string().min(1).optional(),
    contains: texts.optional(),
    matches: regexOption.optional(),
    number: z.number().optional(),
  })
  .refine((expect) => Object.keys(expect).length === 1, "says one of equals, contains, matches and number");

const gradedRow = z.object({ ...shared, prompt, expect: expectation });

const judgedRow = z.object({ ...shared, prompt, reference: prompt, judge: z.string().min(1).max(128) });

/** A line of a file of questions: multiple choice, or a prompt whose reply can be checked. */
export function readQuestion(bytes: Uint8Array): Parsed<Question> {
  const shape = parseRow(z.looseObject({}), bytes);
  if ("problem" in shape) return shape;
  if (shape.row["options"] !== undefined || shape.row["choices"] !== undefined) {
    const parsed = parseRow(choiceRow, bytes);
    return "row" in parsed ? { row: choiceOf(parsed.row) } : parsed;
  }
  if (shape.row["expect"] !== undefined) {
    const parsed = parseRow(gradedRow, bytes);
    return "row" in parsed ? { row: gradedOf(parsed.row) } : parsed;
  }
  if (shape.row["reference"] !== undefined) {
    const parsed = parseRow(judgedRow, bytes);
    return "row" in parsed ? { row: judgedOf(parsed.row) } : parsed;
  }
  return {
    problem:
      'is no question: it needs "question", "options" and "answer", or "prompt" and "expect", or "prompt", "reference" and "judge"',
  };
}

function rightOption(answer: string | number, options: number): number | undefined {
  const text = String(answer).trim();
  const at = /^[A-Za-z]$/u.test(text) ? text.toUpperCase().charCodeAt(0) - "A".charCodeAt(0) : Number(text);
  return text !== "" && Number.isInteger(at) && at >= 0 && at < options ? at : undefined;
}

type Names = Pick<z.output<typeof gradedRow>, keyof typeof shared>;

const namesOf = ({ id, question_id, qid, category, subject }: Names, content: string) => {
  const given = category ?? subject;
  return {
    id: String(id ?? question_id ?? qid ?? createHash("sha256").update(content).digest("hex").slice(0, 16)),
    ...(given != null && given !== "" && { category: given }),
  };
};

const HOW_TO_ANSWER =
  'Think as long as you need to. Then end with a line that says "Answer: " and the letter of the one option that is right, and nothing else.';

function choiceOf(row: z.output<typeof choiceRow>): Question {
  const { question, options, right } = row;
  const listed = [question, ...options.map((option, at) => `${letterOf(at)}. ${option}`)].join("\n");
  return {
    ...namesOf(row, listed),
    prompt: listed,
    asked: `${listed}\n\n${HOW_TO_ANSWER}`,
    grade(reply) {
      const chosen = chosenOption(reply, options);
      return chosen === undefined ? undefined : chosen === right ? 1 : 0;
    },
  };
}

function gradedOf(row: z.output<typeof gradedRow>): Question {
  const check = checkOf(row.expect);
  return { ...namesOf(row, row.prompt), prompt: row.prompt, asked: row.prompt, grade: check };
}

function judgedOf(row: z.output<typeof judgedRow>): Question {
  const about = (reply: string) => judgeQuestion(row.prompt, row.reference, reply);
  return {
    ...namesOf(row, row.prompt),
    prompt: row.prompt,
    asked: row.prompt,
    grade: verdictOf,
    judge: { model: row.judge, about },
  };
}

function checkOf({ equals, contains, matches, number }: z.output<typeof expectation>): Question["grade"] {
  if (number !== undefined) return (reply) => numberGrade(reply, number);
  if (matches !== undefined) {
    const pattern = RE2JS.compile(matches);
    return (reply) => graded(pattern.test(reply));
  }
  if (equals !== undefined) return (reply) => graded(folded(reply) === folded(equals));
  const wanted = [contains ?? []].flat().map(folded);
  return (reply) => graded(wanted.every((text) => folded(reply).includes(text)));
}

const graded = (isRight: boolean) => (isRight ? 1 : 0);

/** Case, and how white space is made of, say nothing. */
const folded = (text: string) => text.normalize("NFKC").trim().replaceAll(/\s+/gu, " ").toLowerCase();

const NUMBER = /-?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:e[+-]?\d+)?/giu;
const CLOSE = 1e-6;

/** The last number of the reply, thousands with commas or without; undefined where there is none. */
function numberGrade(reply: string, wanted: number): 0 | 1 | undefined {
  const found = reply.match(NUMBER)?.findLast((text) => /\d/u.test(text));
  if (found === undefined) return undefined;
  const said = Number(found.replaceAll(",", ""));
  return graded(Math.abs(said - wanted) <= CLOSE * Math.max(1, Math.abs(wanted)));
}
