import type { Config } from "../../config/schema.ts";
import { type Address, addressOf } from "../../config/server.ts";
import { EVERYTHING_MS } from "../../signals/options.ts";

/** How long the model of the signal `preference` is waited for. */
const INTENT_MS = 1500;

/** What a decision may take by this config, in milliseconds, and of what that is made up. */
export function slowestDecision({ signals, encoder, decision }: Config): { readonly ms: number; readonly of: string } {
  const deadlines = Object.values(signals).flatMap((signal) =>
    // What reads everything has this for a megabyte; usual prompts take it a few milliseconds.
    signal && "deadline_ms" in signal && signal.deadline_ms !== EVERYTHING_MS ? [signal.deadline_ms] : [],
  );
  const parts = [
    ["signals", Math.max(0, ...deadlines)],
    ["second look", deadlines.length > 0 && encoder.second_stage !== "never" ? encoder.deadline_ms : 0],
    ["preference.model", signals.preference?.model === undefined ? 0 : INTENT_MS],
    ["decision.router", decision.router?.deadline_ms ?? 0],
  ] as const;
  const taken = parts.filter(([, ms]) => ms > 0);
  return {
    ms: taken.reduce((sum, [, ms]) => sum + ms, 0),
    of: taken.map(([name, ms]) => `${name} ${ms}`).join(", "),
  };
}

/** Whether some request is refused or kept inside for its content: what passes undecided is not. */
export function guardsRequests({ safety, routes, rules }: Config): boolean {
  const classes = [safety, ...Object.values(routes).map((route) => route.safety)].flatMap((each) =>
    [each?.jailbreak, each?.injection, each?.harmful, each?.pii].map((one) => one?.action),
  );
  return (
    classes.some((action) => action !== undefined && action !== "annotate") ||
    rules.some(({ then }) => then.block !== undefined || then.location !== undefined)
  );
}

/** Whether addresses stand in the config from which a gateway's word on the tenant is believed. */
export const trustsGateways = ({ server: { auth } }: Config): boolean => auth !== "none" && auth.trusted !== undefined;

/** Whether who names no tenant needs a key. */
export const wantsKey = ({ server }: Config): boolean => server.auth !== "none";

/** Whether what a gateway tells of answers opens circuits and is learned from. */
export const believesOutcomes = (config: Config): boolean => config.server.auth === "none" || trustsGateways(config);

export const UNBELIEVED =
  "outcomes that the gateway tells are not believed, no address being under server.auth.trusted: a server that fails goes on being chosen";

/** Undefined for port 0, which is another at each start. */
export function doorsOf({ server }: Config): Address | undefined {
  const address = addressOf(server.listen)!;
  return address.port === 0 ? undefined : address;
}

/** The upstreams that models of the pool are on. */
export const upstreamsInUse = ({ models }: Config): ReadonlySet<string> =>
  new Set(Object.values(models).flatMap(({ targets }) => targets.map(({ upstream }) => upstream)));

/** `host:port` of each target of a model. */
export const hostsOf = ({ models, upstreams }: Config, model: string): readonly string[] =>
  (models[model]?.targets ?? []).map(({ upstream }) => hostOf(upstreams[upstream]!.url)!);

/** `host:port` of a URL, the machine itself under one name; undefined for what is no URL. */
export function hostOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, port, protocol } = new URL(url);
  return hostPort(hostname.replace(/^\[(.*)\]$/u, "$1"), Number(port) || (protocol === "https:" ? 443 : 80));
}

export const hostPort = (host: string, port: number): string =>
  `${/^(localhost|::1|127\.[\d.]+)$/u.test(host) ? "127.0.0.1" : host.toLowerCase()}:${port}`;
