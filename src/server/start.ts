import { performance } from "node:perf_hooks";
import { addressOf, isLoopback } from "../config/server.ts";
import type { Accepted } from "../config/check.ts";
import type { Config } from "../config/schema.ts";
import { needsRestart } from "../config/restart.ts";
import { asksClients } from "../config/tls.ts";
import type { LoadEncoder } from "../encoders.ts";
import { createChannel, type Channel } from "../events.ts";
import { UnfitCascade } from "../cascade/learned.ts";
import { EncoderError } from "../inference/encoder.ts";
import { createLedger } from "../ledger/ledger.ts";
import { createLive } from "../live.ts";
import { createRuntime, type Runtime } from "../runtime.ts";
import { createState, type State } from "../state.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import { createRecords } from "../telemetry/records.ts";
import type { CacheDesk } from "./admin-desk.ts";
import { startServer } from "./server.ts";

export interface Signalbox {
  /** Base URL of the public port. */
  readonly url: string;
  /** Empty for one of several processes: another one serves their admin port. */
  readonly adminUrl: string;
  readonly channel: Channel;
  readonly metrics: Metrics;
  /** What this process keeps of answers. */
  readonly cache: CacheDesk;
  /**
   * Swaps the config for requests that come once it is ready; those in flight keep theirs. Answers whether anything
   * changed: a config whose encoder cannot be loaded changes nothing. What only a restart can change (ports, records,
   * log) stays as it was. The channel is told of all of it.
   */
  apply(next: Accepted): Promise<boolean>;
  /** Stops taking requests, lets those in flight end within the config's drain time, closes everything. */
  stop(): Promise<void>;
}

/**
 * The whole house from one checked config: state, runtime, watchers and both ports.
 * @param loadEncoder how an encoder is loaded; the real one by default
 * @param seat which one of several processes behind one port this is: it keeps records of its own, in PATH.worker-SEAT
 * @throws EncoderError where the encoder that the config needs cannot be loaded
 */
export async function startSignalbox(
  first: Accepted,
  channel: Channel = createChannel(),
  loadEncoder?: LoadEncoder,
  seat?: number,
): Promise<Signalbox> {
  const { config } = first;
  const clock = () => performance.now();
  const state = createState(channel, config.breaker, clock, loadEncoder);
  const live = createLive(await firstRuntime(first, state));
  const metrics = createMetrics(channel, { models: () => new Set(live.current.pool.byName.keys()) });
  const records = config.records && createRecords(channel, recordsOf(config.records, seat));

  const ledger = createLedger(channel, { ...config.ledger, costOf: ({ costUsd = 0 }) => costUsd });
  await ledger.ready;

  const close = async () => {
    live.close();
    await records?.stop();
    await ledger.close();
    metrics.stop();
    await state.shutdown();
  };
  try {
    const server = await startServer({
      live,
      channel,
      ledger,
      metrics,
      listen: addressOf(config.server.listen)!,
      tls: config.server.tls,
      ...(seat === undefined && { admin: addressOf(config.server.admin.listen)! }),
    });
    channel.publish({ kind: "reload", result: "applied", hash: first.hash });
    let hash = first.hash;
    let guarded = config.server;
    const swap = async (next: Accepted): Promise<boolean> => {
      if (next.hash === hash) {
        channel.publish({ kind: "reload", result: "unchanged", hash });
        return false;
      }
      const kept = keepGuards(config.server, guarded, next.config.server);
      const runtime = await nextRuntime({ ...next.config, server: kept }, next.hash, state);
      if (!runtime) return false;
      live.swap(runtime);
      const { tls } = next.config.server;
      const bound = config.server.tls;
      // Certificates for another way of asking clients for theirs wait for the restart that brings it.
      if (tls && bound && asksClients(tls) === asksClients(bound)) server.secure(tls);
      guarded = kept;
      hash = next.hash;
      const waiting = needsRestart(config, next.config);
      channel.publish({ kind: "reload", result: "applied", hash, ...(waiting.length > 0 && { waiting }) });
      return true;
    };
    let turn: Promise<unknown> = Promise.resolve();
    return {
      url: server.url,
      adminUrl: server.adminUrl,
      channel,
      metrics,
      cache: server.cache,
      apply(next) {
        // One after the other: loading takes time, and the last one told must be the one that stays.
        const swapped = turn.then(() => swap(next));
        turn = swapped.catch(() => undefined);
        return swapped;
      },
      async stop() {
        await turn;
        await server.drain(live.current.drainMs);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function firstRuntime({ config, hash }: Accepted, state: State): Promise<Runtime> {
  try {
    return await createRuntime(config, hash, state);
  } catch (error) {
    await state.shutdown();
    throw error;
  }
}

/** Undefined where the encoder or a file of gates cannot be loaded, or does not fit: then the channel is told why. */
async function nextRuntime(config: Config, hash: string, state: State): Promise<Runtime | undefined> {
  try {
    return await createRuntime(config, hash, state);
  } catch (error) {
    if (!(error instanceof EncoderError || error instanceof UnfitCascade)) throw error;
    state.channel.publish({ kind: "reload", result: "refused", hash, error: error.message });
    return undefined;
  }
}

/** No two processes write one file: each would set it aside under the other. */
function recordsOf(options: NonNullable<Config["records"]>, seat?: number) {
  return { ...options, path: seat === undefined ? options.path : `${options.path}.worker-${seat}` };
}

type ServerConfig = Config["server"];

/**
 * A port that others can reach stays open to them until the restart: a config that moves it to loopback, where it needs
 * no guard, does not take its guard away before.
 * @param bound what the ports were opened with
 * @param now what holds at present
 */
export function keepGuards(bound: ServerConfig, now: ServerConfig, next: ServerConfig): ServerConfig {
  const movesInside = (from: string, to: string) => !isLoopback(addressOf(from)!) && isLoopback(addressOf(to)!);
  const keepsAuth = next.auth === "none" && movesInside(bound.listen, next.listen);
  const keepsToken = next.admin.token === undefined && movesInside(bound.admin.listen, next.admin.listen);
  return {
    ...next,
    ...(keepsAuth && { auth: now.auth }),
    ...(keepsToken && { admin: { ...next.admin, token: now.admin.token } }),
  };
}
