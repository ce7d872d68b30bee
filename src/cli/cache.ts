import { Command, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { adminCommand, type AdminOptions, askAdmin, findAdminPort } from "./admin-port.ts";
import { Failure } from "./failure.ts";
import { counted } from "./progress.ts";
import { paint, printable, type Screen } from "./screen.ts";
import type { Terminal } from "./terminal.ts";

interface PurgeOptions extends AdminOptions {
  readonly tenant?: string;
  readonly route?: string;
  readonly id?: string;
  readonly all?: boolean;
}

export function cacheCommand(terminal: Terminal): Command {
  const stats = adminCommand("stats")
    .description("Say what the cache of a running server holds, and how it fares.")
    .action((options: AdminOptions) => showStats(terminal, options));
  const purge = adminCommand("purge")
    .description("Remove answers from the cache of a running server: those that fit all that is given.")
    .addOption(named("--tenant <name>", "answers that were given to this tenant"))
    .addOption(named("--route <name>", "answers of this route"))
    .addOption(named("--id <id>", "the answer that the header x-signalbox-cache-id names"))
    .option("--all", "every answer")
    .action((options: PurgeOptions) => purgeCache(terminal, options));
  return new Command("cache")
    .description("Look into the cache of a running server, and empty it.")
    .addCommand(stats, { isDefault: true })
    .addCommand(purge);
}

/** A variable of a shell that holds nothing would widen what is purged. */
function named(flags: string, says: string): Option {
  return new Option(flags, says).argParser((text) => {
    if (text === "") throw new InvalidArgumentError("Expected a name.");
    return text;
  });
}

const count = z.number();
const stats = z.object({
  kind: z.string(),
  state: z.string(),
  entries: count,
  bytes: count,
  evicted: count,
  expired: count,
  refused: count,
  dropped: count,
  late: count,
  damaged: count,
});
type Stats = z.output<typeof stats>;

async function showStats(terminal: Terminal, options: AdminOptions): Promise<void> {
  const told = await askAdmin(await findAdminPort(terminal, options), "GetCacheStats", {}, stats);
  terminal.out(options.json ? JSON.stringify(told) : statsText(told, terminal.screen));
}

function statsText(told: Stats, screen: Screen): string {
  const { entries, bytes, evicted, expired, refused, dropped, late, damaged } = told;
  const lines: readonly (readonly [head: string, text: string])[] = [
    ["cache", `${printable(told.kind)}, ${printable(told.state)}`],
    ["entries", `${counted(entries)} (${sizeOf(bytes)})`],
    ["gone", `${counted(evicted)} for want of room, ${counted(expired)} when their time was over`],
    ["not stored", `${counted(refused)} too large, ${counted(dropped)} while too much waited`],
    ["lookups", `${counted(late)} late or failed`],
    ["damaged", counted(damaged)],
  ];
  return lines.map(([head, text]) => `${paint(screen, "dim", head.padEnd(WIDEST))}  ${text}`).join("\n");
}

const WIDEST = "not stored".length;
const UNITS = ["bytes", "KiB", "MiB", "GiB"] as const;

function sizeOf(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1024 ** power).toFixed(1)} ${UNITS[power]}`;
}

const purged = z.object({ removed: count });

async function purgeCache(terminal: Terminal, options: PurgeOptions): Promise<void> {
  const { tenant, route, id, all } = options;
  const isEmpty = tenant === undefined && route === undefined && id === undefined;
  if (isEmpty && !all)
    throw new Failure("say what to purge: --tenant, --route, --id, or --all for everything", { code: "usage" });
  if (!isEmpty && all) throw new Failure("--all purges everything: give nothing beside it", { code: "usage" });
  const port = await findAdminPort(terminal, options);
  const { removed } = await askAdmin(port, "PurgeCache", { tenant, route, id, all }, purged);
  terminal.out(options.json ? JSON.stringify({ removed }) : removedText(removed));
}

function removedText(removed: number): string {
  if (removed === 0) return "nothing that fits was there";
  return removed === 1 ? "removed 1 answer" : `removed ${counted(removed)} answers`;
}
