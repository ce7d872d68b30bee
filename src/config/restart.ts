import type { Config } from "./schema.ts";
import { asksClients } from "./tls.ts";

/** What is opened once, when the process starts. */
const FIXED: ReadonlyArray<readonly [path: string, of: (config: Config) => unknown]> = [
  ["server.listen", ({ server }) => server.listen],
  // Of a TLS that stays, new certificates need no restart.
  ["server.tls", ({ server: { tls } }) => tls && { asksClients: asksClients(tls) }],
  ["server.admin.listen", ({ server }) => server.admin.listen],
  ["ledger", ({ ledger }) => ledger],
  ["records", ({ records }) => records],
  ["log", ({ log }) => log],
];

/** The parts in which `next` differs from the config that the process started with, and which wait for its restart. */
export function needsRestart(started: Config, next: Config): readonly string[] {
  return FIXED.filter(([, of]) => JSON.stringify(of(started)) !== JSON.stringify(of(next))).map(([path]) => path);
}
