import type { Config } from "../../../config/schema.ts";
import { didYouMean } from "../../../config/nearest.ts";
import { quote } from "../../../config/problem.ts";
import { type Finding, listed, warning, wrong } from "../finding.ts";
import { doorsOf } from "../ours.ts";
import { at, durationOf, type View } from "../view.ts";
import { endpointsOf, type ExtProc, protocolOf, speaksHttp2 } from "./parts.ts";

type Clusters = ReadonlyMap<string, View>;

interface Surroundings {
  readonly root: View;
  readonly clusters: Clusters;
  readonly config: Config;
  /** Bodies pass in pieces both ways in some filter. */
  readonly isDuplex: boolean;
  readonly filters: readonly ExtProc[];
}

/** Envoy's own, where the file says none. */
const MOST_STREAMS = 1024;
const IDLE_MS = 3_600_000;
/** How long our doors keep an HTTP/1.1 connection that is idle. */
const KEPT_MS = 65_000;
const GRACEFUL = "ext_proc_graceful_grpc_close";

/** The cluster through which Signalbox is asked. */
export function checkOurCluster(name: string, around: Surroundings): Finding[] {
  const { clusters, root, filters } = around;
  const cluster = clusters.get(name);
  const about = `cluster ${name}`;
  if (!cluster) {
    const where = filters.find((filter) => filter.cluster === name)?.config ?? root;
    const message = `the filter asks the cluster ${quote(name)}, which is not in this file`;
    return [
      wrong(
        "ext_proc",
        where,
        message,
        didYouMean(name, clusters.keys()) ?? "add it, as adapters/envoy/envoy.yaml has it",
      ),
    ];
  }
  return [
    ...wire(about, cluster, around),
    ...address(about, name, cluster, around),
    ...health(about, cluster, around),
    ...room(about, cluster, around.config),
    ...resets(about, cluster, root),
  ];
}

function wire(about: string, cluster: View, { config }: Surroundings): Finding[] {
  const found: Finding[] = [];
  if (!speaksHttp2(cluster)) {
    const message = "it speaks HTTP/1.1, and gRPC needs HTTP/2: each request fails with protocol_error";
    found.push(wrong(about, cluster, message, "explicit_http_config: { http2_protocol_options: {} }"));
  }
  const encrypts = cluster.child("transport_socket");
  if (encrypts && !config.server.tls) {
    const message = "it speaks TLS, and Signalbox's port does not (server.tls)";
    found.push(wrong(about, encrypts, message, "take the transport_socket out, or set server.tls"));
  }
  if (!encrypts && config.server.tls) {
    const message = "it does not speak TLS, and Signalbox's port does (server.tls)";
    found.push(warning(about, cluster, message, "give it a transport_socket; bodies cross this wire whole"));
  }
  return found;
}

function address(about: string, name: string, cluster: View, { clusters, config }: Surroundings): Finding[] {
  const port = doorsOf(config)?.port;
  const there = endpointsOf(name, clusters);
  if (port === undefined || there.length === 0 || there.some((host) => host.endsWith(`:${port}`))) return [];
  const message = `it leads to ${listed(there)}, and Signalbox listens on port ${port} (server.listen)`;
  return [
    warning(about, at(cluster, "load_assignment"), message, "correct it, unless something between them maps the port"),
  ];
}

function health(about: string, cluster: View, { isDuplex }: Surroundings): Finding[] {
  if (cluster.list("health_checks").length === 0) {
    const effect = isDuplex
      ? "each request with a body gets 500 while Signalbox is down: failure_mode_allow does not save it in this body mode"
      : "Envoy goes on asking a Signalbox that hangs, and each request waits for message_timeout";
    const advice = "health_checks with a grpc_health_check, as adapters/envoy/envoy.yaml has it";
    return [warning(about, cluster, `it has no health_checks: ${effect}`, advice)];
  }
  const panic = cluster.map("common_lb_config")?.map("healthy_panic_threshold");
  if (panic && (panic.number("value") ?? 0) === 0) return [];
  const message = "with Envoy's panic threshold of 50% the only host there is goes on being asked, sick or not";
  const advice = "common_lb_config: { healthy_panic_threshold: { value: 0 } }";
  return [warning(about, at(cluster, "common_lb_config"), message, advice)];
}

/** A stream lives as long as the answer that it belongs to. */
function room(about: string, cluster: View, { server }: Config): Finding[] {
  const thresholds = cluster.map("circuit_breakers")?.list("thresholds") ?? [];
  const usual = thresholds.find((one) => ["DEFAULT", undefined].includes(one.text("priority")));
  const streams = usual?.number("max_requests") ?? MOST_STREAMS;
  if (streams >= server.limits.concurrent) return [];
  const message = `at most ${streams} answers are under way at once (max_requests); the next fails or passes undecided, and Signalbox takes ${server.limits.concurrent}`;
  const advice = "circuit_breakers: { thresholds: [{ max_requests: 100000, max_pending_requests: 100000 }] }";
  return [warning(about, at(cluster, "circuit_breakers"), message, advice)];
}

function resets(about: string, cluster: View, root: View): Finding[] {
  const protocol = protocolOf(cluster)?.map("common_http_protocol_options");
  if (protocol?.child("max_requests_per_connection") || isGraceful(root)) return [];
  const message =
    "Envoy ends each stream by a reset, which servers take for a flood after some thousand on one connection";
  const advice = "common_http_protocol_options: { max_requests_per_connection: 500 }";
  return [warning(about, cluster, message, advice)];
}

const isGraceful = (root: View): boolean =>
  (root.map("layered_runtime")?.list("layers") ?? [])
    .flatMap((layer) => layer.map("static_layer") ?? [])
    .some(
      (layer) =>
        layer.flag(`envoy.reloadable_features.${GRACEFUL}`) === true ||
        layer.map("envoy.reloadable_features")?.flag(GRACEFUL) === true ||
        layer.map("envoy")?.map("reloadable_features")?.flag(GRACEFUL) === true,
    );

/** Clusters that are Signalbox's answering door, in HTTP/1.1. */
export function checkDoorClusters(asked: readonly string[], clusters: Clusters, config: Config): Finding[] {
  const port = doorsOf(config)?.port;
  const doors = new Set(
    asked.flatMap((name) => endpointsOf(name, clusters)).filter((host) => host.endsWith(`:${port}`)),
  );
  return [...clusters].flatMap(([name, cluster]) => {
    const isDoor = !asked.includes(name) && endpointsOf(name, clusters).some((host) => doors.has(host));
    const options =
      protocolOf(cluster)?.map("common_http_protocol_options") ?? cluster.map("common_http_protocol_options");
    const idleMs = (options && durationOf(options, "idle_timeout")) ?? IDLE_MS;
    if (!isDoor || speaksHttp2(cluster) || (idleMs > 0 && idleMs < KEPT_MS)) return [];
    const message = `it keeps idle connections for ${idleMs === 0 ? "ever" : `${idleMs / 1000} s`}, and Signalbox closes them after ${KEPT_MS / 1000}: now and then a request is lost`;
    return [
      warning(`cluster ${name}`, cluster, message, "common_http_protocol_options: { idle_timeout: 60s }, or HTTP/2"),
    ];
  });
}
