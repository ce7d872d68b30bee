import { BlockList, isIP } from "node:net";

type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy that the environment names, and the variable that does. */
interface NamedProxy {
  readonly variable: string;
  readonly url: string;
}

/**
 * The proxy on the way to a URL as HTTPS_PROXY, HTTP_PROXY and NO_PROXY say, in lower case first; undefined for none.
 * Nothing of this machine itself is reached through it. A proxy without `http://` gets it; else its URL is not checked.
 */
export function proxyFor(url: string, env: Environment): NamedProxy | undefined {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/gu, "").toLowerCase();
  const named = firstOf(env, protocol === "https:" ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy", "HTTP_PROXY"]);
  if (named === undefined || isThisMachine(host)) return undefined;
  const exempt = firstOf(env, ["no_proxy", "NO_PROXY"])?.text ?? "";
  if (isExempt(host, port || (protocol === "https:" ? "443" : "80"), exempt)) return undefined;
  return { variable: named.name, url: named.text.includes("://") ? named.text : `http://${named.text}` };
}

function firstOf(env: Environment, names: readonly string[]): { name: string; text: string } | undefined {
  for (const name of names) {
    const text = env[name]?.trim();
    if (text) return { name, text };
  }
  return undefined;
}

function isThisMachine(host: string): boolean {
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "::1" ||
    (isIP(host) === 4 && host.startsWith("127."))
  );
}

/** Entries are `*`, a host with everything below it, an address or a network such as 10.0.0.0/8; a port may follow a host. */
function isExempt(host: string, port: string, list: string): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/u)
    .filter((entry) => entry !== "")
    .some((entry) => entry === "*" || inNetwork(host, entry) || isHost(host, port, entry));
}

function inNetwork(host: string, entry: string): boolean {
  const [address = "", prefix = ""] = entry.split("/");
  const family = isIP(address);
  const bits = family === 6 ? 128 : 32;
  if (family === 0 || family !== isIP(host) || !/^\d{1,3}$/u.test(prefix) || Number(prefix) > bits) return false;
  const name = family === 6 ? "ipv6" : "ipv4";
  const network = new BlockList();
  network.addSubnet(address, Number(prefix), name);
  return network.check(host, name);
}

function isHost(host: string, port: string, entry: string): boolean {
  const parts = /^(?:\[(?<six>[^\]]+)\]|(?<name>[^:]*|.*:.*:.*))(?::(?<port>\d+))?$/u.exec(entry)?.groups;
  if (!parts || (parts["port"] !== undefined && parts["port"] !== port)) return false;
  const name = (parts["six"] ?? parts["name"] ?? "").replace(/^\*?\./u, "");
  return name !== "" && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)));
}
