import { hostPort } from "../ours.ts";
import type { View } from "../view.ts";

/** One `ext_proc` filter. */
export interface ExtProc {
  /** Its entry among the filters, with the name. */
  readonly name: string;
  readonly config: View;
  /** Name of the cluster that it asks. */
  readonly cluster: string | undefined;
  /** `grpc_service.initial_metadata`, names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** One HTTP connection manager, and the listener that it is in. */
export interface Door {
  readonly listener: View;
  readonly manager: View;
  readonly filters: readonly ExtProc[];
}

export function doorsIn(root: View): Door[] {
  const resources = root.map("static_resources");
  return (resources?.list("listeners") ?? []).flatMap((listener) => {
    const fallback = listener.map("default_filter_chain");
    return [...listener.list("filter_chains"), ...(fallback ? [fallback] : [])]
      .flatMap((chain) => chain.list("filters"))
      .flatMap((filter) => {
        const manager = typed(filter, "HttpConnectionManager");
        return manager ? [{ listener, manager, filters: extProcsIn(manager) }] : [];
      });
  });
}

function extProcsIn(manager: View): ExtProc[] {
  return manager.list("http_filters").flatMap((filter) => {
    const config = typed(filter, "ExternalProcessor");
    if (!config) return [];
    const service = config.map("grpc_service");
    const metadata = (service?.list("initial_metadata") ?? []).map(
      (entry) => [entry.text("key")?.toLowerCase() ?? "", entry.text("value") ?? ""] as const,
    );
    return [
      {
        name: filter.text("name") ?? "",
        config,
        cluster: service?.map("envoy_grpc")?.text("cluster_name"),
        metadata: Object.fromEntries(metadata),
      },
    ];
  });
}

/** What an entry is set to, where it is of this type. */
export function typed(entry: View, type: string): View | undefined {
  const config = entry.map("typed_config");
  return config?.text("@type")?.endsWith(`.${type}`) ? config : undefined;
}

export function clustersIn(root: View): ReadonlyMap<string, View> {
  const clusters = root.map("static_resources")?.list("clusters") ?? [];
  return new Map(clusters.map((cluster) => [cluster.text("name") ?? "", cluster]));
}

/** `host:port` of every endpoint that stands in the file, those of an aggregate's clusters included. */
export function endpointsOf(name: string, clusters: ReadonlyMap<string, View>, depth = 0): readonly string[] {
  const cluster = clusters.get(name);
  if (!cluster || depth > DEEPEST_AGGREGATE) return [];
  const parts = cluster.map("cluster_type")?.map("typed_config")?.texts("clusters") ?? [];
  const own = (cluster.map("load_assignment")?.list("endpoints") ?? [])
    .flatMap((group) => group.list("lb_endpoints"))
    .flatMap((one) => {
      const socket = one.map("endpoint")?.map("address")?.map("socket_address");
      const [host, port] = [socket?.text("address"), socket?.number("port_value")];
      return host === undefined || port === undefined ? [] : [hostPort(host, port)];
    });
  return [...own, ...parts.flatMap((part) => endpointsOf(part, clusters, depth + 1))];
}

const DEEPEST_AGGREGATE = 3;

/** How a cluster speaks HTTP. */
export const protocolOf = (cluster: View): View | undefined =>
  cluster.map("typed_extension_protocol_options")?.map("envoy.extensions.upstreams.http.v3.HttpProtocolOptions");

export const speaksHttp2 = (cluster: View): boolean =>
  cluster.child("http2_protocol_options") !== undefined ||
  protocolOf(cluster)?.map("explicit_http_config")?.child("http2_protocol_options") !== undefined;
