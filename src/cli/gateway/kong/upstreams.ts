import { didYouMean } from "../../../config/nearest.ts";
import { quote } from "../../../config/problem.ts";
import type { Config } from "../../../config/schema.ts";
import { type Finding, listed, warning, wrong } from "../finding.ts";
import { upstreamsInUse } from "../ours.ts";
import { at, type View } from "../view.ts";
import type { Instance } from "./parts.ts";
import { isReference } from "./plugin.ts";

const ABOUT = "upstreams";

/** Where our plugin sends what is decided. `proxied`: ai-proxy does so in its place. */
export function checkUpstreams(
  { view }: Instance,
  root: View,
  config: Config,
  { proxied }: { readonly proxied: boolean },
): Finding[] {
  const own = view.map("config");
  if (!own || view.flag("enabled") === false) return [];
  const entries = own.list("upstreams");
  const used = [...upstreamsInUse(config)];
  if (entries.length === 0) {
    if (proxied || used.length <= 1) return [];
    const message = `models are on ${listed(used)}, and no upstreams say where those are: every request goes to the service's own place`;
    return [warning(ABOUT, own, message, "name each under upstreams, as adapters/kong/kong.yml does")];
  }
  const known = entries.map((entry) => entry.text("name") ?? "");
  const lost = used
    .filter((name) => !known.includes(name))
    .map((name) => {
      const message = `models are on the upstream ${name}, which is not listed: its requests go to the service's own place, undecided`;
      return wrong(ABOUT, at(own, "upstreams"), message, `add - name: ${name}`);
    });
  return [...entries.flatMap((entry) => [...ofEntry(entry, config), ...place(entry, root)]), ...lost];
}

function ofEntry(entry: View, config: Config): Finding[] {
  const name = entry.text("name") ?? "";
  const upstream = Object.hasOwn(config.upstreams, name) ? config.upstreams[name] : undefined;
  if (!upstream) {
    const message = `this config has no upstream ${quote(name)}: nothing is ever sent there`;
    const names = Object.keys(config.upstreams);
    return [wrong(ABOUT, at(entry, "name"), message, didYouMean(name, names) ?? `name one of: ${listed(names)}`)];
  }
  const secret = entry.child("header_value");
  if (secret && !isReference(secret)) {
    const advice = 'header_value: "{vault://env/NAME}"';
    return [warning(ABOUT, secret, "a credential stands in the file itself", advice)];
  }
  if (secret || upstream.key === undefined) return [];
  const message = `${name} wants a key by this config, and here it gets none but the client's own`;
  return [warning(ABOUT, entry, message, 'header_value: "{vault://env/NAME}"')];
}

function place(entry: View, root: View): Finding[] {
  const group = entry.text("upstream");
  const host = entry.text("host");
  if (group !== undefined && host !== undefined) {
    return [wrong(ABOUT, entry, "Kong refuses an entry with both an upstream and a host", "leave one of them")];
  }
  if (host !== undefined && entry.number("port") === undefined) {
    return [wrong(ABOUT, entry, "Kong refuses a host without a port", "port: 443 and scheme: https, or its own")];
  }
  const groups = root.list("upstreams").map((one) => one.text("name") ?? "");
  if (group === undefined || groups.includes(group)) return [];
  const message = `Kong has no upstream ${quote(group)} in this file`;
  return [
    warning(
      ABOUT,
      at(entry, "upstream"),
      message,
      didYouMean(group, groups) ?? "add it under the file's own upstreams",
    ),
  ];
}
