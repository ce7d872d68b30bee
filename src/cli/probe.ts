import { nearest } from "../config/nearest.ts";
import { distance, LONGEST_COMPARED } from "../text/spelling.ts";
import { createUpstream } from "../upstream/index.ts";
import type { UpstreamOptions } from "../upstream/options.ts";
import { createSockets } from "../upstream/sockets.ts";
import { type Listed, UpstreamFailure } from "../upstream/upstream.ts";

/** What an upstream said when it was asked for its models, and after how long. */
export type Probe =
  /** `models` undefined: it is well, but has no list of what targets name. */
  | {
      readonly ok: true;
      readonly ms: number;
      readonly models: readonly string[] | undefined;
      /** The same models, with what else the upstream says of them. */
      readonly listed: readonly Listed[] | undefined;
    }
  | {
      readonly ok: false;
      readonly ms: number;
      /** Names no secret. */
      readonly message: string;
      /** HTTP status, where one came. */
      readonly status?: number;
      /** Of the operating system or of TLS, such as ECONNREFUSED. */
      readonly code?: string;
    };

/** Asks the upstream for its models, over sockets of its own. Never throws. */
export async function probeUpstream(name: string, options: UpstreamOptions, timeoutMs: number): Promise<Probe> {
  const sockets = createSockets({ ...options, connections: 1 }, () => performance.now());
  const started = performance.now();
  const ms = () => Math.round(performance.now() - started);
  const abort = AbortSignal.timeout(timeoutMs);
  try {
    const listed = await createUpstream(name, options, sockets).listModels(abort);
    return { ok: true, ms: ms(), models: listed?.map(({ id }) => id), listed };
  } catch (error) {
    if (!(error instanceof UpstreamFailure)) throw error;
    const message = abort.aborted ? `no answer within ${timeoutMs} ms` : error.message;
    const code = /\(([A-Z][A-Z0-9_]+)\)$/u.exec(error.message)?.[1];
    return {
      ok: false,
      ms: ms(),
      message,
      ...(error.status !== undefined && { status: error.status }),
      ...(code !== undefined && { code }),
    };
  } finally {
    await sockets.destroy();
  }
}

const MOST_NAMES = 3;

/** What the upstream's own name for a model probably is: the nearest slip of the keyboard, else the most alike of what it serves. */
export function likelyNames(wanted: string, served: readonly string[]): readonly string[] {
  const slip = nearest(wanted, served);
  if (slip !== undefined) return [slip];
  const short = (name: string) =>
    name
      .slice(name.lastIndexOf("/") + 1)
      .toLowerCase()
      .slice(0, LONGEST_COMPARED);
  const unlike = new Map(served.map((name) => [name, distance(short(wanted), short(name), Infinity)]));
  return served.toSorted((a, b) => unlike.get(a)! - unlike.get(b)!).slice(0, MOST_NAMES);
}
