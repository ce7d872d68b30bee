import { RE2JS } from "re2js";
import type { Caller, Effort, Pin, Prompt } from "../contracts.ts";
import { detectLanguage } from "../text/language.ts";
import type { DecisionRoomOptions } from "./options.ts";

/** How much of the head, and of the tail, of the newest turn a rule's expression reads. */
const READ = 32_768;

export type Rules = readonly Rule[];

interface Rule {
  readonly name: string;
  readonly conditions: readonly Condition[];
  readonly effect: Effect;
}

type RuleOptions = DecisionRoomOptions["rules"][number];
type When = RuleOptions["when"];
type Effect = RuleOptions["then"];

/** What rules look at. `headers` have lower-case names. */
export interface RuleFacts {
  readonly prompt: Prompt;
  readonly caller: Caller;
  readonly headers: Readonly<Record<string, string>>;
}

export interface RuleVerdict {
  /** Names of the rules that matched, in the order of the file. */
  readonly matched: readonly string[];
  /** Of the first rule that pins something. */
  readonly pin?: Pin;
  /** Models that every `only` names; undefined when there is none. */
  readonly only?: readonly string[];
  readonly forbid: readonly string[];
  readonly internal: boolean;
  /** Of the first rule that says one. */
  readonly reasoning?: Effort;
  readonly skipSignals: boolean;
  /** Of the first rule that blocks. */
  readonly block?: { readonly rule: string; readonly message: string };
}

/** The language is looked for when the first rule asks for it, and once. */
interface Scene extends RuleFacts {
  language(): string | undefined;
}

type Condition = (scene: Scene) => boolean;

export function compileRules(options: readonly RuleOptions[]): Rules {
  return options.map(({ name, when, then }) => ({ name, conditions: compileConditions(when), effect: then }));
}

export function applyRules(rules: Rules, facts: RuleFacts): RuleVerdict {
  const scene = stage(facts);
  const matched = rules.filter((rule) => rule.conditions.every((holds) => holds(scene)));
  const onlys = matched.map(({ effect }) => effect.models).filter((only) => only !== undefined);
  const pin = matched.map(({ effect }) => pinOf(effect)).find((p) => p !== undefined);
  const reasoning = matched.find(({ effect }) => effect.reasoning !== undefined)?.effect.reasoning;
  const blocker = matched.find(({ effect }) => effect.block !== undefined);
  return {
    matched: matched.map(({ name }) => name),
    ...(pin && { pin }),
    ...(onlys.length > 0 && { only: shared(onlys) }),
    forbid: [...new Set(matched.flatMap(({ effect }) => effect.forbid ?? []))],
    internal: matched.some(({ effect }) => effect.location === "internal"),
    ...(reasoning !== undefined && { reasoning }),
    skipSignals: matched.some(({ effect }) => effect.skip_signals === true),
    ...(blocker?.effect.block !== undefined && { block: { rule: blocker.name, message: blocker.effect.block } }),
  };
}

function stage(facts: RuleFacts): Scene {
  let found: { readonly language: string | undefined } | undefined;
  return { ...facts, language: () => (found ??= { language: detectLanguage(facts.prompt.turn) }).language };
}

/** Cheapest first: the text is searched only where everything else holds. */
function compileConditions(when: When): Condition[] {
  return [
    ...given(
      when.tenant,
      (tenants) =>
        ({ caller }) =>
          tenants.includes(caller.tenant),
    ),
    ...given(
      when.api,
      (apis) =>
        ({ prompt }) =>
          apis.includes(prompt.api),
    ),
    ...given(
      when.min_tokens,
      (least) =>
        ({ prompt }) =>
          prompt.inputTokens >= least,
    ),
    ...given(
      when.max_tokens,
      (most) =>
        ({ prompt }) =>
          prompt.inputTokens <= most,
    ),
    ...given(when.headers, matchHeaders),
    ...given(
      when.metadata,
      (wanted) =>
        ({ prompt }) =>
          holdsAll(prompt.metadata, Object.entries(wanted)),
    ),
    ...given(
      when.modalities,
      (wanted) =>
        ({ prompt }) =>
          prompt.needs.modalities.some((m) => wanted.includes(m)),
    ),
    ...given(
      when.tools,
      (wanted) =>
        ({ prompt }) =>
          prompt.needs.tools.some((tool) => wanted.includes(tool)),
    ),
    ...given(when.language, (wanted) => (scene) => {
      const language = scene.language();
      return wanted.some((w) => w === language);
    }),
    ...given(when.text, matchText),
  ];
}

function given<T>(option: T | undefined, compile: (option: T) => Condition): Condition[] {
  return option === undefined ? [] : [compile(option)];
}

function matchHeaders(wanted: Readonly<Record<string, string>>): Condition {
  const entries = Object.entries(wanted).map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  return ({ caller, headers }) => caller.trusted && holdsAll(headers, entries);
}

function matchText(pattern: string): Condition {
  const expression = RE2JS.compile(pattern);
  return ({ prompt: { turn } }) =>
    turn.length <= 2 * READ
      ? expression.test(turn)
      : expression.test(turn.slice(0, READ)) || expression.test(turn.slice(-READ));
}

function holdsAll(given: Readonly<Record<string, string>>, wanted: ReadonlyArray<readonly [string, string]>): boolean {
  return wanted.every(([name, value]) => Object.hasOwn(given, name) && given[name] === value);
}

function pinOf({ model, tier, route }: Effect): Pin | undefined {
  if (model !== undefined) return { model };
  if (tier !== undefined) return { tier };
  return route === undefined ? undefined : { route };
}

const shared = (lists: ReadonlyArray<readonly string[]>) =>
  lists.reduce((some, more) => some.filter((name) => more.includes(name)));
