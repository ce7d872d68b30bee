import { Command, Option } from "commander";
import type { UpstreamOptions } from "../upstream/options.ts";
import { upstreamsOptions } from "../upstream/options.ts";
import type { Listed } from "../upstream/upstream.ts";
import { jsonOption } from "./config.ts";
import { Failure } from "./failure.ts";
import { nameFor } from "./names.ts";
import { probeUpstream } from "./probe.ts";
import { printable } from "./screen.ts";
import type { Terminal } from "./terminal.ts";
import { timeoutOption } from "./timeout.ts";

type Kind = UpstreamOptions["kind"];

interface Options {
  readonly kind?: Kind;
  readonly keyEnv?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

const KINDS: readonly Kind[] = ["vllm", "openai", "gemini", "anthropic", "azure"];
/** A router with more models than this is somebody's whole catalogue. */
const MOST_PROPOSED = 200;

export function discoverCommand(terminal: Terminal): Command {
  return new Command("discover")
    .description("Ask a model server what it serves, and propose the part of a config that uses it.")
    .argument("<url>", "its base URL, such as http://127.0.0.1:8000/v1")
    .addOption(new Option("--kind <kind>", "what it is (default: told by its URL and its list)").choices(KINDS))
    .option("--key-env <name>", "the environment variable that holds its key")
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .action((url: string, _own: unknown, command: Command) =>
      discover(terminal, url, command.optsWithGlobals<Options>()),
    );
}

async function discover(terminal: Terminal, given: string, options: Options): Promise<void> {
  const url = wholeUrl(terminal, given, options.kind);
  const likely = options.kind ?? kindOf(url);
  const listed = await list(terminal, likely, url, options);
  // vLLM says so in its list; what else speaks OpenAI's API is asked as such.
  const isVllm = listed.some(({ owner }) => owner === "vllm");
  const kind = options.kind ?? (likely === "vllm" && !isVllm ? "openai" : likely);
  const proposal = propose(kind, url, listed, options.keyEnv);
  if (options.json) return terminal.out(JSON.stringify(proposal));
  terminal.out(proposalText(proposal));
}

/** With the version that most servers want where there is no path, and that is said. Errors: Failure. */
function wholeUrl(terminal: Terminal, given: string, kind: Kind | undefined): string {
  const parsed = upstreamsOptions.safeParse({ asked: { kind: "vllm", url: given } });
  if (!parsed.success)
    throw new Failure(`this is no base URL (${parsed.error.issues[0]!.message}): give one such as http://host:8000/v1`);
  const { url } = parsed.data["asked"]!;
  const { origin, pathname } = new URL(url);
  const versioned = kind === undefined || kind === "vllm" || kind === "openai";
  if (pathname !== "/" || !versioned || (kind === undefined && kindOf(url) !== "vllm")) return url;
  terminal.err(`The URL has no path, so it is taken as ${origin}/v1`);
  return `${origin}/v1`;
}

const HOSTS: readonly (readonly [host: RegExp, kind: Kind])[] = [
  [/^api\.openai\.com$/u, "openai"],
  [/^generativelanguage\.googleapis\.com$/u, "gemini"],
  [/^api\.anthropic\.com$/u, "anthropic"],
  [/\.openai\.azure\.com$/u, "azure"],
];

const kindOf = (url: string): Kind => HOSTS.find(([host]) => host.test(new URL(url).hostname))?.[1] ?? "vllm";

async function list(
  terminal: Terminal,
  kind: Kind,
  url: string,
  { keyEnv, timeout }: Options,
): Promise<readonly Listed[]> {
  const key = keyEnv === undefined ? undefined : terminal.env[keyEnv];
  if (keyEnv !== undefined && !key) throw new Failure(`the environment variable ${keyEnv} is not set`);
  const parsed = upstreamsOptions.safeParse({ asked: { kind, url, ...(key && { key }) } });
  if (!parsed.success) throw new Failure(`${keyEnv ?? url}: ${parsed.error.issues[0]!.message}`);
  const probe = await probeUpstream("asked", parsed.data["asked"]!, timeout);
  if (!probe.ok) {
    const key = probe.status === 401 || probe.status === 403;
    const advice = key ? "; give its key with --key-env NAME" : probe.status === 404 ? "; is the path right?" : "";
    throw new Failure(`${url} does not list its models: ${probe.message}${advice}`, { code: "unreachable" });
  }
  if (!probe.listed) throw new Failure(`${url} lists no deployments: name them in targets by hand`);
  if (probe.listed.length === 0) throw new Failure(`${url} serves no models`);
  return probe.listed;
}

/** Entries for a config, to be looked through: tiers are guesses, and no server tells its prices in one way. */
interface Proposal {
  readonly upstreams: Readonly<Record<string, { readonly kind: Kind; readonly url: string; readonly key?: string }>>;
  readonly models: Readonly<Record<string, ProposedModel>>;
  /** Why a model got its tier. */
  readonly guesses: Readonly<Record<string, string>>;
  /** Models beyond the limit. */
  readonly left_out: number;
}

interface ProposedModel {
  readonly tier: string;
  readonly price: { readonly input: number; readonly output: number };
  readonly context?: number;
  readonly max_tokens?: number;
  readonly targets: readonly [{ readonly upstream: string; readonly model: string; readonly adapter?: string }];
}

function propose(kind: Kind, url: string, listed: readonly Listed[], keyEnv: string | undefined): Proposal {
  const { hostname } = new URL(url);
  const upstream = kind === "vllm" || kind === "openai" ? upstreamName(hostname, kind) : kind;
  const taken = new Set(["auto", "small", "medium", "large"]);
  const byId = new Map(listed.map((model) => [model.id, model]));
  const shown = listed.filter(({ id }) => isNameable(id)).slice(0, MOST_PROPOSED);
  const named = shown.map((model) => {
    const base = model.base === undefined ? undefined : byId.get(model.base);
    // An adapter has the size and the context of its base.
    const context = model.context ?? base?.context;
    const guess = tierGuess(base?.id ?? model.id);
    const { maxOutput } = model;
    const fits = maxOutput !== undefined && (context === undefined || maxOutput <= context);
    const proposed: ProposedModel = {
      tier: guess.tier,
      price: { input: 0, output: 0 },
      ...(context !== undefined && { context }),
      ...(fits && { max_tokens: maxOutput }),
      targets: [{ upstream, ...(base ? { model: base.id, adapter: model.id } : { model: model.id }) }],
    };
    return { name: nameFor(model.id, taken, "model"), proposed, why: guess.why };
  });
  return {
    upstreams: { [upstream]: { kind, url, ...(keyEnv !== undefined && { key: `\${${keyEnv}}` }) } },
    models: Object.fromEntries(named.map(({ name, proposed }) => [name, proposed])),
    guesses: Object.fromEntries(named.map(({ name, why }) => [name, why])),
    left_out: listed.length - shown.length,
  };
}

const upstreamName = (hostname: string, kind: Kind) =>
  /^(?:localhost|127\.|\[|\d)/u.test(hostname) ? "local" : nameFor(hostname.replaceAll(".", "-"), new Set(), kind);

const isNameable = (id: string) => id.length <= 256 && printable(id) === id && id.trim() !== "";

/** Billions of parameters where the name tells them; more than a small model has from here on. */
const MEDIUM = 15;
const LARGE = 100;

const SMALL_WORDS = /(?:^|[^a-z])(?:mini|nano|small|tiny|lite|flash|haiku|micro|8b|7b)(?:[^a-z]|$)/iu;
const LARGE_WORDS = /(?:^|[^a-z])(?:pro|opus|ultra|max|large)(?:[^a-z]|$)/iu;

function tierGuess(id: string): { readonly tier: string; readonly why: string } {
  const size = /(?:^|[^a-z0-9.])(?:(?<experts>\d{1,3})x)?(?<billions>\d{1,4}(?:\.\d{1,2})?)b(?:[^a-z0-9]|$)/iu.exec(
    id,
  )?.groups;
  if (size) {
    const billions = Number(size["billions"]) * Number(size["experts"] ?? 1);
    const tier = billions >= LARGE ? "large" : billions >= MEDIUM ? "medium" : "small";
    return { tier, why: `a guess by its size, ${billions}B` };
  }
  if (SMALL_WORDS.test(id)) return { tier: "small", why: "a guess by its name" };
  return LARGE_WORDS.test(id)
    ? { tier: "large", why: "a guess by its name" }
    : { tier: "medium", why: "nothing in its name tells its size" };
}

/** A server's names may hold anything that YAML would take for something else, and `${`. */
const quoted = (text: string) => JSON.stringify(text.replaceAll(/\$(?=\{[^{}\n]*\})/gu, "$$$$"));

function proposalText({ upstreams, models, guesses, left_out: left }: Proposal): string {
  const servers = Object.entries(upstreams).map(([name, { kind, url, key }]) => {
    const credential = key === undefined ? "" : `, key: ${key}`;
    return `  ${name}: { kind: ${kind}, url: ${quoted(url)}${credential} }`;
  });
  const entries = Object.entries(models).flatMap(([name, { tier, context, max_tokens: most, targets }]) => {
    const [{ upstream, model, adapter }] = targets;
    const lora = adapter === undefined ? "" : `, adapter: ${quoted(adapter)}`;
    return [
      `  ${quoted(name)}:`,
      `    tier: ${tier} # ${guesses[name]}`,
      "    price: { input: 0, output: 0 } # USD per million tokens: yours to fill in",
      ...(context === undefined ? [] : [`    context: ${context}`]),
      ...(most === undefined ? [] : [`    max_tokens: ${most}`]),
      `    targets: [{ upstream: ${upstream}, model: ${quoted(model)}${lora} }]`,
    ];
  });
  return [
    "# To be put into a config, whose tiers are small, medium and large here; then signalbox validate.",
    "upstreams:",
    ...servers,
    "models:",
    ...entries,
    ...(left > 0 ? [`# and ${left} more`] : []),
  ].join("\n");
}
