import type { SafetyAction, SafetyVerdict, SignalReport } from "../contracts.ts";
import { SAFETY_DEFAULTS, type DecisionRoomOptions } from "./options.ts";

type SafetyOptions = DecisionRoomOptions["safety"];
type RouteSafety = NonNullable<DecisionRoomOptions["routes"][string]["safety"]>;
type ClassOptions = NonNullable<SafetyOptions[ClassName]>;
type Override = NonNullable<RouteSafety[ClassName]>;
type Action = SafetyAction | "none";

/** `internalOnly` stands beside the strictest action: one class may ask for a guarded model and another for an internal one. */
export interface Judgement extends SafetyVerdict {
  readonly internalOnly: boolean;
}

export interface SafetyClass {
  readonly action: SafetyAction;
  readonly threshold: number;
  /** Of a signal that broke, or never reported. */
  readonly onError: Action;
  /** Of text that was not read to its end, for want of time too: what a client sends decides how long reading takes. */
  readonly onUnread: Action;
}

/** What is judged; a class that is absent is not. */
export interface Safety {
  readonly guardedModel?: string;
  readonly classes: Readonly<Partial<Record<ClassName, SafetyClass>>>;
}

type ClassName = "jailbreak" | "injection" | "harmful" | "pii";

/**
 * Which signal speaks for a class, and with which of its labels. What is harmful is a class of its own: it attacks
 * nobody's rules, models refuse it by themselves, and whoever blocks attacks has not asked to judge what people ask.
 */
export const CLASSES: ReadonlyArray<{
  readonly name: ClassName;
  readonly signal: string;
  readonly speaks: (label: string) => boolean;
  /** Most do well without it: that it is off is nothing to think about. */
  readonly isOptional?: true;
}> = [
  { name: "jailbreak", signal: "jailbreak", speaks: (label) => label !== "injection" && label !== "harmful" },
  { name: "injection", signal: "jailbreak", speaks: (label) => label === "injection" },
  { name: "harmful", signal: "jailbreak", speaks: (label) => label === "harmful", isOptional: true },
  { name: "pii", signal: "pii", speaks: () => true },
];

const STRICTNESS: readonly Action[] = ["none", "annotate", "internal", "guarded", "block"];

/**
 * The safety of one route. Who pinned the route decides how far its override reaches: a rule (or nobody, on the
 * default route) is the operator's word and may tighten or loosen; a signal read what the client wrote, so there
 * each part of it holds only where it is stricter. No header or field of a request names a route.
 */
export function safetyOf(
  global: SafetyOptions,
  route: RouteSafety | undefined,
  pinnedBy: "rule" | "signal" | undefined,
): Safety {
  const classes: Partial<Record<ClassName, SafetyClass>> = {};
  for (const { name } of CLASSES) {
    const merged = classOf(global[name], route?.[name], pinnedBy === "signal");
    if (merged) classes[name] = merged;
  }
  return { ...(global.model !== undefined && { guardedModel: global.model }), classes };
}

function classOf(
  global: ClassOptions | undefined,
  own: Override | undefined,
  onlyTighten: boolean,
): SafetyClass | undefined {
  if (!own) return global && createClass(global);
  const merged = createClass({ ...SAFETY_DEFAULTS, ...global, ...defined(own) });
  return global && onlyTighten ? stricterOf(createClass(global), merged) : merged;
}

function createClass(options: ClassOptions): SafetyClass {
  return {
    action: options.action,
    threshold: options.threshold,
    onError: actionOf(options.on_error),
    onUnread: actionOf(options.on_unread ?? (options.action === "annotate" ? "allow" : options.action)),
  };
}

function stricterOf(a: SafetyClass, b: SafetyClass): SafetyClass {
  return {
    action: strictest([a.action, b.action]) as SafetyAction,
    threshold: Math.min(a.threshold, b.threshold),
    onError: strictest([a.onError, b.onError]),
    onUnread: strictest([a.onUnread, b.onUnread]),
  };
}

/**
 * What safety makes of the reports. `configured` are the signals that should have reported: one that did not counts
 * as failed. The sentence names classes, scores and failures, never what was found.
 */
export function judgeSafety(safety: Safety, reports: readonly SignalReport[], configured: Iterable<string>): Judgement {
  const expected = new Set(configured);
  const findings = CLASSES.flatMap(({ name, signal, speaks }) => {
    const rules = safety.classes[name];
    if (!rules || !expected.has(signal)) return [];
    const report = reports.find((r) => r.signal === signal);
    return judgeClass(name, rules, report, speaks);
  });
  const actions = findings.map(({ action }) => action);
  return {
    action: strictest(actions),
    classes: [...new Set(findings.map((finding) => finding.name))],
    sentence: findings.length === 0 ? "nothing found" : findings.map(({ text }) => text).join("; "),
    internalOnly: actions.includes("internal"),
  };
}

interface Finding {
  readonly name: ClassName;
  readonly action: Action;
  readonly text: string;
}

function judgeClass(
  name: ClassName,
  rules: SafetyClass,
  report: SignalReport | undefined,
  speaks: (label: string) => boolean,
): Finding[] {
  const findings: Finding[] = [];
  const add = (action: Action, why: string) => {
    if (action !== "none") findings.push({ name, action, text: `${name} ${why}: ${action}` });
  };
  const scores = (report?.readings ?? []).filter(({ label }) => speaks(label)).map(({ score }) => score);
  const highest = Math.max(0, ...scores);
  if (scores.length > 0 && highest >= rules.threshold) {
    add(rules.action, `${highest.toFixed(2)} >= ${rules.threshold}`);
  }
  if (report?.failure === "unread" || report?.failure === "deadline") add(rules.onUnread, "not read to the end");
  else if (!report || (report.failure && report.failure !== "second_look"))
    add(rules.onError, `not judged (${report?.failure ?? "no report"})`);
  return findings;
}

const defined = (own: Override) => Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
const actionOf = (option: "allow" | SafetyAction): Action => (option === "allow" ? "none" : option);

function strictest(actions: readonly Action[]): Action {
  return actions.reduce<Action>((a, b) => (STRICTNESS.indexOf(b) > STRICTNESS.indexOf(a) ? b : a), "none");
}
