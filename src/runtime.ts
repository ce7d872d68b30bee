import { setImmediate as breathe } from "node:timers/promises";
import { compile, type Voting } from "./compiled.ts";
import type { Book, DecisionBook } from "./books.ts";
import type { ServedCascade } from "./cascade/compile.ts";
import { loadCascades } from "./cascade/load.ts";
import type { Config } from "./config/schema.ts";
import type { Clock, PlannedTarget } from "./contracts.ts";
import type { ScoreTable } from "./decision/difficulty.ts";
import type { createProfiles } from "./decision/profile.ts";
import type { Rollout } from "./decision/rollout.ts";
import type { Route } from "./decision/routes.ts";
import type { Rules } from "./decision/rules.ts";
import type { Safety } from "./decision/safety.ts";
import type { BodyLimits } from "./dialect/json.ts";
import type { Pool } from "./pool/pool.ts";
import type { RedactionOptions } from "./rewrite/pii/options.ts";
import { actsAtAll, type Circumstances } from "./rewrite/pii/policy.ts";
import { createRedactor } from "./rewrite/pii/redact.ts";
import { createShown, type Shown } from "./rewrite/pii/shown.ts";
import { createVault, type Vault } from "./rewrite/pii/vault.ts";
import { compileRewriting, type Rewriting } from "./rewrite/settings.ts";
import { createToolRanker, type Embed, type ToolRanker } from "./rewrite/tool-rank.ts";
import { createSignals, needsEncoder } from "./signals/index.ts";
import { findPii } from "./signals/pii-find.ts";
import type { Signal } from "./signals/signal.ts";
import type { LoadedEncoder } from "./inference/create.ts";
import { EncoderError } from "./inference/encoder.ts";
import type { Held } from "./counted.ts";
import type { CacheOptions } from "./cache/options.ts";
import { type CacheRules, compileCacheRules } from "./cache/rules.ts";
import { createSameness, type Sameness } from "./cache/same.ts";
import { policyOf } from "./config/policy.ts";
import type { KeptAnswers } from "./stores.ts";
import type { State } from "./state.ts";
import { createUpstream } from "./upstream/index.ts";
import { startProbe } from "./upstream/probe.ts";
import type { RetryBudget } from "./upstream/failover.ts";
import type { TargetState } from "./upstream/targets.ts";
import type { Upstream } from "./upstream/upstream.ts";

/** The upstream that is ourselves, and its kind: it speaks the client's own API. */
export const OURSELVES = "signalbox";

/** What one config compiled to, built whole or not at all. A request takes it once, so that a reload never mixes two. */
export interface Runtime {
  readonly hash: string;
  readonly clock: Clock;
  readonly decisions: DecisionBook;
  readonly answers: Book<string>;
  readonly conversations: State["conversations"];
  readonly advice: State["advice"];
  readonly shares: State["shares"];
  readonly breakEvens: State["breakEvens"];

  readonly aliases: readonly string[];
  readonly profiles: ReturnType<typeof createProfiles>;
  readonly rules: Rules;
  readonly routes: ReadonlyMap<string, Route>;
  /** By route. */
  readonly cascades: ReadonlyMap<string, ServedCascade>;
  /** The safety of a route, by who pinned it. */
  safetyOf(route: Route, pinnedBy: "rule" | "signal" | undefined): Safety;
  readonly decision: Config["decision"] & { readonly rollout: Rollout };
  /** The model that savings are counted against. */
  readonly baseline: string;

  readonly signals: readonly Signal[];
  /** Absent where no signal reads with it. */
  readonly encoder: LoadedEncoder | undefined;
  /** Those that safety needs even where a rule skips the rest. */
  readonly safetySignals: readonly Signal[];
  readonly voting: readonly Voting[];
  readonly defaultScores: ScoreTable;
  /** When signals look again with the encoder's full stage, and how long they may. */
  readonly secondStage: { readonly when: Config["encoder"]["second_stage"]; readonly deadlineMs: number };

  readonly pool: Pool;
  upstream(name: string): Upstream;
  /** Undefined for a target that this config does not know. */
  targetState(id: string): TargetState | undefined;
  /** Whether a request may be sent to a target now: its circuit is closed, and probes find its upstream. */
  isCallable(id: string): boolean;
  readonly failover: Config["failover"] & { readonly budget: RetryBudget };
  describe(planned: PlannedTarget): { kind: string; baseUrl: string; tier: string };

  /** What is changed in requests, and what chooses among tools. */
  readonly rewriting: Rewriting & { readonly ranker: ToolRanker };
  /** What is done about personal data; absent where nothing is. */
  readonly redaction: Redactor | undefined;
  /** Answers that may be given again; absent where none are kept. */
  readonly cache: Cache | undefined;
  readonly budgets: Config["budgets"];
  readonly auth: Config["server"]["auth"];
  readonly adminToken: string | undefined;
  readonly limits: BodyLimits & { readonly timeoutMs: number };
  readonly concurrent: number;
  readonly responseHeaders: boolean;
  readonly routingHeader: string;
  /** How gateways reach us. */
  readonly ownUrl: string | undefined;
  readonly drainMs: number;
  readonly recordText: boolean;
  /** Gives back what the config held of the state. Once, when its last request is done. */
  release(): void;
}

/** `vault` where placeholders are kept between the requests of a conversation. */
interface Redactor {
  readonly redact: ReturnType<typeof createRedactor>;
  /** Whether anything is done about any entity. */
  acts(here: Circumstances): boolean;
  readonly vault?: Vault;
}

/** `sameness` where questions that mean the same are found. */
interface Cache extends KeptAnswers, CacheRules {
  /** Whatever of the config shapes answers, as a fingerprint. */
  readonly policy: string;
  readonly sameness?: Sameness;
  /** Gateways bring answers later: what it takes to keep them, by decision. */
  readonly tickets: State["tickets"];
}

/**
 * @param config checked: every reference in it leads somewhere
 * @throws EncoderError where the encoder cannot be loaded, or does not fit the signals; UnfitCascade where a file of gates does not
 */
export async function createRuntime(config: Config, hash: string, state: State): Promise<Runtime> {
  const held = needsMeaning(config) ? await state.encoders.hold(config.encoder) : undefined;
  try {
    return await build(config, hash, state, held);
  } catch (error) {
    held?.release();
    throw error;
  }
}

/** Of vectors in a store that nobody searches by meaning. */
const NO_DIMENSIONS = 1;

async function build(
  config: Config,
  hash: string,
  state: State,
  held: Held<LoadedEncoder> | undefined,
): Promise<Runtime> {
  const { second_stage: when, deadline_ms: deadlineMs } = config.encoder;
  const shown = config.pii && createShown(config.pii, (texts) => findPii(texts, () => breathe()));
  const encoder = held && (shown && config.encoder.embeddings ? showing(held.thing, shown) : held.thing);
  const signals = await createSignals(config.signals, {
    clock: state.clock,
    second: when === "never" ? false : { deadlineMs },
    ...(shown && { shown }),
    ...(encoder && { encoder }),
  });
  const compiled = compile(config, signals);
  const cascades = await loadCascades(config.routes);
  const targets = compiled.pool.models.flatMap((model) => model.targets);
  const meaning = isSemantic(config) ? encoder : undefined;
  const dimensions = meaning && (await dimensionsOf(meaning, state));
  const kept =
    config.cache && (await state.stores.hold({ options: config.cache, dimensions: dimensions ?? NO_DIMENSIONS }));
  // Last, since what is held must be given back: nothing below can fail.
  const upstreamOptions = new Map(Object.entries(config.upstreams));
  const holding = state.hold({
    upstreams: upstreamOptions,
    targets,
    breaker: config.breaker,
  });
  const upstreams = new Map(
    [...upstreamOptions].map(([name, options]) => [name, createUpstream(name, options, holding.sockets(name))]),
  );
  const upstreamOf = new Map(targets.map(({ id, upstream }) => [id, upstream]));
  const probes = new Map(
    [...upstreamOptions].flatMap(([name, { probe_ms: every }]) =>
      every === undefined ? [] : [[name, startProbe(upstreams.get(name)!, every, told(state, name))] as const],
    ),
  );
  return Object.freeze({
    ...compiled,
    cascades,
    encoder,
    rewriting: { ...compileRewriting(config), ranker: createToolRanker(embedWith(encoder), MOST_TOOLS) },
    redaction: config.pii && redactorOf(config.pii, state),
    cache: config.cache && {
      ...kept!.thing,
      ...compileCacheRules(config.cache, config.routes),
      policy: policyOf(config),
      tickets: state.tickets,
      ...(meaning && dimensions !== undefined && { sameness: samenessOf(config.cache, meaning) }),
    },
    hash,
    secondStage: { when, deadlineMs },
    clock: state.clock,
    decisions: state.decisions,
    answers: state.answers,
    conversations: state.conversations,
    advice: state.advice,
    shares: state.shares,
    breakEvens: state.breakEvens,
    upstream: (name) => upstreams.get(name)!,
    targetState: holding.target,
    isCallable: (id) =>
      holding.target(id)?.isOpen() === false && probes.get(upstreamOf.get(id) ?? "")?.isDown() !== true,
    failover: { ...config.failover, budget: state.retryBudget },
    describe: ({ target, model }) => {
      if (target.upstream === OURSELVES) return { kind: OURSELVES, baseUrl: `${compiled.ownUrl}/v1`, tier: "" };
      const { kind, baseUrl } = upstreams.get(target.upstream)!;
      return { kind, baseUrl, tier: compiled.pool.byName.get(model)!.tier.name };
    },
    release() {
      for (const probe of probes.values()) probe.stop();
      holding.release();
      kept?.release();
      held?.release();
    },
  } satisfies Runtime);
}

/** Tools whose vectors are held. */
const MOST_TOOLS = 2_048;
const EMBED_MS = 20;

/** Vectors by the static stage; none where they cannot be had at once. */
function embedWith(encoder: LoadedEncoder | undefined): Embed {
  const none = new Float32Array(0);
  return (texts) =>
    texts.map((text) => {
      const reading = encoder?.encode(text, EMBED_MS);
      if (!(reading instanceof Promise)) return reading?.vector ?? none;
      reading.catch(() => undefined);
      return none;
    });
}

function redactorOf(options: RedactionOptions, state: State): Redactor {
  const { key = state.secret, keep, window_ms: windowMs } = options;
  const redact = createRedactor(options, key);
  const acts = (here: Circumstances) => actsAtAll(options, here);
  return { redact, acts, ...(keep === "conversation" && { vault: createVault(key, state.shelf(windowMs)) }) };
}

/** An encoder that is somebody else's endpoint reads what others may see. */
function showing(encoder: LoadedEncoder, shown: Shown): LoadedEncoder {
  return {
    ...encoder,
    encode: async (text, deadlineMs) => encoder.encode(await shown(text), deadlineMs),
    refine: async (text, deadlineMs, abort) => encoder.refine(await shown(text), deadlineMs, abort),
  };
}

const needsMeaning = (config: Config): boolean =>
  needsEncoder(config.signals) || comparesAnswers(config) || isSemantic(config);

/** Whether any request may be answered by what was said to another that means the same. */
const isSemantic = ({ cache, routes }: Config): boolean =>
  cache !== undefined &&
  [cache, ...Object.values(routes).map((route) => route.cache)].some((one) => one?.mode === "semantic");

function samenessOf({ threshold, thresholds }: CacheOptions, meaning: LoadedEncoder): Sameness {
  // The model that compares is loaded with the first pair: no request is to wait for that.
  void meaning.compare?.("", "", LOADING_MS).catch(() => undefined);
  return createSameness({ thresholds, ...(threshold !== undefined && { threshold }) }, meaning);
}
const LOADING_MS = 10_000;

/**
 * An encoder of one's own tells the length of its vectors with the first one. Undefined where it gives none: then the
 * same requests alone are found, until the next reload.
 */
async function dimensionsOf(encoder: LoadedEncoder, { channel }: State): Promise<number | undefined> {
  try {
    const { vector } = await encoder.encode("?", MEASURING_MS);
    return vector.length;
  } catch (error) {
    if (!(error instanceof EncoderError)) throw error;
    channel.publish({ kind: "fault", where: "the cache reads no meaning", error });
    return undefined;
  }
}
const MEASURING_MS = 10_000;

/** What answers in plain words mean is told by the encoder. */
const comparesAnswers = ({ routes }: Config): boolean =>
  Object.values(routes).some(({ cascade }) => cascade?.gates?.some(({ kind }) => kind === "agreement"));

const told = (state: State, upstream: string) => (found: "down" | "up") =>
  state.channel.publish({ kind: "probe", upstream, state: found });
