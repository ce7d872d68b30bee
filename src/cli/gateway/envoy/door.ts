import type { Config } from "../../../config/schema.ts";
import { type Finding, warning } from "../finding.ts";
import { at, durationOf, type View } from "../view.ts";
import { type Door, typed } from "./parts.ts";

/** Envoy's own, where the file says none. */
const BUFFER_BYTES = 1_048_576;
const STREAM_IDLE_MS = 300_000;

/** Models think this long before they say anything. */
const SHORT_MS = 60_000;

/** The listener and connection manager around our filter: limits, and the ways around it. */
export function checkDoor(door: Door, config: Config): Finding[] {
  const isEntry = door.filters.some(({ metadata }) => metadata["x-signalbox-role"] !== "upstream");
  return [...bufferLimit(door, config), ...patience(door), ...(isEntry ? waysAround(door, config) : [])];
}

function bufferLimit({ listener, manager, filters }: Door, { server }: Config): Finding[] {
  const holds = filters.some(({ config }) => config.map("processing_mode")?.text("request_body_mode") === "BUFFERED");
  const limit = listener.number("per_connection_buffer_limit_bytes") ?? BUFFER_BYTES;
  const hosts = manager.map("route_config")?.list("virtual_hosts") ?? [];
  const lifted = Math.max(0, ...hosts.map((host) => host.number("request_body_buffer_limit") ?? 0));
  const wanted = server.limits.body_bytes;
  if (!holds || Math.max(limit, lifted) >= wanted) return [];
  const where = at(listener, "per_connection_buffer_limit_bytes");
  const message = `Envoy holds ${limit} bytes of a request and answers 413 to longer ones; Signalbox takes ${wanted} (server.limits.body_bytes)`;
  return [warning("listener", where, message, `per_connection_buffer_limit_bytes: ${wanted}`)];
}

function patience({ manager, filters }: Door): Finding[] {
  const idleMs = durationOf(manager, "stream_idle_timeout") ?? STREAM_IDLE_MS;
  const where = at(manager, "stream_idle_timeout");
  const isDuplex = filters.some(
    ({ config }) => config.map("processing_mode")?.text("request_body_mode") === "FULL_DUPLEX_STREAMED",
  );
  if (idleMs === 0 && isDuplex) {
    const message =
      "without a stream_idle_timeout nothing ends a request that Signalbox leaves hanging in this body mode";
    return [warning("listener", where, message, "stream_idle_timeout: 600s")];
  }
  if (idleMs === 0 || idleMs >= SHORT_MS) return [];
  const message = `stream_idle_timeout is ${idleMs} ms: a model that thinks longer before it answers is cut off with 504`;
  return [warning("listener", where, message, "stream_idle_timeout: 600s")];
}

/** How a client gets past the decision, or makes it itself. */
function waysAround({ manager }: Door, { server }: Config): Finding[] {
  const found: Finding[] = [];
  const header = server.routing_header;
  if (readsHeader(manager, header) && !removesEarly(manager, header)) {
    const message = `a client that sends ${header} chooses the first route itself, and the model while Signalbox is down`;
    const advice = `remove ${header} in early_header_mutation_extensions, as adapters/envoy/envoy.yaml does`;
    found.push(warning("listener", manager, message, advice));
  }
  const open = ["normalize_path", "merge_slashes"].filter((key) => manager.flag(key) !== true);
  if (open.length > 0) {
    const message = "another spelling of a path leads around the decision: Signalbox passes what is no path of an API";
    found.push(warning("listener", manager, message, open.map((key) => `${key}: true`).join(", ")));
  }
  return found;
}

const readsHeader = (manager: View, header: string): boolean =>
  (manager.map("route_config")?.list("virtual_hosts") ?? [])
    .flatMap((host) => host.list("routes"))
    .flatMap((route) => route.map("match")?.list("headers") ?? [])
    .some((match) => match.text("name")?.toLowerCase() === header);

const removesEarly = (manager: View, header: string): boolean =>
  manager
    .list("early_header_mutation_extensions")
    .flatMap((extension) => typed(extension, "HeaderMutation")?.list("mutations") ?? [])
    .some((mutation) => mutation.text("remove")?.toLowerCase() === header);
