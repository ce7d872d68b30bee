import type { Config } from "../../../config/schema.ts";
import { didYouMean } from "../../../config/nearest.ts";
import { quote } from "../../../config/problem.ts";
import { type Finding, fine, listed, warning, wrong } from "../finding.ts";
import { hostsOf, upstreamsInUse } from "../ours.ts";
import { at, durationOf, type View } from "../view.ts";
import { type Door, endpointsOf } from "./parts.ts";

type Clusters = ReadonlyMap<string, View>;

interface Route {
  readonly view: View;
  /** What it does, where it leads to a cluster. */
  readonly action: View | undefined;
  /** Matches on the routing header. */
  readonly chosen: readonly View[];
  /** It asks for nothing but a path. */
  readonly takesAll: boolean;
  /** What holds around it: its virtual host, and all routes. */
  readonly around: readonly View[];
}

const ABOUT = "routes";
/** Envoy's own, where the file says none. */
const ROUTE_TIMEOUT_MS = 15_000;
const SHORT_MS = 60_000;

/** Whether each model of the pool has its way, and what nobody decided has one too. */
export function checkRoutes({ manager, filters }: Door, clusters: Clusters, config: Config): Finding[] {
  const table = manager.map("route_config");
  if (!table) {
    const message = "its routes are in no route_config here: they are not looked at";
    const advice = `each model wants a route by ${config.server.routing_header}, and the last route takes what nobody decided`;
    return [warning(ABOUT, manager, message, advice)];
  }
  const header = config.server.routing_header;
  const hosts = table.list("virtual_hosts").map((host) => routesOf(host, table, header));
  const routed = hosts.filter((routes) =>
    routes.some(({ chosen, action }) => chosen.length > 0 || byHeader(action, header)),
  );
  if (routed.length === 0) return noneRouted(table, hosts.flat(), config);
  return routed.flatMap((routes) => [
    ...coverage(routes, clusters, config),
    ...lastOne(
      routes,
      filters.map(({ name }) => name),
    ),
    ...routes.flatMap((route) => ofRoute(route, clusters)),
    ...servers(routes, clusters, config),
  ]);
}

function routesOf(host: View, table: View, header: string): Route[] {
  return host.list("routes").map((view) => {
    const match = view.map("match");
    const headers = match?.list("headers") ?? [];
    return {
      view,
      action: view.map("route"),
      chosen: headers.filter((one) => one.text("name")?.toLowerCase() === header),
      takesAll: headers.length === 0 && match?.child("query_parameters") === undefined,
      around: [host, table],
    };
  });
}

const byHeader = (action: View | undefined, header: string): boolean =>
  action?.text("cluster_header")?.toLowerCase() === header;

/** One server for all models reads the model from the body. */
function noneRouted(table: View, routes: readonly Route[], config: Config): Finding[] {
  if (upstreamsInUse(config).size <= 1) return [fine(ABOUT, "one server has all models: the body says which")];
  const header = config.server.routing_header;
  const other = routes
    .flatMap(({ view }) => view.map("match")?.list("headers") ?? [])
    .map((one) => one.text("name") ?? "")
    .find((name) => name.startsWith("x-"));
  const guess = other === undefined ? "" : `; they match ${quote(other)}`;
  const message = `no route matches ${header}: every request takes the same way, whatever was decided${guess}`;
  return [
    wrong(
      ABOUT,
      table,
      message,
      `a route for each model: headers: [{ name: ${header}, string_match: { exact: MODEL } }]`,
    ),
  ];
}

function coverage(routes: readonly Route[], clusters: Clusters, config: Config): Finding[] {
  const models = Object.keys(config.models);
  const header = config.server.routing_header;
  const named = routes.find(({ action }) => byHeader(action, header));
  const lost = models.filter(
    (model) =>
      !routes.some(({ chosen }) => chosen.some((match) => takes(match, model))) && !(named && clusters.has(model)),
  );
  const missing = lost.map((model) => {
    const where = named?.view ?? at(routes[0]!.around[0]!, "routes");
    const message = `the model ${model} has no ${named ? "cluster of its name" : `route by ${header}`}: its requests go on to the last route`;
    return wrong(ABOUT, where, message, named ? "name a cluster as the model" : `a route with { exact: ${model} }`);
  });
  const strange = routes.flatMap(({ chosen }) =>
    chosen.flatMap((match) => {
      const name = exactIn(match);
      if (name === undefined || models.includes(name)) return [];
      const advice = didYouMean(name, models) ?? `take it out, or name one of: ${listed(models)}`;
      return [warning(ABOUT, match, `no decision ever names ${quote(name)}: it is no model of this config`, advice)];
    }),
  );
  return [...missing, ...strange];
}

const exactIn = (match: View): string | undefined =>
  match.map("string_match")?.text("exact") ?? match.text("exact_match");

/** Whether a match on the routing header takes a model. */
function takes(match: View, model: string): boolean {
  const rule = match.map("string_match");
  const [prefix, suffix] = [rule?.text("prefix") ?? match.text("prefix_match"), rule?.text("suffix")];
  const expression = (rule?.map("safe_regex") ?? match.map("safe_regex_match"))?.text("regex");
  const holds =
    exactIn(match) === model ||
    (prefix !== undefined && model.startsWith(prefix)) ||
    (suffix !== undefined && model.endsWith(suffix)) ||
    // Which models it takes is the reader's to judge.
    expression !== undefined;
  return holds && match.flag("invert_match") !== true;
}

function lastOne(routes: readonly Route[], filters: readonly string[]): Finding[] {
  const first = routes.findIndex(({ takesAll, view }) => takesAll && isBroad(view));
  const behind = routes.findLastIndex(({ chosen }) => chosen.length > 0);
  const route = routes[first];
  if (!route) {
    const message = "no route takes what nobody decided: such requests get 404, while Signalbox is down all of them";
    const advice = "a last route { prefix: / } to a server that takes the model auto";
    return [wrong(ABOUT, at(routes[0]!.around[0]!, "routes"), message, advice)];
  }
  const found: Finding[] = [];
  if (first < behind) {
    const message = "this route takes everything, and routes by model stand below it: none of those is ever reached";
    found.push(wrong(ABOUT, route.view, message, "move it to the end"));
  }
  const own = route.view.map("typed_per_filter_config");
  const off = filters.map((name) => own?.map(name)).find((part) => part?.flag("disabled") === true);
  if (off) {
    const message = "the filter is disabled on the route that requests take before they are decided: nothing is asked";
    found.push(wrong(ABOUT, off, message, "take it out"));
  }
  const cluster = route.action?.text("cluster");
  if (cluster !== undefined) {
    const message = `what nobody decided goes to the cluster ${cluster}, under the model that its client named`;
    found.push(fine(ABOUT, message, "a server there must take the model auto; no file shows that"));
  }
  return found;
}

/** A path that every API of ours is under. */
const isBroad = (view: View): boolean => ["/", "/v1", "/v1/"].includes(view.map("match")?.text("prefix") ?? "");

function ofRoute({ view, action, around, chosen, takesAll }: Route, clusters: Clusters): Finding[] {
  if (!action || (chosen.length === 0 && !takesAll)) return [];
  const found: Finding[] = [];
  const timeoutMs = durationOf(action, "timeout") ?? ROUTE_TIMEOUT_MS;
  if (timeoutMs > 0 && timeoutMs < SHORT_MS) {
    const message = `an answer that takes longer than ${timeoutMs} ms, streamed or not, is cut off with 504`;
    found.push(wrong(ABOUT, at(action, "timeout"), message, "timeout: 0s, and stream_idle_timeout for silences"));
  }
  for (const name of clustersOf(action)) {
    if (clusters.has(name)) continue;
    const message = `there is no cluster ${quote(name)} in this file`;
    found.push(
      warning(ABOUT, action, message, didYouMean(name, clusters.keys()) ?? "add it, unless a control plane does"),
    );
  }
  if (!keepsKey([view, ...around])) {
    const message = "the client's own key (authorization) goes on to this model server";
    const advice = "request_headers_to_remove: [authorization], or overwrite it with the server's own";
    found.push(warning(ABOUT, view, message, advice));
  }
  return found;
}

const clustersOf = (action: View): readonly string[] => {
  const one = action.text("cluster");
  const shares = action.map("weighted_clusters")?.list("clusters") ?? [];
  return [...(one === undefined ? [] : [one]), ...shares.flatMap((share) => share.text("name") ?? [])];
};

const keepsKey = (levels: readonly View[]): boolean =>
  levels.some(
    (level) =>
      level.texts("request_headers_to_remove").some((name) => name.toLowerCase() === "authorization") ||
      level
        .list("request_headers_to_add")
        .some(
          (add) =>
            add.map("header")?.text("key")?.toLowerCase() === "authorization" &&
            add.text("append_action") === "OVERWRITE_IF_EXISTS_OR_ADD",
        ),
  );

/** Health, speed and prices are kept of the server that our config names: another one must not answer in its place. */
function servers(routes: readonly Route[], clusters: Clusters, config: Config): Finding[] {
  return routes.flatMap(({ chosen, action }) => {
    const model = chosen.map(exactIn).find((name) => name !== undefined && Object.hasOwn(config.models, name));
    if (model === undefined || !action) return [];
    const there = clustersOf(action).flatMap((name) => endpointsOf(name, clusters));
    const ours = hostsOf(config, model);
    if (there.length === 0 || there.some((host) => ours.includes(host))) return [];
    const message = `the model ${model} is led to ${listed(there)}; by this config it is at ${listed(ours)}`;
    const advice = "let both name one server, unless these are two names of it";
    return [warning(ABOUT, at(action, "cluster"), message, advice)];
  });
}
