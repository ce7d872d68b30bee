import { Command } from "commander";
import type { Model } from "../contracts.ts";
import { createPool } from "../pool/pool.ts";
import { configOption, findConfig, jsonOption } from "./config.ts";
import { discoverCommand } from "./discover.ts";
import { evaluateCommand } from "./evaluate.ts";
import { Failure } from "./failure.ts";
import { likelyNames, type Probe, probeUpstream } from "./probe.ts";
import { paint, type Screen } from "./screen.ts";
import { table } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import { timeoutOption } from "./timeout.ts";

interface Options {
  readonly config?: string;
  readonly live?: boolean;
  readonly timeout: number;
  readonly json?: boolean;
}

export function modelsCommand(terminal: Terminal): Command {
  return new Command("models")
    .description("List the model pool: tiers, quality, prices in USD per million tokens, context, targets.")
    .addOption(configOption())
    .option("--live", "ask each upstream whether it serves what the targets name")
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .action((options: Options) => models(terminal, options))
    .addCommand(evaluateCommand(terminal))
    .addCommand(discoverCommand(terminal));
}

async function models(terminal: Terminal, options: Options): Promise<void> {
  const { config, hash, demo } = await findConfig(terminal, options.config, { sends: options.live === true });
  if (demo && options.live) throw new Failure("--live needs a config: the demo has nothing to ask");
  const pool = createPool(config, (name) => config.upstreams[name]!.location);
  const live = new Map(
    options.live
      ? await Promise.all(
          Object.entries(config.upstreams).map(
            async ([name, upstream]) => [name, await probeUpstream(name, upstream, options.timeout)] as const,
          ),
        )
      : [],
  );
  const byRank = pool.models.toSorted((a, b) => a.tier.rank - b.tier.rank);
  if (options.json)
    return terminal.out(JSON.stringify({ hash, models: byRank.map((model) => modelJson(model, live)) }));
  terminal.out(modelTable(byRank, terminal.screen).join("\n"));
  terminal.out(`\n${targetLines(byRank, live, terminal.screen).join("\n")}`);
}

function modelJson({ tier, targets, ...facts }: Model, live: ReadonlyMap<string, Probe>): object {
  return {
    ...facts,
    tier: tier.name,
    targets: targets.map((target) => {
      const probe = live.get(target.upstream);
      return probe ? { ...target, live: liveJson(target.upstreamModel, probe) } : target;
    }),
  };
}

/** `served` is null where the upstream could not be asked, or does not tell. */
function liveJson(name: string, probe: Probe): object {
  if (!probe.ok) return { served: null, error: probe.message };
  if (!probe.models) return { served: null };
  const served = probe.models.includes(name);
  return served ? { served } : { served, likely: likelyNames(name, probe.models) };
}

function modelTable(pool: readonly Model[], screen: Screen): string[] {
  const columns = [
    { head: "model", flexible: true },
    { head: "tier" },
    { head: "quality", align: "right" },
    { head: "input", align: "right" },
    { head: "output", align: "right" },
    { head: "cached", align: "right" },
    { head: "context", align: "right" },
    { head: "modalities" },
    { head: "location" },
  ] as const;
  const rows = pool.map(({ name, tier, quality, price, context, modalities, targets }) => [
    name,
    tier.name,
    String(quality),
    String(price.input),
    String(price.output),
    String(price.cachedInput),
    String(context),
    modalities.join(" "),
    [...new Set(targets.map(({ location }) => location))].join(" "),
  ]);
  return table(screen, columns, rows);
}

function targetLines(pool: readonly Model[], live: ReadonlyMap<string, Probe>, screen: Screen): string[] {
  const lines = pool.flatMap(({ name, targets }) =>
    targets.map(({ id, upstream, upstreamModel }) => {
      const probe = live.get(upstream);
      return `${name} -> ${id}${probe ? `  ${verdict(upstreamModel, probe, screen)}` : ""}`;
    }),
  );
  return [paint(screen, "dim", "targets, first choice first"), ...lines];
}

function verdict(name: string, probe: Probe, screen: Screen): string {
  if (!probe.ok) return paint(screen, "yellow", `not known: ${probe.message}`);
  if (!probe.models) return paint(screen, "yellow", "not known: it does not list its deployments");
  if (probe.models.includes(name)) return paint(screen, "green", "served");
  const likely = likelyNames(name, probe.models);
  return paint(screen, "red", `not served${likely.length > 0 ? `; it has ${likely.join(", ")}` : ""}`);
}
