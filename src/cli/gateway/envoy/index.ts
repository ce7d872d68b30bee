import type { Config } from "../../../config/schema.ts";
import { type Finding, fine, warning, wrong } from "../finding.ts";
import { doorsOf } from "../ours.ts";
import { at, type View } from "../view.ts";
import { checkDoorClusters, checkOurCluster } from "./clusters.ts";
import { checkDoor } from "./door.ts";
import { checkFilter } from "./filter.ts";
import { checkMode } from "./mode.ts";
import { clustersIn, type Door, doorsIn, endpointsOf, type ExtProc } from "./parts.ts";
import { checkRoutes } from "./routes.ts";

/** The usual mistakes in Envoy's bootstrap. */
export function checkEnvoy(root: View, config: Config): Finding[] {
  if (!root.map("static_resources")) return withoutResources(root);
  const clusters = clustersIn(root);
  const doors = ours(doorsIn(root), clusters, config);
  const elsewhere = fromElsewhere(root);
  if (!doors.some(isEntry)) {
    const advice = "put the filter of adapters/envoy/envoy.yaml first among the http_filters";
    const missing = elsewhere.length > 0 ? warning : wrong;
    const none = missing(
      "ext_proc",
      at(root, "static_resources"),
      "no filter asks Signalbox to decide (ext_proc)",
      advice,
    );
    return [...elsewhere, none];
  }
  const filters = doors.flatMap((door) => door.filters);
  const asked = [...new Set(filters.flatMap(({ cluster }) => cluster ?? []))];
  const isDuplex = filters.some(
    ({ config: filter }) => filter.map("processing_mode")?.text("request_body_mode") === DUPLEX,
  );
  return [
    ...elsewhere,
    ...doors.flatMap((door) => [
      ...door.filters.flatMap((filter) => checkFilter(filter, config)),
      ...checkDoor(door, config),
      ...(isEntry(door) ? checkRoutes(door, clusters, config) : []),
    ]),
    ...asked.flatMap((name) => checkOurCluster(name, { root, clusters, config, isDuplex, filters })),
    ...checkDoorClusters(asked, clusters, config),
  ];
}

const DUPLEX = "FULL_DUPLEX_STREAMED";

/** A processing mode that stands alone, as full-duplex.yaml has it, or nothing that Envoy starts with. */
function withoutResources(root: View): Finding[] {
  const mode = root.map("processing_mode");
  if (mode) {
    const seen = fine("ext_proc", "this file holds a processing_mode and no more: only that was looked at");
    return [seen, ...checkMode(mode, { role: "listener", overrides: true })];
  }
  const advice = "name the file that Envoy is started with; resources of Kubernetes are not looked at";
  return [wrong("envoy", root, "this is no bootstrap of Envoy: it has no static_resources", advice)];
}

/** What Envoy is told by a control plane stands in no file. */
function fromElsewhere(root: View): Finding[] {
  const dynamic = root.child("dynamic_resources");
  const advice = "look at a dump of its config (/config_dump of Envoy's admin port) by the tables of adapters/envoy";
  return dynamic
    ? [warning("envoy", dynamic, "listeners or clusters come from a control plane: those are not looked at", advice)]
    : [];
}

/** Whether clients come in here; a filter of the role `upstream` stands behind the first one. */
const isEntry = ({ filters }: Door): boolean =>
  filters.some(({ metadata }) => metadata["x-signalbox-role"] !== "upstream");

/** Doors and their filters that ask Signalbox. Where several servers are asked, names, metadata or the port tell which it is. */
function ours(doors: readonly Door[], clusters: ReadonlyMap<string, View>, config: Config): Door[] {
  const every = doors.flatMap((door) => door.filters);
  const port = doorsOf(config)?.port;
  const isOurs = ({ name, cluster = "", metadata }: ExtProc): boolean =>
    /signalbox/iu.test(`${name} ${cluster} ${Object.keys(metadata).join(" ")}`) ||
    endpointsOf(cluster, clusters).some((host) => host.endsWith(`:${port}`));
  const known = every.filter(isOurs);
  const taken = known.length > 0 ? known : every;
  return doors
    .map((door) => ({ ...door, filters: door.filters.filter((filter) => taken.includes(filter)) }))
    .filter(({ filters }) => filters.length > 0);
}
