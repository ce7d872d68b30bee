import { randomBytes } from "node:crypto";
import { type Answer as Judged, type Asked } from "../cascade/answer.ts";
import { createCase } from "../cascade/case.ts";
import type { CascadeStep, Judgement, ServedCascade } from "../cascade/compile.ts";
import type { Ask, AskedModel, Edit, GateVerdict, PlannedCascade, PlannedTarget } from "../contracts.ts";
import { draftEdits } from "../dialect/draft.ts";
import { joinEdits } from "../dialect/json.ts";
import { askLogprobs, blankLogprobs, blankStreamLogprobs } from "../dialect/openai-chat/logprobs.ts";
import { RouterError } from "../errors.ts";
import { costOf } from "../pool/cost.ts";
import type { Answer, Call } from "./attempt.ts";
import { askedIn } from "./asked.ts";
import { holdBack, type HeldAnswer } from "./hold.ts";
import type { Bench, Journal } from "./index.ts";
import { type Act, everyTarget, inOrder } from "./tries.ts";
import { vectorOf } from "./vector.ts";

/** One request on its way through a cascade. */
interface Run {
  readonly act: Act;
  readonly cascade: ServedCascade;
  readonly planned: PlannedCascade;
  readonly journal: Journal;
  readonly bench: Bench;
  readonly asked: Asked;
  readonly verdicts: GateVerdict[];
  /** Answers at hand, by model. */
  readonly heard: Map<string, Heard>;
  readonly tried: Set<string>;
  /** By the clock of the runtime. */
  readonly started: number;
}

interface Heard {
  readonly held: HeldAnswer;
  readonly judged: Promise<Judged>;
  good?: number;
}

/** Characters of a token, by and large. */
const TOKEN = 4;
const MAX_EVENT_BYTES = 4 * 1024 * 1024;

/**
 * Asks the cascade's models in order until an answer passes; that of the last one is given out as it comes. A model
 * that fails, is late or thinks for too long is passed over. Where the last one fails, or must not be asked any more,
 * the best answer at hand is given out.
 */
export async function throughCascade(
  act: Act,
  planned: PlannedCascade,
  journal: Journal,
  bench: Bench,
): Promise<Answer> {
  const run = createRun(act, planned, journal, bench);
  journal.cascade = { models: planned.models, verdicts: run.verdicts, escalated: false };
  try {
    return (await stepByStep(run)) ?? (await lastOf(run));
  } catch (caught) {
    await discard(run);
    throw caught;
  }
}

function createRun(act: Act, planned: PlannedCascade, journal: Journal, bench: Bench): Run {
  const cascade = act.runtime.cascades.get(act.plan.decision!.route)!;
  return {
    act,
    cascade,
    planned,
    journal,
    bench,
    asked: askedIn(act.call, bench.prompt, act.plan.redaction?.turn()),
    verdicts: [],
    heard: new Map(),
    tried: new Set(),
    started: act.runtime.clock(),
  };
}

/** Undefined where the last model is to be asked. */
async function stepByStep(run: Run): Promise<Answer | undefined> {
  const { cascade, planned } = run;
  for (const [at, step] of cascade.steps.entries()) {
    if (!isPlanned(planned, step)) continue;
    const best = bestOf(run);
    if (best && !mayAsk(run, step.asks)) return give(run, best);
    const refused = await hear(run, step);
    if (refused) return best === undefined ? refuse(run, refused) : give(run, best);
    const kept = run.heard.get(step.keeps);
    if (!kept) continue;
    const judgement = await judge(run, at, kept);
    run.verdicts.push({ model: step.keeps, ...judgement });
    kept.good = judgement.good;
    if (judgement.passes) return give(run, step.keeps);
    if (kept.held.attempt !== undefined) continue;
    // What is still being said is not waited for, and is given out only where nobody else may be asked.
    if (!mayAsk(run, nextOf(run, at))) return give(run, bestOf(run)!);
    await drop(run, step.keeps);
  }
  return undefined;
}

/** Who is asked after a step. */
const nextOf = ({ cascade, planned }: Run, at: number): string =>
  cascade.steps.slice(at + 1).find((step) => isPlanned(planned, step))?.asks ?? planned.models.at(-1)!;

const isPlanned = ({ models }: PlannedCascade, { asks, keeps }: CascadeStep): boolean =>
  [asks, keeps].every((model) => models.includes(model) && model !== models.at(-1));

/** Asks the model of a step, and beside it those that its answer is compared with. A refusal of the request is final. */
async function hear(run: Run, { asks, beside }: CascadeStep): Promise<Answer | undefined> {
  const models = [asks, ...beside].filter((model) => !run.tried.has(model));
  const draft = bestOf(run);
  const ends = await Promise.allSettled(models.map((model) => ask(run, model, model === asks ? draft : undefined)));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  const [first] = ends;
  return models[0] === asks && first?.status === "fulfilled" ? first.value : undefined;
}

/** @param draft whose answer the model is shown */
async function ask(run: Run, model: string, draft: string | undefined): Promise<Answer | undefined> {
  const { act, cascade } = run;
  run.tried.add(model);
  const cut = new AbortController();
  const own = logprobEdits(run);
  const call = {
    ...act.call,
    edits: joinEdits(act.call.edits, own),
    abort: AbortSignal.any([act.call.abort, cut.signal]),
  };
  const targets = act.targets.filter((target) => target.model === model).map((target) => withDraft(run, target, draft));
  const answered = await inOrder({ ...act, call, targets, misses: [] });
  // A request that we put something in may be refused for that.
  if (!answered || answered.status !== 200) return own.length > 0 ? undefined : answered;
  const held = await holdBack(act.runtime, call, act.attempts, answered, {
    cut,
    mostThoughts: cascade.thoughtTokens * TOKEN,
    thoughtMs: cascade.thoughtMs,
    ...(cascade.mode === "hold" && { length: cascade.heldTokens * TOKEN }),
  });
  if (act.call.abort.aborted) {
    await held?.drop();
    throw new RouterError("client_gone", "The client left before the answer began.");
  }
  if (held) run.heard.set(model, { held, judged: judgedOf(run, held) });
  return undefined;
}

/** Only chat completions have a way to ask for them that every server knows. */
const logprobEdits = ({ cascade, act: { call } }: Run): readonly Edit[] =>
  call.api === "openai-chat" && cascade.gates.includes("logprobs") ? askLogprobs(call.body) : [];

/** The client did not ask for them. */
function blanked(answer: Answer): Answer {
  const { body } = answer;
  const bare =
    body instanceof Uint8Array ? blankLogprobs(body) : blankStreamLogprobs(body, { maxEventBytes: MAX_EVENT_BYTES });
  return { ...answer, body: bare };
}

async function judgedOf({ act, cascade }: Run, { said, attempt }: HeldAnswer): Promise<Judged> {
  const { text, calls, finish, logprobs } = said;
  const vector = cascade.gates.includes("agreement") ? await vectorOf(act.runtime, text) : undefined;
  return {
    text,
    calls,
    ...(finish !== undefined && { finish }),
    ...(logprobs.length > 0 && { logprobs: Float64Array.from(logprobs) }),
    ...(vector && { vector }),
    ...(attempt === undefined && { isBeginning: true }),
  };
}

async function judge(run: Run, step: number, kept: Heard): Promise<Judgement> {
  const others = [...run.heard.values()].filter((heard) => heard !== kept).map(({ judged }) => judged);
  const matter = createCase(run.asked, await kept.judged, await Promise.all(others));
  return run.cascade.judge(step, matter, { ask: askFor(run), mark: () => randomBytes(8).toString("hex") });
}

/** What gates ask is booked, and goes where the request itself may go. */
function askFor({ act, bench, journal, planned }: Run): Ask {
  const ask = bench.askUntil(act.call.abort);
  return async (question) => {
    const answered = await ask({ ...question, internalOnly: planned.internalOnly });
    if (answered.attempt) journal.asked.push({ ...answered.attempt, purpose: "gate" });
    return answered;
  };
}

/** The model with the best answer at hand. */
function bestOf({ heard }: Run): string | undefined {
  const judged = [...heard].filter(([, { good }]) => good !== undefined);
  return judged.toSorted(([, a], [, b]) => b.good! - a.good!)[0]?.[0];
}

/** Whether time and money are left for another model. */
function mayAsk({ act, cascade, journal, started }: Run, model: string): boolean {
  const { runtime, plan, attempts } = act;
  if (runtime.clock() - started > cascade.deadlineMs) return false;
  const expected = plan.decision?.candidates.find((candidate) => candidate.model === model)?.costUsd ?? 0;
  const price = (name: string) => runtime.pool.byName.get(name)?.price;
  const spent = [...attempts, ...(journal.asked as readonly Pick<AskedModel, "model" | "usage">[])].reduce(
    (sum, { model: name, usage }) => sum + (usage && price(name) ? costOf(price(name)!, usage) : 0),
    0,
  );
  return spent + expected <= cascade.mostUsd;
}

/** Gives out one of the answers at hand; the others are for nobody. */
async function give(run: Run, model: string): Promise<Answer> {
  const { held } = run.heard.get(model)!;
  run.heard.delete(model);
  await discard(run);
  run.journal.cascade = { ...run.journal.cascade!, answered: model };
  const answer = held.release();
  return logprobEdits(run).length > 0 ? blanked(answer) : answer;
}

/** Nobody else is asked what would be refused again. */
async function refuse(run: Run, refused: Answer): Promise<Answer> {
  await discard(run);
  return refused;
}

async function discard(run: Run): Promise<void> {
  const { attempts } = run.act;
  for (const [model, { held }] of Array.from(run.heard)) {
    if (held.attempt !== undefined) attempts[held.attempt] = { ...attempts[held.attempt]!, discarded: true };
    await drop(run, model);
  }
}

async function drop({ heard }: Run, model: string): Promise<void> {
  const known = heard.get(model);
  heard.delete(model);
  await known?.held.drop();
}

/** The last model, then whoever was not asked yet. */
async function lastOf(run: Run): Promise<Answer> {
  const { act, planned, journal } = run;
  const last = planned.models.at(-1)!;
  const best = bestOf(run);
  if (best !== undefined && !mayAsk(run, last)) return give(run, best);
  const targets = [
    ...act.targets.filter(({ model }) => model === last),
    ...act.targets.filter(({ model }) => model !== last && !run.tried.has(model)),
  ].map((target) => withDraft(run, target, best));
  try {
    const answered = await everyTarget({ ...act, targets, misses: [] });
    if (answered.status !== 200 && best !== undefined) return await give(run, best);
    await discard(run);
    journal.cascade = { ...journal.cascade!, escalated: true, answered: answered.planned.model };
    return answered;
  } catch (caught) {
    const isGone = act.call.abort.aborted || (caught instanceof RouterError && caught.code === "client_gone");
    if (best === undefined || isGone || !(caught instanceof RouterError)) throw caught;
    return give(run, best);
  }
}

/** The target, told what was answered before where the route wants that. */
function withDraft({ cascade, heard, act }: Run, target: PlannedTarget, best: string | undefined): PlannedTarget {
  const said = best === undefined ? undefined : heard.get(best)!.held.said;
  if (!cascade.handsOn || !said || said.text.trim() === "" || said.calls.length > 0) return target;
  const { api, body }: Call = act.call;
  const draft = draftEdits(api, body, said.text);
  return {
    ...target,
    edits: joinEdits(target.edits, draft),
    ...(target.onBase && { onBase: { ...target.onBase, edits: joinEdits(target.onBase.edits, draft) } }),
  };
}
