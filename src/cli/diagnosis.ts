import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Checked } from "../config/check.ts";
import { loadConfig } from "../config/load.ts";
import { type Problem, problemText } from "../config/problem.ts";
import type { Config } from "../config/schema.ts";
import { addressOf, isLoopback } from "../config/server.ts";
import { isStandIn, standInFor } from "../config/stand-in.ts";
import { CLASSES } from "../decision/safety.ts";
import { headerOf, keysOf, type UpstreamOptions } from "../upstream/options.ts";
import { portAdvice, portState } from "./ports.ts";
import { type Probe, probeUpstream } from "./probe.ts";
import { misplacedText, misplacedTiers, ORDER_OF_TIERS, outOfReach } from "./reach.ts";
import { adapterCheck, targetCheck } from "./served.ts";

/** One thing that was looked at. */
export interface Check {
  /** What it is about, such as `upstream local`. */
  readonly about: string;
  readonly verdict: "ok" | "warning" | "wrong";
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
}

export interface Patient {
  /** The config file. */
  readonly path: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Longest wait for one upstream. */
  readonly timeoutMs: number;
  /** Told as checks end. */
  progress?(done: number, of: number): void;
}

/** Everything that is wrong with a setup, and what is right. Changes nothing, and sends nothing but `GET /models`. */
export async function diagnose(patient: Patient): Promise<Check[]> {
  const { path, env } = patient;
  const checked = await loadConfig(path, { env });
  const first = [nodeVersion(process.versions.node), ...configChecks(path, checked)];
  const otherwise = await loadConfig(path, { env, standIn: standInFor });
  return "config" in otherwise ? [...first, ...(await examine(otherwise.config, patient))] : first;
}

const WANTED_NODE = 24;

export function nodeVersion(version: string): Check {
  const about = "node";
  return Number(version.split(".")[0]) >= WANTED_NODE
    ? { about, verdict: "ok", message: `Node ${version}` }
    : {
        about,
        verdict: "wrong",
        message: `Node ${version} is too old`,
        advice: `install Node ${WANTED_NODE} or newer`,
      };
}

export function configChecks(path: string, checked: Checked): Check[] {
  const about = "config";
  if ("config" in checked) return [{ about, verdict: "ok", message: `${path} is whole, hash ${checked.hash}` }];
  if (!existsSync(path)) {
    const advice = "`signalbox init` writes one; without it `signalbox serve` runs a demo";
    return [{ about, verdict: "wrong", message: `there is no ${path}`, advice }];
  }
  return checked.problems.map((problem) => problemCheck(path, problem));
}

function problemCheck(path: string, problem: Problem): Check {
  const variable = /^the environment variable ([A-Za-z_]\w*) is/u.exec(problem.message)?.[1];
  return {
    about: "config",
    verdict: "wrong",
    message: problemText(path, problem),
    advice:
      variable === undefined ? "correct the file, or see `signalbox validate --schema`" : `export ${variable}=...`,
  };
}

/** Side by side; the order of the result is that of the list. */
async function examine(config: Config, { timeoutMs, progress }: Patient): Promise<Check[]> {
  const upstreams = Object.entries(config.upstreams);
  const { server } = config;
  const work: Promise<Check[]>[] = [
    ...upstreams.map(([name, options]) => upstreamChecks(name, options, config, timeoutMs)),
    portCheck("doors", server.listen, "server.listen"),
    portCheck("admin port", server.admin.listen, "server.admin.listen"),
    Promise.resolve(exposure(config)),
    Promise.resolve(reach(config)),
    Promise.resolve(safety(config)),
    Promise.resolve(records(config)),
  ];
  let done = 0;
  const counted = work.map(async (checks) => {
    const found = await checks;
    done += 1;
    progress?.(done, work.length);
    return found;
  });
  return (await Promise.all(counted)).flat();
}

async function upstreamChecks(
  name: string,
  options: UpstreamOptions,
  config: Config,
  timeoutMs: number,
): Promise<Check[]> {
  const about = `upstream ${name}`;
  const { key: _, ...open } = options;
  const keys = keysOf(options);
  const keyIs = !hasCredential(options) ? "absent" : keys.some(isStandIn) ? "unset" : "there";
  // Each key by itself: one that is refused would hide behind one that is good.
  const asked = keyIs === "there" && keys.length > 0 ? keys.map((key) => ({ ...open, key })) : [open];
  const [probe, ...others] = await Promise.all(asked.map((one) => probeUpstream(name, one, timeoutMs)));
  if (!probe) return [];
  const refused = others.flatMap((other, at) =>
    other.ok ? [] : [failedProbe(`${about}, key ${at + 2}`, options, keyIs, other)],
  );
  const targets = Object.values(config.models).flatMap((model) =>
    model.targets.filter(({ upstream }) => upstream === name),
  );
  const unused: Check[] =
    targets.length > 0
      ? []
      : [{ about, verdict: "warning", message: "no model has a target there", advice: "give it one, or take it out" }];
  const more = [...refused, ...missingKey(name, options, probe), ...unused];
  if (!probe.ok) return [failedProbe(about, options, keyIs, probe), ...more];
  const { models, ms } = probe;
  const count = models ? `${models.length} models, ` : "";
  return [
    { about, verdict: "ok", message: `${options.url} answers: ${count}${ms} ms` },
    ...more,
    ...targets.flatMap(({ model, adapter }) => [
      ...(adapter === undefined ? [] : [adapterCheck(`${name}/${adapter}`, adapter, models)]),
      targetCheck(`${name}/${model}`, model, models),
    ]),
  ];
}

const CLOUD = /^api\.openai\.com$|^generativelanguage\.googleapis\.com$|^api\.anthropic\.com$|\.openai\.azure\.com$/u;
const CREDENTIALS = ["authorization", "api-key", "x-api-key", "x-goog-api-key"];

const hasCredential = (options: UpstreamOptions): boolean =>
  keysOf(options).length > 0 || CREDENTIALS.some((name) => headerOf(options, name) !== undefined);

/** What speaks a cloud's API at another address may want no key: that is to think about, not wrong. */
export function missingKey(name: string, options: UpstreamOptions, probe: Probe): Check[] {
  const { kind, url } = options;
  if (kind === "vllm" || hasCredential(options) || (!probe.ok && refusesKey(kind, probe.status))) return [];
  const verdict = CLOUD.test(new URL(url).hostname) ? "wrong" : "warning";
  const message = `it has no key, which ${kind} usually wants`;
  return [{ about: `upstream ${name}`, verdict, message, advice: `set upstreams.${name}.key` }];
}

/** Gemini calls a key that it does not know a bad request. */
function refusesKey(kind: UpstreamOptions["kind"], status: number | undefined): boolean {
  return status === 401 || status === 403 || (kind === "gemini" && status === 400);
}

function failedProbe(
  about: string,
  { url, kind }: UpstreamOptions,
  keyIs: "there" | "absent" | "unset",
  { message, status, code, ms }: Probe & { ok: false },
): Check {
  const said = { about, message: `${url}: ${message}, ${ms} ms` };
  if (refusesKey(kind, status)) {
    // That the variable is not set is said already.
    if (keyIs === "unset")
      return { ...said, verdict: "warning", advice: "it is reached, and wants the key that is not set" };
    const advice =
      keyIs === "absent"
        ? "it wants a key: set it in the config"
        : "it refuses the key: is it the right one, and still valid?";
    return { ...said, verdict: "wrong", advice };
  }
  if (status === 429) {
    return { ...said, verdict: "warning", advice: "it is reached, but over its limit now: look at its quota" };
  }
  return { ...said, verdict: "wrong", advice: adviceFor(status, code) };
}

const ADVICE: readonly (readonly [code: RegExp, advice: string])[] = [
  [/^(ENOTFOUND|EAI_AGAIN)$/u, "its host name is not found: check the url, and the DNS of this machine"],
  [/^ECONNREFUSED$/u, "nothing listens there: start the server, or correct host and port"],
  [
    /^(EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/u,
    "no way there: check address, network and firewall",
  ],
  [/^(ERR_SSL|EPROTO)/u, "it does not speak TLS: should the url begin with http://?"],
  [/^(CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/u, "its certificate is not trusted: name your own CA in its ca"],
  [/^UND_ERR_ABORTED$/u, "the proxy refuses the way there: look at its own log"],
];

function adviceFor(status: number | undefined, code: string | undefined): string {
  if (status === 404 || status === 405) return "it has no /models there: a base url usually ends in /v1";
  if (status !== undefined && status < 400) return "it sends elsewhere: write its final url";
  if (status !== undefined) return "it is reached, but in trouble: look at its own log";
  const known = ADVICE.find(([pattern]) => pattern.test(code ?? ""));
  return known?.[1] ?? "check the url; --timeout MS waits longer";
}

async function portCheck(about: string, listen: string, key: string): Promise<Check[]> {
  const address = addressOf(listen)!;
  if (address.port === 0) return [{ about, verdict: "ok", message: "takes a free port" }];
  const state = await portState(address);
  if (state === "free") return [{ about, verdict: "ok", message: `${listen} is free` }];
  if (state === "ours") return [{ about, verdict: "ok", message: `${listen}: a Signalbox serves there already` }];
  const advice = portAdvice(state.code, key) ?? `choose another ${key}`;
  return [{ about, verdict: "wrong", message: `cannot listen on ${listen}: ${state.code}`, advice }];
}

function exposure({ server }: Config): Check[] {
  const { listen, auth, admin } = server;
  const doors: Check =
    isLoopback(addressOf(listen)!) || auth !== "none"
      ? {
          about: "doors",
          verdict: "ok",
          message: auth === "none" ? "only this machine can reach them" : "clients need a key",
        }
      : {
          about: "doors",
          verdict: "warning",
          message: `anybody who reaches ${listen} can spend your money`,
          advice: "name client keys in server.auth.keys",
        };
  const back: Check = isLoopback(addressOf(admin.listen)!)
    ? { about: "admin port", verdict: "ok", message: "only this machine can reach it" }
    : {
        about: "admin port",
        verdict: "warning",
        message: `others can reach ${admin.listen}; only its token keeps them out`,
        advice: "set server.admin.listen to a loopback address unless a scraper needs it",
      };
  return [doors, back];
}

function reach(config: Config): Check[] {
  const { models, routes, tiers } = outOfReach(config);
  const lost = (kind: string, names: readonly string[], message: string, advice: string): Check[] =>
    names.map((name) => ({ about: `${kind} ${name}`, verdict: "warning", message, advice }));
  const found = [
    ...lost("model", models, "no route leads to it, so it never answers", "add it to a route, or take it out"),
    ...lost(
      "route",
      routes,
      "nothing pins it, so no request takes it",
      "pin it in a rule or a keyword, or take it out",
    ),
    ...lost("tier", tiers, "no model is in it", "take it out, or put a model in"),
    ...misplacedTiers(config).flatMap((misplaced) =>
      lost("tier", [misplaced.tier], misplacedText(misplaced), ORDER_OF_TIERS),
    ),
  ];
  return found.length > 0
    ? found
    : [
        {
          about: "pool",
          verdict: "ok",
          message: "every model, route and tier can be reached, and tiers stand in order",
        },
      ];
}

function safety({ safety: options }: Config): Check[] {
  const usual = CLASSES.filter(({ isOptional }) => isOptional !== true);
  const off = usual.map(({ name }) => name).filter((name) => options[name] === undefined);
  if (off.length === 0) return [{ about: "safety", verdict: "ok", message: "every class is judged" }];
  const all = off.length === usual.length;
  const message = all ? "safety is off: nothing is judged" : `not judged: ${off.join(", ")}`;
  return [
    { about: "safety", verdict: "warning", message, advice: `set ${off.map((name) => `safety.${name}`).join(", ")}` },
  ];
}

function records({ records: options }: Config): Check[] {
  if (!options) return [{ about: "records", verdict: "ok", message: "off: no file is written" }];
  const path = resolve(options.path);
  const holder = nearestThere(path);
  try {
    accessSync(holder, constants.W_OK);
    if (holder === path && !statSync(holder).isFile()) throw new Error("not a file");
    if (holder !== path && !statSync(holder).isDirectory()) throw new Error("not a directory");
    return [{ about: "records", verdict: "ok", message: `${options.path} can be written` }];
  } catch {
    const message = `${options.path} cannot be written: see ${holder}`;
    return [{ about: "records", verdict: "wrong", message, advice: "correct its permissions, or records.path" }];
  }
}

/** The path itself, or the nearest directory above it that there is: the rest is made when it is needed. */
function nearestThere(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestThere(dirname(path));
}
