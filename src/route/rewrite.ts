import type { Edit, Model } from "../contracts.ts";
import { composeEdits } from "../rewrite/compose.ts";
import { type Body, openBody } from "../rewrite/body.ts";
import { rewrite } from "../rewrite/index.ts";
import { limitEdits, type Limits } from "../rewrite/limits.ts";
import type { Runtime } from "../runtime.ts";
import type { RouteInput } from "./input.ts";

/** What is changed in a request on its way to models, beside their names. */
export interface Changes {
  /** Whichever model answers: what the route and the domain ask for, and what was taken out. */
  readonly common: readonly Edit[];
  /** Of the tier whose models are asked. */
  of(model: Model): readonly Edit[];
}

/** Long enough for any domain to show. */
const LONGEST_READ = 8_192;
const READ_MS = 20;

/**
 * System texts, tools and limits, as byte edits of the body. What was taken out of it (`redacted`) stays out, whatever
 * else is changed in the same place. Requests without a body are left as they are.
 */
export async function changesOf(
  runtime: Runtime,
  input: RouteInput,
  route: string,
  redacted: readonly Edit[],
): Promise<Changes> {
  const { rewriting, limits } = runtime;
  const { prompt, body: bytes } = input;
  const { api, turn, firstTurn } = prompt;
  const none: Changes = { common: redacted, of: () => [] };
  if (!bytes || api === "messages") return none;
  const label = rewriting.readsDomain ? await domainOf(runtime, firstTurn) : undefined;
  const ask = rewriting.askOf(route, label, { turn, firstTurn });
  let opened: Body | undefined;
  const open = () => (opened ??= openBody(api, bytes, limits));
  return {
    common: ask ? composeEdits(rewrite(open(), ask, rewriting.ranker).edits, redacted) : redacted,
    of({ tier, parameters }) {
      const own: Limits | undefined = rewriting.limitsOf(tier.name);
      return own ? limitEdits(open(), own, parameters) : [];
    },
  };
}

/**
 * The domain of the first human turn, by the static stage: the same for the whole conversation, so that what an upstream
 * has kept of it stays valid.
 */
export async function domainOf({ encoder }: Runtime, firstTurn: string): Promise<string | undefined> {
  if (!encoder || firstTurn.trim() === "") return undefined;
  const reading = encoder.encode(firstTurn.slice(0, LONGEST_READ), READ_MS);
  const { heads } = reading instanceof Promise ? await reading.catch(() => ({ heads: undefined })) : reading;
  const probabilities = Object.entries(heads?.["domain"]?.probabilities ?? {});
  return probabilities.toSorted(([, a], [, b]) => b - a)[0]?.[0];
}
