import type { Config } from "../../../config/schema.ts";
import { type Finding, fine, warning, wrong } from "../finding.ts";
import { at, type View } from "../view.ts";
import { type Instance, instancesIn } from "./parts.ts";
import { checkPlugin } from "./plugin.ts";
import { checkUpstreams } from "./upstreams.ts";

const OURS = "signalbox";
const RESTORE = "signalbox-restore";

/** The usual mistakes in a declarative file of Kong's. */
export function checkKong(root: View, config: Config): Finding[] {
  if (!["services", "routes", "plugins"].some((key) => root.child(key))) {
    const advice = "name the file of KONG_DECLARATIVE_CONFIG, or what `deck gateway dump` writes";
    return [wrong("kong", root, "this is no declarative file of Kong: it has neither services nor plugins", advice)];
  }
  const instances = instancesIn(root);
  const ours = instances.filter(({ name }) => name === OURS);
  if (ours.length === 0) {
    return [wrong("kong", root, "the plugin signalbox stands nowhere in this file", "see adapters/kong/kong.yml")];
  }
  return [
    ...ours.flatMap((instance) => {
      const proxies = beside(instance, instances, "ai-proxy");
      return [
        ...checkPlugin(instance, config),
        ...checkUpstreams(instance, root, config, { proxied: proxies.length > 0 }),
        ...routes(instance),
        ...(proxies.length > 0 ? proxies.flatMap((proxy) => aiProxy(proxy, instance)) : patience(instance)),
        ...(config.pii && beside(instance, instances, RESTORE).length === 0 ? proxies.map(unrestored) : []),
      ];
    }),
    node(),
  ];
}

/** Instances of another plugin that take requests which ours has decided. */
function beside({ service, routes }: Instance, instances: readonly Instance[], plugin: string): Instance[] {
  return instances.filter(
    ({ name, view, ...other }) =>
      name === plugin &&
      view.flag("enabled") !== false &&
      ((service !== undefined && other.service?.value === service.value) ||
        other.routes.some((route) => routes.some(({ value }) => value === route.value))),
  );
}

function routes({ routes: views }: Instance): Finding[] {
  return views
    .filter((route) => route.flag("response_buffering") !== false)
    .map((route) => {
      const message = `Kong holds answers of the route ${route.text("name") ?? "here"} back in its buffer: streams come in lumps`;
      return warning("route", at(route, "response_buffering"), message, "response_buffering: false");
    });
}

/** Kong's own, where the file says none. */
const PROXY_BODY_BYTES = 8192;
const PLUGIN_BODY_BYTES = 10_485_760;
const READ_TIMEOUT_MS = 60_000;

function aiProxy({ view }: Instance, ours: Instance): Finding[] {
  const config = view.map("config") ?? view;
  const found: Finding[] = [];
  const name = config.map("model")?.child("name");
  if (name) {
    const message = "ai-proxy writes this model into every request, whatever was decided";
    found.push(wrong("ai-proxy", name, message, "take model.name out: the model then comes from the body"));
  }
  const limit = config.number("max_request_body_size") ?? PROXY_BODY_BYTES;
  const taken = ours.view.map("config")?.number("max_body_bytes") ?? PLUGIN_BODY_BYTES;
  if (limit < taken) {
    const message = `ai-proxy refuses requests of more than ${limit} bytes, and signalbox takes ${taken}`;
    const isUsual = limit <= PROXY_BODY_BYTES;
    const where = at(config, "max_request_body_size");
    found.push((isUsual ? wrong : warning)("ai-proxy", where, message, `max_request_body_size: ${taken}`));
  }
  return found;
}

function unrestored({ view }: Instance): Finding {
  const message = "ai-proxy writes answers anew: personal data that was replaced does not come back in whole ones";
  return warning("ai-proxy", at(view, "name"), message, `add the plugin ${RESTORE} beside it`);
}

/** A model that thinks sends nothing for a while. */
function patience({ service }: Instance): Finding[] {
  const timeoutMs = service?.number("read_timeout") ?? READ_TIMEOUT_MS;
  if (!service || timeoutMs > READ_TIMEOUT_MS) return [];
  const message = `a model that says nothing for ${timeoutMs} ms is cut off with 504`;
  return [warning("service", at(service, "read_timeout"), message, "read_timeout: 600000")];
}

function node(): Finding {
  const message = "whether the node holds prompts in memory (client_body_buffer_size) stands in no declarative file";
  const advice =
    "KONG_NGINX_HTTP_CLIENT_BODY_BUFFER_SIZE=1m on each node, or prompts over 8 KiB go through files; and KONG_PLUGINS=bundled,signalbox,signalbox-restore";
  return fine("kong", message, advice);
}
