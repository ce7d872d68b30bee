import { checkCascade } from "../cascade/options.ts";
import type { Pin } from "../contracts.ts";
import { checkDecision, checkPin } from "../decision/check.ts";
import { checkPool } from "../pool/pool.ts";
import { LEARNED_ENTITIES } from "../signals/pii-learned.ts";
import { RULED_ENTITIES } from "../signals/pii-rules.ts";
import { DOMAIN_TEXTS } from "../rewrite/domain-texts.ts";
import { checkRewriting } from "../rewrite/settings.ts";
import { didYouMean } from "./nearest.ts";
import { type Finding, hinted, type Step } from "./problem.ts";
import type { Config } from "./schema.ts";

/** A room's complaint about a name; `known` are the names that would have been right. */
interface Complaint {
  readonly path: readonly Step[];
  readonly message: string;
  readonly known?: readonly string[];
  readonly at?: "key";
}

/** Names that lead nowhere, and what only the whole file can tell. */
export function checkReferences(config: Config): Finding[] {
  const complaints: readonly Complaint[] = [
    ...checkPool(config, Object.keys(config.upstreams)),
    ...checkDecision(config, config),
    ...checkClients(config),
    ...checkAliases(config),
    ...checkSignals(config),
    ...checkHarmful(config),
    ...checkAdapters(config),
    ...checkCache(config),
    ...checkCascades(config),
    ...checkRewriting(config, Object.keys(DOMAIN_TEXTS)),
    ...checkOwnName(config),
    ...checkRedaction(config),
  ];
  return complaints.map(({ path, message, known, at }) => {
    const given = at === "key" ? path.at(-1) : valueAt(config, path);
    const hint = known === undefined ? undefined : hintFor(given, known);
    return hinted(at === undefined ? { steps: path, message } : { steps: path, message, at }, hint);
  });
}

const MOST_SHOWN = 8;

function hintFor(given: unknown, known: readonly string[]): string | undefined {
  const meant = typeof given === "string" ? didYouMean(given, known) : undefined;
  if (meant !== undefined || known.length === 0) return meant;
  return `known: ${known.slice(0, MOST_SHOWN).join(", ")}${known.length > MOST_SHOWN ? ", ..." : ""}`;
}

function checkClients({ server, models }: Config): Complaint[] {
  if (server.auth === "none") return [];
  return server.auth.keys.flatMap((client, at) =>
    (client.models ?? []).flatMap((name, index) =>
      noSuch("model", name, ["server", "auth", "keys", at, "models", index], Object.keys(models)),
    ),
  );
}

/** An alias hides a model of the same name: nobody could ask for it. */
function checkAliases({ aliases, models }: Config): Complaint[] {
  return aliases.flatMap((alias, index) => {
    const path = ["aliases", index];
    if (Object.hasOwn(models, alias)) return [{ path, message: `"${alias}" is also the name of a model` }];
    return aliases.indexOf(alias) < index ? [{ path, message: `"${alias}" stands here twice` }] : [];
  });
}

/** Whatever signals there are: a `pin` names a model, tier or route, a table of `scores` names models and tiers. */
function checkSignals(config: Config): Complaint[] {
  const scored = [...Object.keys(config.models), ...Object.keys(config.tiers)];
  const inPart = (part: unknown, path: readonly Step[]): Complaint[] =>
    entriesOf(part).flatMap(([step, inside]) => {
      const here = [...path, step];
      if (step === "pin") return checkPin(inside as Pin, here, config);
      return step === "scores" ? inScores(inside, here) : inPart(inside, here);
    });
  const inScores = (table: unknown, path: readonly Step[]): Complaint[] =>
    entriesOf(table).flatMap(([name, score]) =>
      typeof score === "number"
        ? noSuch("model or tier", String(name), [...path, name], scored, "key")
        : inScores(score, [...path, name]),
    );
  const { model } = config.signals.preference ?? {};
  return [
    ...inPart(config.signals, ["signals"]),
    ...(model === undefined
      ? []
      : noSuch("model", model, ["signals", "preference", "model"], Object.keys(config.models))),
  ];
}

/** Only the learned part of the signal can tell. */
function checkHarmful({ safety, routes, signals }: Config): Complaint[] {
  if (signals.jailbreak?.learned !== false) return [];
  const message = 'what is harmful is read by the encoder alone: set "learned" of signals.jailbreak to true';
  const inRoutes = Object.entries(routes).flatMap(([name, route]) =>
    route.safety?.harmful ? [{ path: ["routes", name, "safety", "harmful"], message }] : [],
  );
  return [...(safety.harmful ? [{ path: ["safety", "harmful"], message }] : []), ...inRoutes];
}

/** A name that other servers would take for a model of theirs. */
function checkAdapters({ models, upstreams }: Config): Complaint[] {
  return Object.entries(models).flatMap(([name, { targets }]) =>
    targets.flatMap(({ adapter, upstream }, at) => {
      const kind = upstreams[upstream]?.kind;
      if (adapter === undefined || kind === undefined || kind === "vllm") return [];
      const message = `only an upstream of kind vllm has adapters, and ${upstream} is of kind ${kind}: name the model itself`;
      return [{ path: ["models", name, "targets", at, "adapter"], message }];
    }),
  );
}

/** An entity that nobody finds would be sent as it is. */
function checkRedaction({ pii, signals, routes }: Config): Complaint[] {
  if (!pii) return [];
  const learns = signals.pii?.learned ?? false;
  const inEntities = (entities: object, path: readonly Step[]) =>
    Object.keys(entities).flatMap((entity): Complaint[] => {
      const here = [...path, "entities", entity];
      const isLearned = (LEARNED_ENTITIES as readonly string[]).includes(entity);
      if (!isLearned) return noSuch("entity", entity, here, [...RULED_ENTITIES, ...LEARNED_ENTITIES], "key");
      const message = `${entity} is found by the encoder alone: set "learned" of signals.pii to true`;
      return learns ? [] : [{ path: here, message, at: "key" }];
    });
  const inRules = pii.rules.flatMap(({ when, entities }, at) => [
    ...inEntities(entities, ["pii", "rules", at]),
    ...(when.route ?? []).flatMap((name, index) =>
      noSuch("route", name, ["pii", "rules", at, "when", "route", index], ["default", ...Object.keys(routes)]),
    ),
  ]);
  return [...inEntities(pii.entities, ["pii"]), ...inRules];
}

/** What plans call the answering door. */
function checkOwnName({ server, upstreams }: Config): Complaint[] {
  if (server.url === undefined || upstreams["signalbox"] === undefined) return [];
  const message = "with server.url this name is that of our own answering door: call the upstream otherwise";
  return [{ path: ["upstreams", "signalbox"], message, at: "key" }];
}

/** What a threshold is kept for must be something that questions can be found to be about. */
function checkCache({ cache, routes }: Config): Complaint[] {
  const domains = Object.keys(DOMAIN_TEXTS);
  const thresholds = Object.keys(cache?.thresholds ?? {});
  const alone = Object.entries(routes).filter((entry) => !cache && entry[1].cache);
  return [
    ...thresholds.flatMap((name) => noSuch("domain", name, ["cache", "thresholds", name], domains, "key")),
    ...alone.map(([name]) => ({
      path: ["routes", name, "cache"],
      message: "nothing is kept: say where at the top, such as cache: { kind: memory }",
      at: "key" as const,
    })),
  ];
}

function checkCascades({ routes, models }: Config): Complaint[] {
  return Object.entries(routes).flatMap(([name, { cascade }]) =>
    cascade ? checkCascade(cascade, ["routes", name, "cascade"], Object.keys(models)) : [],
  );
}

function entriesOf(part: unknown): ReadonlyArray<readonly [Step, unknown]> {
  if (Array.isArray(part)) return [...part.entries()];
  return typeof part === "object" && part !== null ? Object.entries(part) : [];
}

function noSuch(kind: string, name: string, path: readonly Step[], known: readonly string[], at?: "key"): Complaint[] {
  if (known.includes(name)) return [];
  const complaint = { path, message: `no ${kind} is called "${name}"`, known };
  return [at === undefined ? complaint : { ...complaint, at }];
}

export function valueAt(value: unknown, steps: readonly Step[]): unknown {
  return steps.reduce<unknown>((inside, step) => {
    if (typeof inside !== "object" || inside === null || !Object.hasOwn(inside, step)) return undefined;
    return (inside as Record<Step, unknown>)[step];
  }, value);
}
