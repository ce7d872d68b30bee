import { didYouMean } from "../../../config/nearest.ts";
import { quote } from "../../../config/problem.ts";
import type { Config } from "../../../config/schema.ts";
import { createProfiles } from "../../../decision/profile.ts";
import { type Finding, fine, listed, warning, wrong } from "../finding.ts";
import {
  believesOutcomes,
  doorsOf,
  guardsRequests,
  hostOf,
  slowestDecision,
  trustsGateways,
  UNBELIEVED,
  wantsKey,
} from "../ours.ts";
import { at, type View } from "../view.ts";
import type { Instance } from "./parts.ts";

const ABOUT = "plugin signalbox";
/** Of the plugin, where the file says none. */
const TIMEOUT_MS = 500;
const ROUTING_HEADER = "x-selected-model";

/** Keys of the plugin's config, as its schema.lua has them. */
export const PLUGIN_KEYS: readonly string[] = [
  "url",
  "key",
  "tls_verify",
  "tls_server_name",
  "timeout_ms",
  "on_error",
  "on_unread",
  "default_model",
  "api",
  "max_body_bytes",
  "profile",
  "tenant",
  "tenant_of_consumer",
  "client_key_header",
  "headers",
  "routing_header",
  "upstreams",
  "response_headers",
  "report",
  "cache",
  "max_cached_bytes",
  "keepalive_pool",
  "keepalive_ms",
];

/** One instance of our plugin, but for where it sends requests. */
export function checkPlugin({ view }: Instance, config: Config): Finding[] {
  if (view.flag("enabled") === false) {
    return [warning(ABOUT, at(view, "enabled"), "it is off here: nothing is decided", "enabled: true")];
  }
  const own = view.map("config");
  if (!own) return [wrong(ABOUT, view, "it has no config, and wants a url at least", "config: { url: URL }")];
  return [
    ...strangers(own),
    ...address(own, config),
    ...patience(own, config),
    ...failing(own, config),
    ...caller(own, config),
    ...outcomes(own, config),
    ...agreed(own, config),
  ];
}

/** Kong takes none of a file in which a plugin has a key that it does not know. */
const strangers = (own: View): Finding[] =>
  own
    .entries()
    .filter(([key]) => !PLUGIN_KEYS.includes(key))
    .map(([key, part]) => {
      const advice = didYouMean(key, PLUGIN_KEYS) ?? "take it out";
      return wrong(ABOUT, part, `the plugin has no ${quote(key)}, and Kong refuses the whole file for it`, advice);
    });

function address(own: View, config: Config): Finding[] {
  const url = own.text("url");
  const where = at(own, "url");
  const host = url === undefined ? undefined : hostOf(url);
  if (host === undefined) return [wrong(ABOUT, where, "it has no url of Signalbox", "url: http://HOST:PORT")];
  const found: Finding[] = [];
  const port = doorsOf(config)?.port;
  if (port !== undefined && !host.endsWith(`:${port}`)) {
    const message = `url leads to ${host}, and Signalbox listens on port ${port} (server.listen)`;
    found.push(warning(ABOUT, where, message, "correct it, unless something between them maps the port"));
  }
  const encrypts = url!.startsWith("https:");
  if (encrypts && own.flag("tls_verify") === false) {
    const message = "tls_verify false: whoever answers at this address decides, and reads the prompts";
    found.push(warning(ABOUT, at(own, "tls_verify"), message, "lua_ssl_trusted_certificate and tls_verify: true"));
  }
  if (!encrypts && config.server.tls) {
    const message =
      "the url is plain http, and Signalbox's port speaks TLS too (server.tls): bodies cross the wire in clear";
    found.push(warning(ABOUT, where, message, "url: https://..."));
  }
  if (encrypts && !config.server.tls) {
    const advice = "set server.tls, unless something in front of Signalbox ends TLS";
    found.push(warning(ABOUT, where, "the url is https, and Signalbox's port speaks no TLS (server.tls)", advice));
  }
  return found;
}

function patience(own: View, config: Config): Finding[] {
  const waits = own.number("timeout_ms") ?? TIMEOUT_MS;
  const { ms, of } = slowestDecision(config);
  if (ms <= waits) return [];
  const message = `a decision by this config may take ${ms} ms (${of}), and the plugin waits ${waits}`;
  return [warning(ABOUT, at(own, "timeout_ms"), message, `timeout_ms: ${ms + TIMEOUT_MS}`)];
}

function failing(own: View, config: Config): Finding[] {
  const found: Finding[] = [];
  const passes = (key: "on_error" | "on_unread") => (own.text(key) ?? "pass") === "pass";
  const model = own.text("default_model");
  if (passes("on_error") && model === undefined) {
    const message = `what passes undecided still asks for ${quote(config.aliases[0]!)}, which a model server does not have`;
    found.push(warning(ABOUT, at(own, "on_error"), message, "default_model: MODEL, as its server calls it"));
  }
  if (model !== undefined && config.aliases.includes(model)) {
    const message = `default_model is ${quote(model)} itself, which it should take the place of`;
    found.push(wrong(ABOUT, at(own, "default_model"), message, "name a model that the service's server has"));
  }
  if (!guardsRequests(config)) return found;
  if (passes("on_unread")) {
    const message = "a body that is too long, compressed or no JSON passes, and safety or a rule never sees it";
    found.push(warning(ABOUT, at(own, "on_unread"), message, "on_unread: refuse"));
  }
  if (passes("on_error")) {
    const message = "while Signalbox is away requests pass that safety or a rule would stop";
    found.push(fine(ABOUT, message, "on_error: refuse where that must not be"));
  }
  return found;
}

function caller(own: View, config: Config): Finding[] {
  const found: Finding[] = [];
  const secret = own.child("key");
  const claims = own.child("tenant") ?? (own.flag("tenant_of_consumer") ? own.child("tenant_of_consumer") : undefined);
  const isBelieved = claims !== undefined && trustsGateways(config);
  if (wantsKey(config) && !isBelieved && !secret && !own.child("client_key_header")) {
    const message = "Signalbox asks for a key (server.auth), and the plugin sends none: nothing is decided";
    found.push(wrong(ABOUT, own, message, 'key: "{vault://env/signalbox-key}"'));
  }
  if (secret && !isReference(secret)) {
    found.push(warning(ABOUT, secret, "a key stands in the file itself", 'key: "{vault://env/signalbox-key}"'));
  }
  if (claims && !isBelieved) {
    const message = "the tenant that Kong names is not believed: no address stands under server.auth.trusted";
    found.push(wrong(ABOUT, claims, message, "put Kong's addresses under server.auth.trusted"));
  }
  return found;
}

function outcomes(own: View, config: Config): Finding[] {
  if (own.flag("report") === false || believesOutcomes(config)) return [];
  return [warning(ABOUT, at(own, "report"), UNBELIEVED, "put Kong's addresses under server.auth.trusted")];
}

/** A secret that stands elsewhere. */
export const isReference = (part: View): boolean =>
  typeof part.value === "string" && /^\{vault:\/\/|^\$\{/u.test(part.value);

/** What both files must say alike. */
function agreed(own: View, config: Config): Finding[] {
  const found: Finding[] = [];
  const header = own.text("routing_header") ?? ROUTING_HEADER;
  if (header.toLowerCase() !== config.server.routing_header) {
    const message = `the plugin's routing header is ${header}, this config's ${config.server.routing_header} (server.routing_header)`;
    const advice = `routing_header: ${config.server.routing_header}`;
    found.push(wrong(ABOUT, at(own, "routing_header"), message, advice));
  }
  const profile = own.text("profile");
  const profiles = [...createProfiles(config.profiles).keys()];
  if (profile !== undefined && !profiles.includes(profile)) {
    const message = `this config has no profile ${quote(profile)}: each request is refused`;
    const advice = didYouMean(profile, profiles) ?? `name one of: ${listed(profiles)}`;
    found.push(wrong(ABOUT, at(own, "profile"), message, advice));
  }
  const shown = own.texts("headers").map((name) => name.toLowerCase());
  const matched = config.rules.flatMap(({ when }) => Object.keys(when.headers ?? {}));
  const hidden = [...new Set(matched.map((name) => name.toLowerCase()))].filter((name) => !shown.includes(name));
  if (hidden.length > 0) {
    const message = `rules match headers that the plugin does not show: ${listed(hidden)}`;
    found.push(warning(ABOUT, at(own, "headers"), message, `headers: [${listed([...shown, ...hidden])}]`));
  }
  return found;
}
