import type { FakeRequest } from "../fakes/model.ts";
import type { RequestRecord } from "../../src/events.ts";
import type { Reply } from "./load.ts";
import type { Side } from "./pools.ts";

/** Finds the side by a name of the pool, such as `amber-quick`. */
export const sideByName = (sides: readonly Side[], name: string): Side | undefined =>
  sides.find((side) => name.startsWith(`${side.name}-`));

/** What of an answered chat belongs to another config than the rest; nothing when it is whole. */
export function mixedChat(
  sides: readonly Side[],
  reply: Reply,
  record: RequestRecord | undefined,
  upstream: FakeRequest | undefined,
): string[] {
  const model = String(reply.headers["x-signalbox-model"]);
  const side = sideByName(sides, model);
  if (!side) return [`the header names ${model}`];
  const { name, key, price, upstreamModels, accepted } = side;
  const own = (text: string | undefined) => text?.startsWith(`${name}-`) === true;
  const asked = (upstream?.json as { model?: string } | undefined)?.model;
  const plan = record?.plan;
  const usage = record?.usage;
  const usd = usage && ((usage.inputTokens + usage.outputTokens) * price) / 1e6;
  const facts: Array<[boolean, string]> = [
    [modelsIn(reply.text).every((named) => named === model), `the body names ${modelsIn(reply.text).join(", ")}`],
    [own(String(reply.headers["x-signalbox-tier"])), "the tier of the header"],
    [asked === upstreamModels[model], `the upstream was asked for ${asked}`],
    [upstream?.headers.authorization === `Bearer ${key}`, "the key that the upstream got"],
    [plan?.configHash === accepted.hash, "the config hash"],
    [plan?.targets.every((target) => own(target.model) && own(target.target.upstream)) === true, "the plan's targets"],
    [plan?.decision?.candidates.every((candidate) => own(candidate.model)) === true, "the candidates"],
    [record?.attempts.every((attempt) => own(attempt.model)) === true, "the attempts"],
    [usd !== undefined && Math.abs(usd - (record?.costUsd ?? 0)) < 1e-12, `the cost ${record?.costUsd}, not ${usd}`],
  ];
  return facts.filter(([holds]) => !holds).map(([, what]) => `${model}, but not ${what}`);
}

/** The same of a plan over RPC. */
export function mixedPlan(sides: readonly Side[], text: string): string[] {
  const plan = JSON.parse(text) as {
    model: string;
    tier: string;
    configHash: string;
    candidates: Array<{ model: string; tier: string }>;
    targets: Array<{ model: string; tier: string; upstream: string; upstreamModel: string }>;
    setHeaders: Array<{ value: string }>;
  };
  const side = sideByName(sides, plan.model);
  if (!side) return [`the plan names ${plan.model}`];
  const names = [
    plan.tier,
    ...plan.candidates.flatMap(({ model, tier }) => [model, tier]),
    ...plan.targets.flatMap(({ model, tier, upstream }) => [model, tier, upstream]),
    ...plan.setHeaders.map(({ value }) => value),
  ];
  return [
    ...names.filter((name) => !name.startsWith(`${side.name}-`)).map((name) => `${plan.model}, but ${name}`),
    ...plan.targets
      .filter(({ model, upstreamModel }) => side.upstreamModels[model] !== upstreamModel)
      .map(({ model, upstreamModel }) => `${model} as ${upstreamModel}`),
    ...(plan.configHash === side.accepted.hash ? [] : [`${plan.model}, but config ${plan.configHash}`]),
  ];
}

/** Every model that a whole or a streamed answer names. */
export function modelsIn(text: string): string[] {
  const found = text.matchAll(/"model":"([^"]*)"/g);
  return [...new Set(Array.from(found, (match) => match[1]!))];
}

/** A stream that ended as a stream must: with a finish reason and the closing mark, or with an error event. */
export function endedWell({ text, cut }: Reply): "finished" | "told" | "torn" {
  if (cut) return "torn";
  if (/data: \{"error":/.test(text)) return "told";
  return /"finish_reason":"(?:stop|length|tool_calls)"/.test(text) && text.includes("data: [DONE]")
    ? "finished"
    : "torn";
}
