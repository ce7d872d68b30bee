import { performance } from "node:perf_hooks";
import { InvalidArgumentError, Option } from "commander";
import type { Accepted, Checked } from "../config/check.ts";
import { addressOf } from "../config/server.ts";
import { watchConfig } from "../config/watch.ts";
import { RouterError } from "../errors.ts";
import { createAdminDoor } from "../server/admin.ts";
import { listen, type Listener } from "../server/listen.ts";
import { keepGuards } from "../server/start.ts";
import { startWorkers, type Workers, type WorkerEvent } from "../server/workers.ts";
import { addMetrics, METRICS_TYPE } from "../telemetry/metrics.ts";
import type { Log } from "../telemetry/log.ts";

const MOST_WORKERS = 256;
/** What a worker that drains may take beyond its drain time before it is killed. */
const BEYOND_DRAIN_MS = 5000;

export function workersOption(): Option {
  return new Option("-w, --workers <count>", "serve with this many processes on one port, such as one for each core")
    .default(1)
    .argParser((text) => {
      const count = Number(text);
      if (!Number.isInteger(count) || count < 1 || count > MOST_WORKERS)
        throw new InvalidArgumentError(`Expected 1 to ${MOST_WORKERS}.`);
      return count;
    });
}

/** Several processes at work, and their admin port, which is served here. */
export interface Crew {
  readonly url: string;
  readonly adminUrl: string;
  readonly givenUp: Promise<void>;
  reread(): void;
  stop(): Promise<void>;
}

/**
 * The admin port, then the workers, each of which reads and watches the config for itself; here it is watched for what
 * the admin port needs of it. Undefined where no worker could start, which it has said itself.
 */
export async function startCrew(
  count: number,
  first: Accepted,
  watched: { path: string; load: () => Promise<Checked>; log: Log },
): Promise<Crew | undefined> {
  const bound = first.config.server;
  let now = bound;
  let workers: Workers | undefined;
  const crew = (): Workers => {
    if (!workers) throw new RouterError("unavailable", "The workers are being started.", { retryAfterMs: 1000 });
    return workers;
  };
  const admin = await listen(
    addressOf(bound.admin.listen)!,
    createAdminDoor({
      metrics: { text: async () => addMetrics((await workers?.metrics()) ?? []), contentType: METRICS_TYPE },
      isReady: () => workers?.isReady() ?? false,
      token: () => now.admin.token,
      cache: {
        stats: () => crew().cache.stats(),
        purge: (filter) => crew().cache.purge(filter),
      },
      fault: (where, error) => watched.log.error({ where, error }, `A part failed: ${where}.`),
    }),
  );
  workers = await workersOrNone(count, watched.log, admin);
  if (!workers) return undefined;

  const guard = (checked: Checked): void => {
    if ("config" in checked) now = keepGuards(bound, now, checked.config.server);
  };
  const watch = watchConfig(watched.path, guard, { loaded: first, load: watched.load });
  return {
    url: workers.url,
    adminUrl: admin.url,
    givenUp: workers.givenUp,
    reread() {
      watch.reread();
      workers.reread();
    },
    async stop() {
      watch.stop();
      await workers.stop(now.drain_ms + BEYOND_DRAIN_MS);
      await admin.close(0);
    },
  };
}

async function workersOrNone(count: number, log: Log, admin: Listener): Promise<Workers | undefined> {
  const told = (event: WorkerEvent): void => tell(log, event);
  const workers = await startWorkers(count, { clock: () => performance.now(), told });
  if (!workers) await admin.close(0);
  return workers;
}

function tell(log: Log, event: WorkerEvent): void {
  const { kind, ...fields } = event;
  if (kind === "started") log.info(fields, "A worker serves.");
  else log.error(fields, "A worker died; another takes its place.");
}
