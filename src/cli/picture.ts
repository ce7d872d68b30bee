import type { Candidate, Decision, Plan, PlannedCascade, PlannedTarget, SignalReport, Vote } from "../contracts.ts";
import type { Change } from "../rewrite/diff.ts";
import type { Changed } from "./plan.ts";
import { cut, padded, paint, printable, type Screen, type Style, widthOf, wrapped } from "./screen.ts";
import { type Cell, table } from "./table.ts";

/**
 * A decision as a person reads it: what was chosen and why, what the signals read, who else could have answered, at
 * what cost, and what becomes of the request on its way.
 */
export function picture(plan: Plan, screen: Screen, changed?: Changed): string {
  const { decision } = plan;
  const parts = [
    head(plan, screen),
    signals(plan, screen),
    decision && decision.candidates.length > 0 ? models(decision, screen) : [],
    plan.targets.length > 0 ? targets(plan.targets, screen) : [],
    changed && changed.changes.length > 0 ? changes(changed, screen) : [],
    facts(plan, screen),
  ];
  const lines = parts.filter((part) => part.length > 0).map((part) => part.join("\n"));
  return `${lines.join("\n\n")}\n`;
}

function head({ decision, blocked }: Plan, screen: Screen): string[] {
  if (!decision) {
    const sentence = printable(blocked?.message ?? "");
    return [paint(screen, "red", `blocked (${blocked?.status ?? 403})`), ...wrapped(sentence, screen.width)];
  }
  const dot = screen.unicode ? " · " : " - ";
  const { model, tier, route, reason, confidence, margin, runnerUp, instead } = decision;
  const about = [...(tier ? [`tier ${tier}`] : []), `route ${route}`, reason];
  const name = cut(screen, printable(model), screen.width);
  const title = paint(screen, "bold", paint(screen, "green", name));
  const fits = widthOf(name + dot + about.join(dot)) <= screen.width;
  const sure = [
    `confidence ${confidence.toFixed(2)}`,
    runnerUp === undefined ? "no runner-up" : `margin ${margin.toFixed(3)} between the two best (second: ${runnerUp})`,
  ];
  return [
    ...(fits ? [title + dot + about.join(dot)] : [title, ...wrapped(about.join(dot), screen.width)]),
    ...wrapped(decision.sentence, screen.width),
    ...(instead ? wrapped(`Without the rollout: ${instead.model} (${instead.reason}).`, screen.width) : []),
    ...wrapped(sure.join(dot), screen.width),
  ];
}

function signals({ signals: reports, decision }: Plan, screen: Screen): string[] {
  if (reports.length === 0) return ["No signal was read."];
  const votes = new Map(decision?.votes.map((vote) => [vote.signal, vote]));
  const columns = [
    { head: "signal" },
    { head: "label", flexible: true },
    { head: "score", align: "right" },
    { head: "conf.", align: "right" },
    { head: "share", align: "right" },
    { head: screen.unicode ? "µs" : "us", align: "right" },
  ] as const;
  return table(
    screen,
    columns,
    reports.flatMap((report) => signalRows(report, votes.get(report.signal))),
  );
}

/** One row a reading, and one for what went wrong. The name, the share and the time stand in the first. */
function signalRows(report: SignalReport, vote: Vote | undefined): Cell[][] {
  const share = vote && vote.weight > 0 ? `${Math.round(vote.weight * 100)}%` : "-";
  const rows = report.readings.map(({ label, score, confidence }): Cell[] => [
    printable(label),
    score.toFixed(2),
    confidence.toFixed(2),
  ]);
  const trouble = troubleOf(report);
  if (trouble !== undefined) rows.push([{ text: trouble, style: "yellow" }, "", ""]);
  if (rows.length === 0) rows.push([{ text: vote?.note ?? "nothing found", style: "dim" }, "", ""]);
  return rows.map((row, at) =>
    at === 0 ? [report.signal, ...row, share, String(Math.round(report.micros))] : ["", ...row, "", ""],
  );
}

function troubleOf({ failure, error }: SignalReport): string | undefined {
  return failure && `${failure}${error === undefined ? "" : `: ${printable(error)}`}`;
}

const MOST_MODELS = 20;
const LONGEST_NAME = 28;
const LONGEST_BAR = 40;

function models(decision: Decision, screen: Screen): string[] {
  const sorted = decision.candidates.toSorted(
    (a, b) => Number(b.allowed === true) - Number(a.allowed === true) || b.quality - a.quality || a.costUsd - b.costUsd,
  );
  const shown = sorted.filter(({ model }, at) => at < MOST_MODELS || model === decision.model);
  const names = Math.min(LONGEST_NAME, Math.max(...shown.map(({ model }) => widthOf(model)), "model".length));
  const costs = Math.max(...shown.map(({ costUsd }) => usd(costUsd).length), "cost USD".length);
  // Mark, name, bar, "0.00", cost, with a space between each.
  const bar = Math.min(LONGEST_BAR, Math.max(5, screen.width - names - costs - 11));
  const title = `  ${padded("model", names)} ${padded("predicted quality", bar + 5)}  ${padded("cost USD", costs, "right")}`;
  const lines = shown.flatMap((candidate) =>
    modelLines(candidate, candidate.model === decision.model, screen, { names, bar, costs }),
  );
  const rest = sorted.length - shown.length;
  return [paint(screen, "dim", title), ...lines, ...(rest > 0 ? [`  and ${rest} more`] : [])];
}

function modelLines(
  { model, quality, costUsd, allowed }: Candidate,
  chosen: boolean,
  screen: Screen,
  { names, bar, costs }: { names: number; bar: number; costs: number },
): string[] {
  const style: Style | undefined = allowed === true ? (chosen ? "green" : undefined) : "dim";
  const mark = chosen ? (screen.unicode ? "▸" : ">") : allowed === true ? " " : screen.unicode ? "✗" : "x";
  const name = padded(cut(screen, model, names), names);
  const line = `${mark} ${name} ${barOf(quality, bar, screen)} ${quality.toFixed(2)}  ${padded(usd(costUsd), costs, "right")}`;
  const why = allowed === true ? [] : wrapped(`refused: ${printable(allowed)}`, screen.width - 4);
  return [paint(screen, style, line), ...why.map((text) => paint(screen, "dim", `    ${text}`))];
}

function barOf(share: number, width: number, { unicode }: Screen): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return (unicode ? "█" : "#").repeat(full) + (unicode ? "░" : ".").repeat(width - full);
}

function targets(planned: readonly PlannedTarget[], screen: Screen): string[] {
  const columns = [
    { head: "" },
    { head: "target", flexible: true },
    { head: "model" },
    { head: "location" },
    { head: "connect/first/total" },
  ] as const;
  const rows = planned.map(({ model, target, timeouts }, at) => [
    String(at + 1),
    target.id,
    cut(screen, model, LONGEST_NAME),
    target.location,
    `${[timeouts.connectMs, timeouts.firstTokenMs, timeouts.totalMs].map(seconds).join("/")} s`,
  ]);
  return table(screen, columns, rows);
}

const MOST_CHANGES = 20;
const SIGNS = { added: ["+", "green"], removed: ["-", "red"], replaced: ["~", "yellow"] } as const;
/** Parts of the screen that are enough for where a change is, and for what was there. */
const PLACE_SHARE = 0.4;
const BEFORE_SHARE = 0.25;

function changes({ target, changes: all }: Changed, screen: Screen): string[] {
  const columns = [
    { head: "" },
    { head: cut(screen, `sent to ${target}`, Math.floor(screen.width * PLACE_SHARE)) },
    { head: "before" },
    { head: "after", flexible: true },
  ] as const;
  const rest = all.length - MOST_CHANGES;
  const rows = all.slice(0, MOST_CHANGES).map((change) => changeRow(change, screen));
  return [...table(screen, columns, rows), ...(rest > 0 ? [`   and ${rest} more`] : [])];
}

function changeRow({ path, kind, textBefore = "", textAfter = "" }: Change, screen: Screen): Cell[] {
  const [sign, style] = SIGNS[kind];
  return [
    { text: sign, style },
    cut(screen, path, Math.floor(screen.width * PLACE_SHARE)),
    { text: cut(screen, printable(textBefore), Math.floor(screen.width * BEFORE_SHARE)), style: "red" },
    { text: printable(textAfter).trim(), style: "green" },
  ];
}

function facts({ decision, safety, rules, cascade, configHash, micros }: Plan, screen: Screen): string[] {
  const fact = (name: string, text: string, style?: Style) =>
    wrapped(text, screen.width - 9).map(
      (line, at) => `${padded(at === 0 ? name : "", 8)} ${paint(screen, style, line)}`,
    );
  return [
    ...fact("safety", printable(safety.sentence), STYLES[safety.action]),
    ...fact("rules", rules.length > 0 ? rules.join(", ") : "none matched"),
    ...(decision && decision.candidates.length > 0 ? fact("cost", costOf(decision)) : []),
    ...(cascade ? fact("cascade", cascadeText(cascade), cascade.off === undefined ? undefined : "yellow") : []),
    ...fact("decided", `in ${(micros / 1000).toFixed(2)} ms by config ${configHash}`),
  ];
}

function cascadeText({ models, gates, mode, off }: PlannedCascade): string {
  const stream = mode === "buffer" ? "streams wait until they are whole" : "streams wait for their first tokens";
  const why = off === undefined ? "" : `; not gone through: ${off}`;
  return `${models.join(", then ")}; judged by ${gates.join(", ")}; ${stream}${why}`;
}

const STYLES: Readonly<Partial<Record<Plan["safety"]["action"], Style>>> = {
  annotate: "yellow",
  internal: "yellow",
  guarded: "yellow",
  block: "red",
};

function costOf({ expectedCostUsd, baselineCostUsd }: Decision): string {
  const [cost, baseline] = [`${usd(expectedCostUsd)} USD`, `${usd(baselineCostUsd)} USD`];
  if (baselineCostUsd === 0) return `${cost} (expected), baseline ${baseline}`;
  const below = (1 - expectedCostUsd / baselineCostUsd) * 100;
  if (below === 0) return `${cost}, as much as the baseline (expected)`;
  return `${cost}, ${Math.abs(below).toFixed(1)}% ${below > 0 ? "below" : "above"} the baseline (expected) of ${baseline}`;
}

/** Three digits that count, never with an exponent: 0.0000181. */
export function usd(amount: number): string {
  if (amount === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(amount)));
  return amount.toFixed(Math.min(digits, 12));
}

const seconds = (ms: number) => Number((ms / 1000).toFixed(3));
