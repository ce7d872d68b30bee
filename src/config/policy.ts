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
  const routes = Object.entries(config.routes).map(([name, route]) => [name, { ...route, cache: undefined }] as const);
  const shaping = {
    ...Object.fromEntries(rest),
    upstreams: Object.fromEntries(upstreams),
    routes: Object.fromEntries(routes),
  };
  return createHash("sha256").update(JSON.stringify(shaping)).digest("base64url");
}
