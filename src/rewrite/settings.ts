import type { RewriteAsk } from "./index.ts";
import type { Limits } from "./limits.ts";
import type { RouteSystemOptions, RouteToolsOptions, SystemOptions, ToolsOptions } from "./options.ts";
import { OWN_TEXT } from "./options.ts";
import { ownText, systemTexts } from "./texts.ts";
import type { Question } from "./tool-rank.ts";
import type { CatalogueTool } from "./tools.ts";

/** The file form of this room's part of the config, defaults filled in. */
export interface RewriteOptions {
  readonly system?: SystemOptions | undefined;
  readonly tools?: ToolsOptions | undefined;
  readonly routes: Readonly<Record<string, RouteRewriting>>;
  readonly tiers: Readonly<Record<string, TierLimits>>;
}

interface TierLimits {
  readonly max_tokens?: number | undefined;
  readonly stop?: readonly string[] | undefined;
}

interface RouteRewriting {
  readonly system?: RouteSystemOptions | undefined;
  readonly tools?: RouteToolsOptions | undefined;
}

export interface Rewriting {
  /** Some system text depends on the domain. */
  readonly readsDomain: boolean;
  /** The route adds tools of the catalogue: models that call none cannot answer. */
  addsTools(route: string): boolean;
  /** What a request's route and domain ask to be changed in it; undefined where that is nothing. */
  askOf(route: string, label: string | undefined, question: Question): RewriteAsk | undefined;
  /** What replies of a tier's models are kept within; undefined where nothing limits them. */
  limitsOf(tier: string): Limits | undefined;
}

export function compileRewriting({ system, tools = {}, routes, tiers }: RewriteOptions): Rewriting {
  const catalogue = Object.entries(tools).map(([name, { text, parameters }]): CatalogueTool => ({
    name,
    description: text,
    parameters,
  }));
  const askOf: Rewriting["askOf"] = (name, label, question) => {
    const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
    const texts = systemTexts(system, route?.system, label);
    const { keep, tools: add, max_tokens: resultTokens } = route?.tools ?? {};
    const choosesTools = keep !== undefined || add !== undefined;
    if (texts.length === 0 && !choosesTools && resultTokens === undefined) return undefined;
    return {
      system: texts,
      ...(choosesTools && {
        tools: { catalogue, question, ...(keep !== undefined && { keep }), ...(add !== undefined && { add }) },
      }),
      ...(resultTokens !== undefined && { resultTokens }),
    };
  };
  const limits = new Map(
    Object.entries(tiers).flatMap(([name, { max_tokens: maxTokens, stop }]): [string, Limits][] =>
      maxTokens === undefined && stop === undefined
        ? []
        : [[name, { ...(maxTokens !== undefined && { maxTokens }), ...(stop && { stop }) }]],
    ),
  );
  return {
    readsDomain: Object.keys(system?.labels ?? {}).length > 0,
    addsTools: (name) => Object.hasOwn(routes, name) && routes[name]!.tools?.tools !== undefined,
    askOf,
    limitsOf: (tier) => limits.get(tier),
  };
}

/** Something that names what does not exist. `known` are the names that would have been right; `at` the key itself. */
interface RewriteProblem {
  readonly path: ReadonlyArray<string | number>;
  readonly message: string;
  readonly known?: readonly string[];
  readonly at?: "key";
}

/** @param labels of the domain head, which are all that can be read */
export function checkRewriting(
  { system, tools = {}, routes }: RewriteOptions,
  labels: readonly string[],
): RewriteProblem[] {
  const problems: RewriteProblem[] = [];
  for (const [label, text] of Object.entries(system?.labels ?? {})) {
    const path = ["system", "labels", label];
    if (!labels.includes(label))
      problems.push({ path, message: `no domain is called "${label}"`, known: labels, at: "key" });
    else if (text === OWN_TEXT && ownText(label) === undefined)
      problems.push({ path, message: `there is no text of ours for "${label}": write one` });
  }
  for (const [name, route] of Object.entries(routes)) {
    if (route.tools?.tools === undefined || Object.keys(tools).length > 0) continue;
    const path = ["routes", name, "tools", "tools"];
    problems.push({ path, message: "there is no catalogue to add tools of: write some under tools" });
  }
  return problems;
}
