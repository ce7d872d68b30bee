import { performance } from "node:perf_hooks";
import type { Accepted } from "../config/check.ts";
import type { LoadEncoder } from "../encoders.ts";
import { RouterError } from "../errors.ts";
import { createChannel } from "../events.ts";
import { readMessages } from "../dialect/messages.ts";
import type { LoadedEncoder } from "../inference/create.ts";
import type { EncoderOptions } from "../inference/options.ts";
import { route } from "../route/index.ts";
import { createRuntime, type Runtime } from "../runtime.ts";
import { createState } from "../state.ts";
import { breakerOptions } from "../upstream/options.ts";

/** What the router decided for one recorded prompt, in the order of the pool. */
export interface Decided {
  readonly chosen: number;
  /** Predicted, in [0,1]. */
  readonly quality: Float32Array;
  /** Expected USD; NaN for a model that may not answer. */
  readonly costUsd: Float32Array;
  /** Probability in [0,1] that the chosen model is adequate. */
  readonly confidence: number;
}

/** The router itself, deciding in this process; nothing is sent. */
export interface Decider {
  /** Undefined where the config blocks the prompt, or lets no model of the pool answer it. */
  decide(text: string, inputTokens: number): Promise<Decided | undefined>;
  release(): void;
}

/** Where routers are tried: one after the other, with one encoder. */
export interface Workshop {
  readonly encoder: LoadedEncoder;
  /**
   * @param names what the config calls the models of the pool; no other model is asked for
   * Errors: EncoderError.
   */
  decider(config: Pick<Accepted, "config" | "hash">, names: readonly string[]): Promise<Decider>;
  close(): Promise<void>;
}

/** @throws EncoderError where the encoder cannot be loaded */
export async function openWorkshop(options: EncoderOptions, load?: LoadEncoder): Promise<Workshop> {
  const state = createState(createChannel(), breakerOptions.parse({}), () => performance.now(), load);
  try {
    const { thing: encoder } = await state.encoders.hold(options);
    return {
      encoder,
      async decider({ config, hash }, names) {
        const runtime = await createRuntime(config, hash, state);
        return {
          decide: (text, inputTokens) => decideOne(runtime, names, text, inputTokens),
          release: () => runtime.release(),
        };
      },
      // The encoder is held to the end.
      close: () => state.shutdown(),
    };
  } catch (error) {
    await state.shutdown();
    throw error;
  }
}

async function decideOne(
  runtime: Runtime,
  names: readonly string[],
  text: string,
  inputTokens: number,
): Promise<Decided | undefined> {
  const prompt = { ...readMessages({ messages: [{ role: "user", content: text }] }), inputTokens };
  const constraints = { models: names };
  const caller = { tenant: "default", trusted: true };
  try {
    const { decision } = await route(runtime, { prompt, caller, headers: {}, constraints, preview: true });
    const chosen = decision ? names.indexOf(decision.model) : -1;
    if (decision === undefined || chosen < 0) return undefined;
    const quality = new Float32Array(names.length);
    const costUsd = new Float32Array(names.length).fill(Number.NaN);
    for (const candidate of decision.candidates) {
      const at = names.indexOf(candidate.model);
      if (at < 0) continue;
      quality[at] = candidate.quality;
      if (candidate.allowed === true) costUsd[at] = candidate.costUsd;
    }
    return { chosen, quality, costUsd, confidence: decision.confidence };
  } catch (error) {
    if (error instanceof RouterError) return undefined;
    throw error;
  }
}
