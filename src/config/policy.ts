import { createHash } from "node:crypto";
import type { Config } from "./schema.ts";

/** Parts of the config that no word of an answer depends on. What is not named here does. */
const NOT_SHAPING = [
  "version",
  "server",
  "breaker",
  "failover",
  "budgets",
  "ledger",
  "records",
  "log",
  "cache",
] as const;
/** Of an upstream, who answers there. */
const UPSTREAM = ["kind", "url", "query"] as const;
/** Names of keys whose values are secret, and say nothing of what is answered. */
const SECRET = new Set(["key", "keys", "token", "headers", "password"]);

/**
 * A fingerprint of whatever of the config shapes answers: models, what chooses among them, what is changed in requests.
 * Equal in every process that has the same, and after a change of what does not count.
 */
export function policyOf(config: Config): string {
  const rest = Object.entries(config).filter(([name]) => !(NOT_SHAPING as readonly string[]).includes(name));
  const upstreams = Object.entries(config.upstreams).map(([name, options]) => {
    const fields: Readonly<Record<string, unknown>> = { ...options };
    return [name, Object.fromEntries(UPSTREAM.map((field) => [field, fields[field]]))] as const;
  });
  const shaping = { ...Object.fromEntries(rest), upstreams: Object.fromEntries(upstreams) };
  const text = JSON.stringify(shaping, (name, value: unknown) => (SECRET.has(name) ? undefined : value));
  return createHash("sha256").update(text).digest("base64url");
}
