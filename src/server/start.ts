import { performance } from "node:perf_hooks";
import { addressOf, isLoopback } from "../config/server.ts";
import type { Accepted } from "../config/check.ts";
import type { Config } from "../config/schema.ts";
import { needsRestart } from "../config/restart.ts";
import { createChannel, type Channel } from "../events.ts";
import { createLive, createRuntime } from "../runtime.ts";
import { createState } from "../state.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import { createRecords } from "../telemetry/records.ts";
import { startServer } from "./server.ts";

export interface Signalbox {
  /** Base URL of the public port. */
  readonly url: string;
  readonly adminUrl: string;
  readonly channel: Channel;
  /**
   * Swaps the config for requests that come from now on; those in flight keep theirs. Answers whether anything
   * changed. What only a restart can change (ports, records, log) stays as it was, and the channel is told so.
   */
  apply(next: Accepted): boolean;
  /** Stops taking requests, lets those in flight end within the config's drain time, closes everything. */
  stop(): Promise<void>;
}

/** The whole house from one checked config: state, runtime, watchers and both ports. */
export async function startSignalbox(first: Accepted, channel: Channel = createChannel()): Promise<Signalbox> {
  const { config } = first;
  const clock = () => performance.now();
  const state = createState(channel, config.breaker, clock);
  const live = createLive(createRuntime(config, first.hash, state));
  const metrics = createMetrics(channel, { models: () => new Set(live.current.pool.byName.keys()) });
  const records =
    config.records && createRecords(channel, { ...config.records, rotateBytes: config.records.rotate_bytes });

  const close = async () => {
    live.close();
    await records?.stop();
    metrics.stop();
    await state.shutdown();
  };
  try {
    const server = await startServer({
      live,
      channel,
      metrics,
      listen: addressOf(config.server.listen)!,
      admin: addressOf(config.server.admin.listen)!,
    });
    channel.publish({ kind: "reload", result: "applied", hash: first.hash });
    let hash = first.hash;
    let guarded = config.server;
    return {
      url: server.url,
      adminUrl: server.adminUrl,
      channel,
      apply(next) {
        if (next.hash === hash) {
          channel.publish({ kind: "reload", result: "unchanged", hash });
          return false;
        }
        guarded = keepGuards(config.server, guarded, next.config.server);
        live.swap(createRuntime({ ...next.config, server: guarded }, next.hash, state));
        hash = next.hash;
        const waiting = needsRestart(config, next.config);
        channel.publish({ kind: "reload", result: "applied", hash, ...(waiting.length > 0 && { waiting }) });
        return true;
      },
      async stop() {
        await server.drain(live.current.drainMs);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type ServerConfig = Config["server"];

/**
 * A port that others can reach stays open to them until the restart: a config that moves it to loopback, where it needs
 * no guard, does not take its guard away before.
 * @param bound what the ports were opened with
 * @param now what holds at present
 */
function keepGuards(bound: ServerConfig, now: ServerConfig, next: ServerConfig): ServerConfig {
  const movesInside = (from: string, to: string) => !isLoopback(addressOf(from)!) && isLoopback(addressOf(to)!);
  const keepsAuth = next.auth === "none" && movesInside(bound.listen, next.listen);
  const keepsToken = next.admin.token === undefined && movesInside(bound.admin.listen, next.admin.listen);
  return {
    ...next,
    ...(keepsAuth && { auth: now.auth }),
    ...(keepsToken && { admin: { ...next.admin, token: now.admin.token } }),
  };
}
