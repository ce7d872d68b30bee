import type { Pin } from "../contracts.ts";
import type { DecisionRoomOptions } from "./options.ts";
import { DEFAULT_ROUTE } from "./routes.ts";
import { CLASSES } from "./safety.ts";

type Path = ReadonlyArray<string | number>;

/** Something that names what does not exist, or cannot take effect. `known` are the names that would have been right. */
export interface DecisionProblem {
  readonly path: Path;
  readonly message: string;
  readonly known?: readonly string[];
}

/** What other rooms call by name, in the form that the file has it: the whole config fits. */
export interface KnownNames {
  readonly models: Readonly<Record<string, { readonly tier: string; readonly reasoning?: string | undefined }>>;
  readonly tiers: Readonly<Record<string, unknown>>;
  readonly signals: Readonly<Record<string, unknown>>;
}

/** References that lead nowhere and keys that could have no effect. */
export function checkDecision(options: DecisionRoomOptions, names: KnownNames): DecisionProblem[] {
  const { decision, routes, rules } = options;
  return [
    ...reference("model", decision.fallback, ["decision", "fallback"], names.models),
    ...reference("model", decision.baseline, ["decision", "baseline"], names.models),
    ...reference("model", decision.rollout.default, ["decision", "rollout", "default"], names.models),
    ...checkRouter(decision, names),
    ...checkReasoning(options, names),
    ...needsDefault(decision.rollout, decision.rollout.default, ["decision", "rollout"]),
    ...Object.entries(routes).flatMap(([name, route]) => checkRoute(name, route, options, names)),
    ...rules.flatMap((rule, i) => checkRule(rule, i, options, names)),
    ...checkSafety(options, names),
  ];
}

function checkRouter({ router, escalate_below_margin: margin }: DecisionRoomOptions["decision"], names: KnownNames) {
  if (!router) return [];
  const message = "it would never be asked: set decision.escalate_below_margin, the margin below which it is";
  return [
    ...reference("model", router.model, ["decision", "router", "model"], names.models),
    ...(margin > 0 ? [] : [{ path: ["decision", "router"], message }]),
  ];
}

function checkReasoning(
  { decision, routes, rules }: DecisionRoomOptions,
  { models, signals }: KnownNames,
): DecisionProblem[] {
  const places: Path[] = [
    ...(decision.reasoning ? [["decision", "reasoning"]] : []),
    ...Object.entries(routes).flatMap(([name, { reasoning }]) => (reasoning ? [["routes", name, "reasoning"]] : [])),
    ...rules.flatMap(({ then }, i) => (then.reasoning ? [["rules", i, "then", "reasoning"]] : [])),
  ];
  const canBeTold = Object.values(models).some(({ reasoning }) => reasoning !== undefined);
  const nobody = "no model can be told how much to think: say how in models.NAME.reasoning";
  const unread = "nothing reads such labels: add signals.complexity or signals.domain";
  const hasLabels = Object.keys(decision.reasoning?.labels ?? {}).length > 0;
  return [
    ...(canBeTold ? [] : places.map((path) => ({ path, message: nobody }))),
    ...(hasLabels && !signals["complexity"] && !signals["domain"]
      ? [{ path: ["decision", "reasoning", "labels"], message: unread }]
      : []),
  ];
}

/** Also for the pins of signals, whose room knows no models. `routes` as in the file; "default" need not be among them. */
export function checkPin(
  pin: Pin,
  path: Path,
  names: Pick<KnownNames, "models" | "tiers"> & { readonly routes: Readonly<Record<string, unknown>> },
): DecisionProblem[] {
  if ("model" in pin) return reference("model", pin.model, [...path, "model"], names.models);
  if ("tier" in pin) return reference("tier", pin.tier, [...path, "tier"], names.tiers);
  return reference("route", pin.route, [...path, "route"], { [DEFAULT_ROUTE]: {}, ...names.routes });
}

function checkRoute(
  name: string,
  route: DecisionRoomOptions["routes"][string],
  { decision }: DecisionRoomOptions,
  names: KnownNames,
): DecisionProblem[] {
  const path = ["routes", name];
  const { models, tier, fallback, rollout } = route;
  return [
    ...references(models, [...path, "models"], names),
    ...reference("tier", tier, [...path, "tier"], names.tiers),
    ...reference("model", fallback, [...path, "fallback"], names.models),
    ...outsideRoute(fallback, route, [...path, "fallback"], names),
    ...reference("model", rollout?.default, [...path, "rollout", "default"], names.models),
    ...(rollout
      ? needsDefault({ ...decision.rollout, ...rollout }, rollout.default ?? decision.rollout.default, [
          ...path,
          "rollout",
        ])
      : []),
  ];
}

function outsideRoute(
  fallback: string | undefined,
  { models, tier }: DecisionRoomOptions["routes"][string],
  path: Path,
  names: KnownNames,
): DecisionProblem[] {
  if (fallback === undefined || !Object.hasOwn(names.models, fallback)) return [];
  const inside =
    (!models || models.includes(fallback)) && (tier === undefined || names.models[fallback]?.tier === tier);
  return inside ? [] : [{ path, message: `the fallback "${fallback}" is not one of the route's own models` }];
}

function checkRule(
  { name, then }: DecisionRoomOptions["rules"][number],
  i: number,
  { rules, routes }: DecisionRoomOptions,
  names: KnownNames,
): DecisionProblem[] {
  const path = ["rules", i, "then"];
  const twice = rules.findIndex((rule) => rule.name === name) < i;
  return [
    ...(twice ? [{ path: ["rules", i, "name"], message: `a rule before this one is called "${name}" too` }] : []),
    ...reference("model", then.model, [...path, "model"], names.models),
    ...reference("tier", then.tier, [...path, "tier"], names.tiers),
    ...(then.route === undefined ? [] : checkPin({ route: then.route }, path, { ...names, routes })),
    ...references(then.models, [...path, "models"], names),
    ...references(then.forbid, [...path, "forbid"], names),
  ];
}

function checkSafety({ safety, routes }: DecisionRoomOptions, names: KnownNames): DecisionProblem[] {
  const places = [
    { path: ["safety"], safety },
    ...Object.entries(routes).map(([name, route]) => ({
      path: ["routes", name, "safety"],
      safety: route.safety ?? {},
    })),
  ];
  return [
    ...reference("model", safety.model, ["safety", "model"], names.models),
    ...places.flatMap((place) =>
      CLASSES.flatMap(({ name, signal }) => {
        const rules = place.safety[name];
        return rules ? checkClass(rules, signal, [...place.path, name], safety.model, names) : [];
      }),
    ),
  ];
}

function checkClass(
  rules: {
    readonly action?: string | undefined;
    readonly on_error?: string | undefined;
    readonly on_unread?: string | undefined;
  },
  signal: string,
  path: Path,
  guardedModel: string | undefined,
  { signals }: KnownNames,
): DecisionProblem[] {
  const guards = [rules.action, rules.on_error, rules.on_unread].includes("guarded");
  return [
    ...(signals[signal] === undefined
      ? [{ path, message: `the signal "${signal}" reads this and is off: add signals.${signal}` }]
      : []),
    ...(guards && guardedModel === undefined ? [{ path, message: "guarded by which model? Set safety.model" }] : []),
  ];
}

function needsDefault(
  rollout: { readonly mode?: string | undefined; readonly percent?: number | undefined },
  model: string | undefined,
  path: Path,
): DecisionProblem[] {
  const routesAll = rollout.mode === "route" && rollout.percent === 100;
  return routesAll || model !== undefined
    ? []
    : [{ path, message: "not everything is routed: set `default`, the model that answers the rest" }];
}

function references(list: readonly string[] | undefined, path: Path, names: KnownNames): DecisionProblem[] {
  return (list ?? []).flatMap((name, i) => reference("model", name, [...path, i], names.models));
}

function reference(
  kind: "model" | "tier" | "route",
  name: string | undefined,
  path: Path,
  known: Readonly<Record<string, unknown>>,
): DecisionProblem[] {
  if (name === undefined || Object.hasOwn(known, name)) return [];
  return [{ path, message: `no ${kind} is called "${name}"`, known: Object.keys(known) }];
}
