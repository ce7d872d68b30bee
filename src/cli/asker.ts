import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { answer, type Call } from "../answer/index.ts";
import type { Accepted } from "../config/check.ts";
import type { Config } from "../config/schema.ts";
import type { Attempt, Model, Usage } from "../contracts.ts";
import { parseFields, textOf } from "../dialect/event-json.ts";
import { DIALECTS } from "../dialect/index.ts";
import { parseBody } from "../dialect/json.ts";
import { readChatReply } from "../dialect/openai-chat/read-reply.ts";
import { RouterError } from "../errors.ts";
import { createChannel } from "../events.ts";
import { costOf } from "../pool/cost.ts";
import type { Pool } from "../pool/pool.ts";
import { route } from "../route/index.ts";
import { createRuntime, type Runtime } from "../runtime.ts";
import { createState } from "../state.ts";

/** What came of asking one model one thing. */
export type Asked =
  | {
      readonly kind: "answered";
      readonly text: string;
      /** The reply stopped at the limit of its tokens. */
      readonly isCut: boolean;
      readonly usage: Usage;
      readonly latencyMs: number;
      /** USD, failed attempts that are billed included. */
      readonly costUsd: number;
    }
  /** `why` in a word or two, without anything that the model server said. */
  | { readonly kind: "failed"; readonly why: string; readonly costUsd: number };

/** Asks models of the pool through their own upstreams, as the server would: keys, timeouts, repeats, circuits. */
export interface Asker {
  readonly pool: Pool;
  /** Never rejects but for faults of ours. Aborted, it answers `failed`. */
  ask(model: Model, text: string, maxTokens: number, abort: AbortSignal): Promise<Asked>;
}

/** Lends what asks the models of a config, for as long as `act` runs. */
export async function withAsker<T>({ config, hash }: Accepted, act: (asker: Asker) => Promise<T>): Promise<T> {
  const state = createState(createChannel(), config.breaker, () => performance.now());
  try {
    const runtime = await createRuntime(undecided(config), hash, state);
    try {
      return await act({
        pool: runtime.pool,
        ask: (model, text, maxTokens, abort) => patiently(runtime, model, bodyOf(model, text, maxTokens), abort),
      });
    } finally {
      runtime.release();
    }
  } finally {
    await state.shutdown();
  }
}

/** The model is named, so nothing is left to decide: what could stand in the way of the question, or costs time, is off. */
function undecided(config: Config): Config {
  return {
    ...config,
    signals: {},
    rules: [],
    routes: {},
    safety: {},
    decision: { ...config.decision, rollout: { mode: "route", percent: 100 } },
  };
}

const bodyOf = ({ name }: Model, text: string, maxTokens: number): Uint8Array =>
  Buffer.from(
    JSON.stringify({ model: name, messages: [{ role: "user", content: text }], max_completion_tokens: maxTokens }),
  );

const MOST_TRIES = 5;
const LONGEST_WAIT_MS = 30_000;

/** A model server that asks for time gets it. */
async function patiently(runtime: Runtime, model: Model, body: Uint8Array, abort: AbortSignal): Promise<Asked> {
  const attempts: Attempt[] = [];
  for (let tries = 1; ; tries++) {
    try {
      return await once(runtime, model, body, abort, attempts);
    } catch (error) {
      if (!(error instanceof RouterError) || error.code === "internal") throw error;
      const failed = { kind: "failed", why: whyOf(error, attempts), costUsd: spent(model, attempts) } as const;
      const mayPass = error.code === "rate_limited" || error.code === "unavailable";
      if (!mayPass || tries === MOST_TRIES || abort.aborted) return failed;
      const waitMs = Math.min(LONGEST_WAIT_MS, error.retryAfterMs ?? 1000);
      await sleep(waitMs, undefined, { signal: abort }).catch(() => undefined);
      if (abort.aborted) return failed;
    }
  }
}

async function once(
  runtime: Runtime,
  model: Model,
  body: Uint8Array,
  abort: AbortSignal,
  attempts: Attempt[],
): Promise<Asked> {
  const prompt = DIALECTS["openai-chat"].read(parseBody(body, runtime.limits), {});
  const plan = await route(runtime, {
    prompt,
    caller: { tenant: "default", trusted: true },
    headers: {},
    constraints: {},
    preview: true,
    edit: DIALECTS["openai-chat"].modelEdits(body),
  });
  const call: Call = {
    api: "openai-chat",
    body,
    edits: [],
    headers: {},
    references: [],
    foreign: "none",
    tenant: "default",
    stream: false,
    usage: true,
    inputTokens: prompt.inputTokens,
    abort,
  };
  const { status, body: bytes } = await answer(runtime, plan, call, { attempts, asked: [] });
  const costUsd = spent(model, attempts);
  const last = attempts.at(-1);
  const reply = status < 400 && bytes instanceof Uint8Array ? replyOf(bytes) : undefined;
  if (!reply || !last?.usage) return { kind: "failed", why: status < 400 ? "no_reply" : `refused_${status}`, costUsd };
  return { kind: "answered", ...reply, usage: last.usage, latencyMs: last.latencyMs, costUsd };
}

const spent = ({ price }: Model, attempts: readonly Attempt[]) =>
  attempts.reduce((sum, { usage }) => sum + (usage ? costOf(price, usage) : 0), 0);

/** How the last attempt ended says more than the error that sums them up. */
function whyOf({ code }: RouterError, attempts: readonly Attempt[]): string {
  const last = attempts.at(-1);
  if (last === undefined) return code;
  return last.status === undefined ? last.result : `${last.result}_${last.status}`;
}

/** What a chat completion says. Undefined for what is none. */
function replyOf(bytes: Uint8Array): { readonly text: string; readonly isCut: boolean } | undefined {
  const body = parseFields(textOf(bytes));
  if (!body) return undefined;
  try {
    const { blocks, finish } = readChatReply(body);
    return {
      text: blocks.map((block) => (block.kind === "text" ? block.text : "")).join(""),
      isCut: finish === "length",
    };
  } catch (error) {
    if (error instanceof RouterError) return undefined;
    throw error;
  }
}
