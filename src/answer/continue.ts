import type { Attempt, AttemptResult, PlannedTarget, Timeouts, Usage } from "../contracts.ts";
import type { Follower } from "../dialect/follow.ts";
import type { Tokens } from "../dialect/form.ts";
import { followStream } from "../dialect/resume.ts";
import type { Runtime } from "../runtime.ts";
import { estimateTokens } from "../text/tokens.ts";
import { attemptOrBase } from "./adapter.ts";
import type { Answer, Call } from "./attempt.ts";
import { answerOptions } from "./speak.ts";

/** So often an answer goes on elsewhere: whoever breaks off more has more wrong than one server. */
const MOST_CONTINUATIONS = 2;
/** How a try ended that another may go on from. */
const BROKEN: ReadonlySet<AttemptResult> = new Set(["broken_stream", "timeout", "upstream_error"]);

/** What an answer that breaks off goes on with. */
interface Rest {
  readonly runtime: Runtime;
  readonly call: Call;
  readonly attempts: Attempt[];
  /** Targets that may be asked to go on, best first. */
  readonly others: readonly PlannedTarget[];
}

/** The answer, whose stream goes on from another target where it breaks off in the middle of plain text. */
export function continued(rest: Rest, answer: Answer): Answer {
  const others = rest.others.filter(({ target }) => rest.runtime.upstream(target.upstream).resumes !== undefined);
  if (answer.body instanceof Uint8Array || others.length === 0) return answer;
  return { ...answer, body: goOn({ ...rest, others }, answer, answer.body) };
}

async function* goOn(rest: Rest, first: Answer, begun: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { runtime, call, attempts } = rest;
  const follower = followStream(call.api, answerOptions(first.planned, call));
  const endsAt = runtime.clock() - first.waitedMs + first.planned.timeouts.totalMs;
  const waiting = [...rest.others];
  let spent: Tokens = { input: 0, output: 0, cachedInput: 0, cacheWrite: 0, reasoning: 0 };
  let body: AsyncIterable<Uint8Array> | undefined = begun;
  for (let left = MOST_CONTINUATIONS; body; left--) {
    for await (const chunk of body) {
      const bytes = follower.push(chunk);
      if (bytes.length > 0) yield bytes;
    }
    const { result, usage } = attempts.at(-1)!;
    if (usage) spent = withUsage(spent, usage);
    body = left > 0 && BROKEN.has(result) ? await takeUp(rest, waiting, follower, spent, endsAt) : undefined;
    if (body) follower.reopen();
  }
  const held = follower.end();
  if (held.length > 0) yield held;
}

/** The rest of the answer from the first of those waiting that gives one; undefined where nobody does, or may. */
async function takeUp(
  { runtime, call, attempts }: Rest,
  waiting: PlannedTarget[],
  follower: Follower,
  spent: Tokens,
  endsAt: number,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const { said } = follower;
  if (said === undefined) return undefined;
  const inputTokens = call.inputTokens + estimateTokens(said);
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const leftMs = endsAt - runtime.clock();
    if (leftMs <= 0 || call.abort.aborted) return undefined;
    const planned = { ...next, timeouts: within(next.timeouts, leftMs) };
    const tried = await attemptOrBase(
      runtime,
      planned,
      { ...call, inputTokens, broken: { follower, spent } },
      attempts,
    );
    if (tried.kind === "answered" && !(tried.answer.body instanceof Uint8Array)) return tried.answer.body;
  }
  return undefined;
}

function within(timeouts: Timeouts, leftMs: number): Timeouts {
  return {
    ...timeouts,
    connectMs: Math.min(timeouts.connectMs, leftMs),
    firstTokenMs: Math.min(timeouts.firstTokenMs, leftMs),
    totalMs: Math.min(timeouts.totalMs, leftMs),
  };
}

function withUsage(
  spent: Tokens,
  { inputTokens, outputTokens, cachedInputTokens, reasoningTokens = 0 }: Usage,
): Tokens {
  return {
    input: spent.input + inputTokens,
    output: spent.output + outputTokens,
    cachedInput: spent.cachedInput + cachedInputTokens,
    cacheWrite: spent.cacheWrite,
    reasoning: spent.reasoning + reasoningTokens,
  };
}
