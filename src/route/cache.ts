import { exactKey, type Asked as AskedBody, type Owner, partitionOf } from "../cache/canonical.ts";
import { directivesIn } from "../cache/directives.ts";
import { isOfNow } from "../cache/guards/now.ts";
import type { Question, Sameness } from "../cache/same.ts";
import { idOf, type Stored } from "../cache/store.ts";
import { read } from "../cache/written.ts";
import type { Api, CacheHit, CacheTicket, Edit, Placeholders, Prompt, SignalReport } from "../contracts.ts";
import { applyEdits } from "../dialect/json.ts";
import { standingOf, toldAsCached } from "../dialect/told-cached.ts";
import { CLIENTS, type ClientApi } from "../dialect/speech.ts";
import { EncoderError } from "../inference/encoder.ts";
import { resolves } from "../rewrite/pii/cached.ts";
import type { RuleVerdict } from "../decision/rules.ts";
import type { Runtime } from "../runtime.ts";
import type { RouteInput } from "./input.ts";
import { domainOf } from "./rewrite.ts";
import type { Weighed } from "./weigh.ts";

/** A request that an answer may be looked up for, or kept of. */
export interface Look {
  readonly cache: NonNullable<Runtime["cache"]>;
  readonly owner: Owner;
  /** As models are to see it: without personal data where that is taken out. */
  readonly asked: AskedBody & { readonly api: ClientApi };
  readonly key: Uint8Array;
  readonly firstTurn: string;
  readonly looks: boolean;
  readonly freshMs: number;
  /** Those that a kept answer may hold. */
  readonly placeholders: Placeholders | undefined;
}

/** A likeness that was looked for: what was found, and what others may be found by. */
interface Likeness {
  readonly hit?: CacheHit;
  readonly like?: NonNullable<CacheTicket["like"]>;
}

/** Headers that are part of what is asked of an API. */
const ASKING_HEADERS = ["anthropic-version", "anthropic-beta"];
/** Entries that are looked at closely, and the least cosine of their questions. */
const MOST_NEAR = 8;
const LEAST_COSINE = 0.3;
/** What APIs take where a request names none. */
const USUAL_TEMPERATURE = 1;

/**
 * Undefined where nothing is looked up: no cache, a caller that cannot take an answer, no body of an API that answers
 * are kept in, a client that wants nothing stored, a question of now, and a body whose meaning cannot be told surely.
 */
export function openLook(
  runtime: Runtime,
  input: RouteInput,
  ruled: RuleVerdict,
  redacted?: { readonly edits: readonly Edit[]; readonly redaction: { readonly placeholders: Placeholders } },
): Look | undefined {
  const { cache } = runtime;
  const { prompt, caller, constraints, headers, profile, body: bytes } = input;
  if (!cache || !input.cache || input.preview || !bytes || !isClientApi(prompt.api)) return undefined;
  const { looks, keeps, freshMs } = directivesIn(headers["cache-control"]);
  if (!keeps || humanTurns(prompt).some(isOfNow)) return undefined;
  const circumstances = [
    profile ?? null,
    constraints,
    caller.models ?? null,
    ruled.matched,
    ASKING_HEADERS.map((name) => headers[name] ?? null),
  ];
  const owner = { tenant: caller.tenant, policy: JSON.stringify([cache.policy, ...circumstances]) };
  const sent = redacted ? applyEdits(bytes, redacted.edits) : bytes;
  const body: unknown = JSON.parse(Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength).toString());
  const asked = { api: prompt.api, body };
  const key = exactKey(owner, asked);
  const { firstTurn } = prompt;
  return key && { cache, owner, asked, key, firstTurn, looks, freshMs, placeholders: redacted?.redaction.placeholders };
}

/** What is asked now may only be said before: "the weather in Oslo today?", "and in Bergen?". */
function humanTurns({ everything, turn }: Prompt): readonly string[] {
  const said = everything.filter(({ role, origin }) => role === "user" && origin === "message");
  return [turn, ...said.slice(-MOST_TURNS).map(({ text }) => text)];
}
const MOST_TURNS = 20;

const isClientApi = (api: Api): api is ClientApi => Object.hasOwn(CLIENTS, api);

/** The answer that was given to exactly this request. */
export async function exactHit(look: Look): Promise<CacheHit | undefined> {
  if (!look.looks) return undefined;
  const stored = await look.cache.store.lookup(look.key);
  return stored && hitOf(look, stored, { kind: "exact", similarity: 1 });
}

/** The answer that was given, this way, to a question that means the same. */
export async function likeHit(
  runtime: Runtime,
  look: Look,
  { circumstances: { route }, reports, inputs }: Weighed,
): Promise<Likeness> {
  const { cache, owner, asked, looks, firstTurn } = look;
  const { sameness, store } = cache;
  if (!sameness || cache.ruleOf(route.name).mode !== "semantic") return {};
  // The two sides of a rollout are not to be mixed: exactly the same request is always on the same one.
  // Nor are answers that were made under another domain's system text.
  const label = runtime.rewriting.readsDomain ? await domainOf(runtime, firstTurn) : undefined;
  const way = JSON.stringify([route.name, inputs?.inRollout, label ?? null]);
  const partition = partitionOf({ ...owner, route: way }, asked);
  const { deadlineMs } = runtime.secondStage;
  const question = partition && (await readQuestion(sameness, partition.turn, deadlineMs));
  // Longer turns are never the same by meaning: a ticket would only hold on to them.
  if (!partition || !question?.turn.isWhole) return {};
  const { key, turn } = partition;
  const { vector } = question;
  const near = looks ? await store.nearest({ partition: key, vector, most: MOST_NEAR, least: LEAST_COSINE }) : [];
  const until = runtime.clock() + deadlineMs;
  const domain = domainIn(reports);
  const like = { partition: key, question: turn, vector };
  for (const candidate of near) {
    const leftMs = until - runtime.clock();
    const known = leftMs > 0 ? await readQuestion(sameness, candidate.question, leftMs) : undefined;
    if (!known) break;
    const verdict = await sameness.decide(known, question, { deadlineMs: leftMs, ...(domain && { domain }) });
    const entry = verdict.same ? await store.lookup(candidate.key) : undefined;
    const hit = entry && hitOf(look, entry, { kind: "semantic", similarity: verdict.cosine });
    if (hit) return { hit, like };
  }
  return { like };
}

/** Undefined where the encoder has no time for it. */
async function readQuestion(sameness: Sameness, text: string, deadlineMs: number): Promise<Question | undefined> {
  try {
    return await sameness.read(text, deadlineMs);
  } catch (error) {
    if (error instanceof EncoderError) return undefined;
    throw error;
  }
}

function domainIn(reports: readonly SignalReport[]): string | undefined {
  const readings = reports.find(({ signal }) => signal === "domain")?.readings ?? [];
  return readings.toSorted((a, b) => b.score - a.score)[0]?.label;
}

/** Undefined where it is too old for the client, belongs to a way that has none now, or is not for this request to read. */
function hitOf(look: Look, stored: Stored, how: Pick<CacheHit, "kind" | "similarity">): CacheHit | undefined {
  const { cache, asked, freshMs, placeholders } = look;
  const ageMs = Math.max(0, Date.now() - stored.storedAt);
  const written = read(stored.answer);
  const { mode, ttlMs } = cache.ruleOf(stored.route);
  if (!written || ageMs > Math.min(freshMs, ttlMs) || mode === "off") return undefined;
  if (placeholders && !resolves(placeholders, written.body)) return undefined;
  const { model, body } = written;
  return { ...how, id: idOf(stored.key), model, route: stored.route, ageMs, answer: toldAsCached(asked.api, body) };
}

/** What it takes to keep the answer of a request that goes this way; undefined where it is not to be kept. */
export function ticketOf(look: Look, route: string, like: Likeness["like"]): CacheTicket | undefined {
  const { cache, asked, key, owner, looks } = look;
  const { mode, ttlMs, temperature: most } = cache.ruleOf(route);
  const { temperature } = asked.body as { readonly temperature?: unknown };
  const heat = temperature ?? USUAL_TEMPERATURE;
  if (mode === "off" || typeof heat !== "number" || heat > most) return undefined;
  const standing = standingOf(asked.api, asked.body);
  return { key, api: asked.api, tenant: owner.tenant, route, ttlMs, shared: looks, standing, ...(like && { like }) };
}
