import type { Place } from "../../config/source.ts";
import type { Step } from "../../config/problem.ts";
import type { Config } from "../../config/schema.ts";
import type { Pin } from "../../contracts.ts";
import { createRoutes, DEFAULT_ROUTE } from "../../decision/routes.ts";
import { paint, printable, type Screen, wrapped } from "../screen.ts";

type ExampleRoute = NonNullable<Config["signals"]["embedding"]>["routes"][number];

/** Says where a part of the config file stands; undefined where there is no file. */
export type Locate = (steps: readonly Step[]) => Place | undefined;

/** One route: what it says of itself, and what leads to it. */
export interface Listed {
  readonly name: string;
  readonly line?: number;
  /** As in the file, without what is left to its default. */
  readonly says: Readonly<Record<string, unknown>>;
  /** Names of the rules that pin it. */
  readonly rules: readonly string[];
  /** Labels that pin it, with their signals. */
  readonly labels: readonly { readonly signal: string; readonly label: string }[];
  readonly examples: readonly ListedExamples[];
}

/** The examples of one label. */
export interface ListedExamples {
  readonly label: string;
  readonly line?: number;
  readonly examples: number;
  /** As the file has it; null where it is learned. */
  readonly threshold: number | null;
  /** What answers when the label is read; null where it only votes. */
  readonly pin: Pin | null;
}

export interface Registry {
  readonly routes: readonly Listed[];
  /** Examples that lead to no route. */
  readonly others: readonly ListedExamples[];
}

export const examplesOf = ({ signals }: Pick<Config, "signals">): readonly ExampleRoute[] =>
  signals.embedding?.routes ?? [];

export function registryOf(config: Config, locate: Locate): Registry {
  const examples = examplesOf(config).map((route, index) => listedExamples(route, index, locate));
  const names = [...createRoutes(config.routes).keys()];
  const leadsTo = (name: string) => (pin: Pin | null) => pin !== null && "route" in pin && pin.route === name;
  return {
    routes: names.map((name) => ({
      name,
      ...lineAt(Object.hasOwn(config.routes, name) ? ["routes", name] : undefined, locate),
      says: saidOf(config.routes[name] ?? {}),
      rules: config.rules.filter(({ then }) => then.route === name).map((rule) => rule.name),
      labels: pinnedLabels(config.signals).filter(({ pin }) => leadsTo(name)(pin)),
      examples: examples.filter(({ pin }) => leadsTo(name)(pin)),
    })),
    others: examples.filter(({ pin }) => pin === null || !("route" in pin)),
  };
}

function listedExamples({ label, examples, threshold, pin }: ExampleRoute, index: number, locate: Locate) {
  return {
    label,
    ...lineAt(["signals", "embedding", "routes", index], locate),
    examples: examples.length,
    threshold: threshold ?? null,
    pin: pin ?? null,
  };
}

function lineAt(steps: readonly Step[] | undefined, locate: Locate): { readonly line?: number } {
  const place = steps && locate(steps);
  return place ? { line: place.line } : {};
}

/** Labels with a pin of any signal but the examples, whatever its options look like. */
function pinnedLabels(signals: Config["signals"]): { signal: string; label: string; pin: Pin }[] {
  return Object.entries(signals)
    .filter(([signal]) => signal !== "embedding")
    .flatMap(([signal, options]) => pinsIn(options).map((found) => ({ signal, ...found })));
}

function pinsIn(part: unknown): { label: string; pin: Pin }[] {
  if (typeof part !== "object" || part === null) return [];
  const { label, pin } = part as { readonly label?: unknown; readonly pin?: Pin };
  const own = typeof label === "string" && pin !== undefined ? [{ label, pin }] : [];
  return [...own, ...Object.values(part).flatMap(pinsIn)];
}

function saidOf(route: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(route).filter(([key, value]) => value !== undefined && !(key === "min_quality" && value === 0)),
  );
}

export function registryText({ routes, others }: Registry, screen: Screen): string[] {
  const blocks = routes.map((route) => [
    paint(screen, "bold", printable(route.name)),
    ...indented(`from ${sourcesOf(route).join(", ") || "nothing: no request takes it"}`, screen),
    ...indented(wordsOf(route.says).join("; ") || "as everywhere", screen),
  ]);
  const rest = others.map((one) => `${examplesText(one)} ${one.pin ? `-> ${pinText(one.pin)}` : "vote only"}`);
  const last =
    rest.length > 0 ? [["examples that lead to no route", ...rest.flatMap((text) => indented(text, screen))]] : [];
  return [...blocks, ...last].map((lines) => lines.join("\n"));
}

function sourcesOf({ name, rules, labels, examples }: Listed): string[] {
  return [
    ...(name === DEFAULT_ROUTE ? ["whatever no pin sends elsewhere"] : []),
    ...rules.map((rule) => `rule ${rule}`),
    ...labels.map(({ signal, label }) => `${signal} ${label}`),
    ...examples.map(examplesText),
  ];
}

const examplesText = ({ label, examples, threshold }: ListedExamples): string =>
  `${examples} example${examples === 1 ? "" : "s"} of ${label} (threshold ${threshold ?? "learned"})`;

export const pinText = (pin: Pin): string => Object.entries(pin).flat().join(" ");

/** `models a, b; rollout percent 20, default a` */
function wordsOf(says: object): string[] {
  return Object.entries(says).map(([key, value]) => `${key} ${valueText(value)}`);
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(", ");
  if (typeof value === "object" && value !== null) return wordsOf(saidOf(value)).join(", ");
  return printable(String(value));
}

const indented = (text: string, screen: Screen): string[] =>
  wrapped(text, screen.width - 4).map((line) => `    ${line}`);
