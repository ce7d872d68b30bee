import type { Model } from "../contracts.ts";
import type { Question } from "../evaluation/questions.ts";
import { expectedCostUsd } from "../pool/cost.ts";
import { estimateTokens } from "../text/tokens.ts";
import type { Asked, Asker } from "./asker.ts";
import type { OutcomeLine } from "./outcome-file.ts";

export interface Plan {
  readonly questions: readonly Question[];
  readonly models: readonly Model[];
  /** What is known from before, by question: it is not asked again, but for what failed. */
  readonly known: ReadonlyMap<string, OutcomeLine>;
  readonly parallel: number;
  /** Longest reply, in tokens. */
  readonly maxTokens: number;
  /** USD; no limit when absent. */
  readonly maxCostUsd?: number;
  readonly abort: AbortSignal;
  /** A question about which there is more to tell than before: every model has answered or failed, or the run has stopped. */
  line(line: OutcomeLine): void;
  progress(now: Progress): void;
}

export interface Progress {
  readonly done: number;
  readonly of: number;
  readonly costUsd: number;
}

/** What a run came to, beside its lines. */
export interface Tally {
  readonly asked: number;
  readonly costUsd: number;
  /** Replies by model in which no answer could be found, and replies that the limit of tokens cut. */
  readonly unclear: Readonly<Record<string, number>>;
  readonly cut: Readonly<Record<string, number>>;
  /** Failures by model and reason. */
  readonly failed: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Models that failed so often in a row that they were not asked any more. */
  readonly dropped: readonly string[];
  /** Why it ended before everything was asked. */
  readonly stopped?: "interrupted" | "cost";
}

/** A question under way: what it is known to have come to so far. */
interface Open {
  readonly question: Question;
  readonly line: Writable;
  waiting: number;
  isChanged: boolean;
}

type Writable = { -readonly [Key in keyof OutcomeLine]: OutcomeLine[Key] };

/** Asks each model each question that it has not answered yet, question by question, `parallel` at a time. */
export async function askAll(asker: Asker, plan: Plan): Promise<Tally> {
  const open = plan.questions.map((question) => opened(question, plan));
  const work = open.flatMap((each) => missing(each.line, plan.models).map((model) => ({ each, model })));
  const tally = createTally(plan.models);
  const running = new Set<Promise<void>>();
  let reserved = 0;
  let stopped: Tally["stopped"];

  const settle = async ({ each, model }: (typeof work)[number], worst: number) => {
    const { asked, toGrade, judgeUsd } = await examined(asker, each.question, model, plan);
    reserved -= worst;
    each.waiting -= 1;
    const isAnswer = asked.kind === "answered" || !plan.abort.aborted;
    const grade = isAnswer ? note(each, model.name, asked, toGrade) : undefined;
    tally.add(model.name, asked, { judgeUsd, grade, isAnswer });
    if (each.waiting === 0) tell(each, plan);
    plan.progress({ done: tally.done, of: work.length, costUsd: tally.costUsd });
  };

  for (const item of work) {
    if (tally.isDropped(item.model.name)) continue;
    const worst = worstCost(asker, item.model, item.each.question, plan.maxTokens);
    const fits = () => tally.costUsd + reserved + worst <= (plan.maxCostUsd ?? Number.POSITIVE_INFINITY);
    while (running.size >= plan.parallel || (running.size > 0 && !fits())) await Promise.race(running);
    if (plan.abort.aborted) stopped = "interrupted";
    else if (!fits()) stopped = "cost";
    if (stopped) break;
    // While a place was waited for, another answer may have been the last of its model.
    if (tally.isDropped(item.model.name)) continue;
    reserved += worst;
    const task = settle(item, worst).finally(() => running.delete(task));
    running.add(task);
  }
  await Promise.all(running);
  if (plan.abort.aborted && tally.done < work.length) stopped = "interrupted";
  for (const each of open) if (each.waiting > 0) tell(each, plan);
  return { ...tally.result(), ...(stopped && { stopped }) };
}

function opened(question: Question, { known, models }: Plan): Open {
  const { id, prompt, category } = question;
  const before = known.get(id);
  const { failed: _again, ...line } = before ?? { scores: {}, output_tokens: {}, cost_usd: {}, latency_ms: {} };
  const open = { ...structuredClone(line), id, prompt, ...(category !== undefined && { category }) };
  return { question, line: open, waiting: missing(open, models).length, isChanged: false };
}

const missing = ({ scores }: Pick<OutcomeLine, "scores">, models: readonly Model[]) =>
  models.filter(({ name }) => !Object.hasOwn(scores, name));

/** A judge says a sentence or two. */
const JUDGE_TOKENS = 1024;

/** The prompt is short beside the reply, so that an estimate of it will do. A judge reads the reply too. */
function worstCost({ pool }: Asker, { price }: Model, { asked, judge }: Question, maxTokens: number): number {
  const input = 2 * estimateTokens(asked);
  const own = expectedCostUsd(price, input, maxTokens);
  if (!judge) return own;
  return own + expectedCostUsd(pool.byName.get(judge.model)!.price, 2 * input + maxTokens, JUDGE_TOKENS);
}

/** What a model replied, and what of it is graded: the reply, or what the judge says of it. */
interface Examined {
  readonly asked: Asked;
  readonly toGrade: string;
  /** USD. It is the run's and not the model's. */
  readonly judgeUsd: number;
}

async function examined(asker: Asker, question: Question, model: Model, plan: Plan): Promise<Examined> {
  const asked = await asker.ask(model, question.asked, plan.maxTokens, plan.abort);
  if (asked.kind === "failed") return { asked, toGrade: "", judgeUsd: 0 };
  if (!question.judge) return { asked, toGrade: asked.text, judgeUsd: 0 };
  const judge = asker.pool.byName.get(question.judge.model)!;
  const said = await asker.ask(judge, question.judge.about(asked.text), JUDGE_TOKENS, plan.abort);
  const judgeUsd = said.costUsd;
  if (said.kind === "answered") return { asked, toGrade: said.text, judgeUsd };
  return { asked: { kind: "failed", why: `judge_${said.why}`, costUsd: asked.costUsd }, toGrade: "", judgeUsd };
}

/** The score that the reply got; undefined where nothing was found in it. */
function note(each: Open, model: string, asked: Asked, toGrade: string): 0 | 1 | undefined {
  each.isChanged = true;
  const { line, question } = each;
  if (asked.kind === "failed") {
    line.failed = { ...line.failed, [model]: asked.why };
    return undefined;
  }
  const grade = question.grade(toGrade);
  const { usage } = asked;
  line.scores[model] = grade ?? 0;
  line.output_tokens[model] = usage.outputTokens;
  line.cost_usd[model] = Number(asked.costUsd.toPrecision(DIGITS));
  line.latency_ms[model] = Math.round(asked.latencyMs);
  line.input_tokens ??= usage.inputTokens;
  return grade;
}

/** More would be noise of the sum. */
const DIGITS = 9;

/** Nothing is written of a question that nobody has answered: it would tell nothing. */
function tell(each: Open, plan: Plan): void {
  if (each.isChanged && Object.keys(each.line.scores).length > 0) plan.line({ ...each.line });
  each.isChanged = false;
}

/** Questions to a server that is gone cost nothing but time, and there may be thousands of them. */
const MOST_FAILURES = 20;

interface Found {
  readonly judgeUsd: number;
  readonly grade: 0 | 1 | undefined;
  readonly isAnswer: boolean;
}

function createTally(models: readonly Model[]) {
  const zero = () => Object.fromEntries(models.map(({ name }) => [name, 0]));
  const unclear: Record<string, number> = zero();
  const cut: Record<string, number> = zero();
  const failed: Record<string, Record<string, number>> = {};
  const inARow = zero();
  let [done, asked, costUsd] = [0, 0, 0];
  return {
    get done() {
      return done;
    },
    get costUsd() {
      return costUsd;
    },
    isDropped: (model: string) => inARow[model]! >= MOST_FAILURES,
    /** What was broken off costs, and is neither an answer nor a failure. */
    add(model: string, reply: Asked, { judgeUsd, grade, isAnswer }: Found) {
      costUsd += reply.costUsd + judgeUsd;
      if (!isAnswer) return;
      done += 1;
      if (reply.kind === "failed") {
        const reasons = (failed[model] ??= {});
        reasons[reply.why] = (reasons[reply.why] ?? 0) + 1;
        inARow[model]! += 1;
        return;
      }
      inARow[model] = 0;
      asked += 1;
      if (grade === undefined) unclear[model]! += 1;
      if (reply.isCut) cut[model]! += 1;
    },
    result: () => ({
      asked,
      costUsd,
      unclear,
      cut,
      failed,
      dropped: Object.keys(inARow).filter((model) => inARow[model]! >= MOST_FAILURES),
    }),
  };
}
