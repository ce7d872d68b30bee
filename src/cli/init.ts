import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createInterface, type Interface } from "node:readline/promises";
import { Command, Option } from "commander";
import { checkConfig } from "../config/check.ts";
import { LARGEST_FILE } from "../config/limits.ts";
import { configTemplate, type TemplateOptions, VLLM_MODEL, VLLM_URL } from "../config/template.ts";
import { RouterError } from "../errors.ts";
import { DEFAULT_CONFIG, jsonOption } from "./config.ts";
import { Failure } from "./failure.ts";
import { FORMATS, type Format, importConfig, noteText } from "./import/index.ts";
import { openInput, readWhole } from "./input.ts";
import { probeUpstream } from "./probe.ts";
import { printable } from "./screen.ts";
import type { Terminal } from "./terminal.ts";

interface Options {
  readonly from?: Format;
  readonly out: string;
  readonly yes?: boolean;
  readonly vllmUrl?: string;
  readonly vllmModel?: string;
  readonly gemini: boolean;
  readonly openai: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function initCommand(terminal: Terminal): Command {
  return new Command("init")
    .description("Write a commented config to start from; on a terminal it asks what to put in.")
    .argument("[file]", "with --from: the config to take over; - or nothing reads standard input")
    .addOption(
      new Option("--from <router>", "take over another router's config, and list what has no place here").choices(
        FORMATS,
      ),
    )
    .option("-o, --out <path>", "where to; - is standard output", DEFAULT_CONFIG)
    .option("-y, --yes", "ask nothing, take the defaults")
    .option("--vllm-url <url>", `base URL of the vLLM server (default: ${VLLM_URL})`)
    .option("--vllm-model <name>", `what that server calls its model (default: ${VLLM_MODEL})`)
    .option("--no-gemini", "leave Google Gemini out")
    .option("--no-openai", "leave OpenAI out")
    .option("--force", "overwrite the file if it is there")
    .addOption(jsonOption())
    .action((file: string | undefined, options: Options) => init(terminal, file, options));
}

async function init(terminal: Terminal, file: string | undefined, options: Options): Promise<void> {
  const { out, force, json, from } = options;
  if (file !== undefined && from === undefined)
    throw new Failure(`say whose config ${file} is: --from ${FORMATS.join(" or ")}`);
  if (out !== "-" && !force && existsSync(out)) {
    throw new Failure(`${out} is there already: --force overwrites it, --out PATH writes another`, { code: "exists" });
  }
  if (from !== undefined) return takeOver(terminal, from, file, options);
  const given = checkedFlags(terminal, options);
  const asks = terminal.interactive && !options.yes && !json;
  const wanted = asks ? await ask(terminal, given) : chosen(given);
  const config = configTemplate(wanted);
  if (out !== "-") write(out, config);

  const variables = variablesOf(wanted);
  if (json) return terminal.out(JSON.stringify({ path: out, variables, ...(out === "-" && { config }) }));
  if (out === "-") return terminal.out(config.trimEnd());
  terminal.out(`${out} is written.`);
  terminal.err(nextSteps(out, variables));
}

/** Another router's config becomes ours; what it lost on the way is told. */
async function takeOver(
  terminal: Terminal,
  from: Format,
  file: string | undefined,
  { out, json }: Options,
): Promise<void> {
  const named = file === "-" ? undefined : file;
  const input = openInput(terminal, [], named === undefined ? {} : { file: named });
  const bytes = await readWhole(input, LARGEST_FILE).catch((error: unknown) => {
    if (!(error instanceof RouterError)) throw error;
    throw new Failure(`${named ?? "standard input"} is larger than ${LARGEST_FILE} bytes`, { cause: error });
  });
  const { yaml, recognised, notes, variables } = importConfig(
    from,
    new TextDecoder().decode(bytes),
    named ?? "standard input",
  );
  if (out !== "-") write(out, yaml);
  if (json)
    return terminal.out(
      JSON.stringify({ path: out, recognised, variables, notes, ...(out === "-" && { config: yaml }) }),
    );
  terminal.out(out === "-" ? yaml.trimEnd() : `${out} is written.`);
  terminal.err(`Recognised: ${recognised}.`);
  if (notes.length > 0)
    terminal.err(["What has no place here, or is said in another way:", ...notes.map(noteText)].join("\n"));
  if (out !== "-") terminal.err(nextSteps(out, variables));
}

function checkedFlags(terminal: Terminal, options: Options): Options {
  const { vllmUrl, vllmModel } = options;
  if (vllmModel !== undefined && !isUsable({ vllmModel })) throw new Failure(BAD_MODEL);
  if (vllmUrl === undefined) return options;
  const url = wholeUrl(terminal, vllmUrl);
  if (url === undefined) throw new Failure(BAD_URL);
  return { ...options, vllmUrl: url };
}

function chosen({ vllmUrl = VLLM_URL, vllmModel = VLLM_MODEL, gemini, openai }: Options): TemplateOptions {
  return { vllmUrl, vllmModel, gemini, openai };
}

/** Only what the flags leave open is asked. */
async function ask(terminal: Terminal, options: Options): Promise<TemplateOptions> {
  const gone = new AbortController();
  const lines = createInterface({ input: terminal.stdin, output: terminal.stderr });
  lines.once("SIGINT", () => gone.abort());
  lines.once("close", () => gone.abort());
  try {
    const vllmUrl = options.vllmUrl ?? (await askUrl(terminal, lines, gone.signal));
    return {
      vllmUrl,
      vllmModel: options.vllmModel ?? (await askModel(terminal, lines, vllmUrl, gone.signal)),
      gemini: options.gemini && (await askWhether(lines, "Use Google Gemini?", gone.signal)),
      openai: options.openai && (await askWhether(lines, "Use OpenAI?", gone.signal)),
    };
  } catch (error) {
    if (gone.signal.aborted) throw new Failure("stopped; nothing is written", { cause: error });
    throw error;
  } finally {
    lines.close();
  }
}

async function askUrl(terminal: Terminal, lines: Interface, signal: AbortSignal): Promise<string> {
  for (;;) {
    const answer =
      (await lines.question(`Base URL of your vLLM server [${VLLM_URL}]: `, { signal })).trim() || VLLM_URL;
    const url = wholeUrl(terminal, answer);
    if (url !== undefined) return url;
    terminal.err(BAD_URL);
  }
}

/** By name or by number; a name that the server does not have now may come later. */
async function askModel(terminal: Terminal, lines: Interface, url: string, signal: AbortSignal): Promise<string> {
  const served = await servedBy(url);
  for (const [at, name] of served.entries()) terminal.err(`  ${at + 1}  ${name}`);
  const usual = served[0] ?? VLLM_MODEL;
  const which = served.length > 1 ? "Which of these models, by number or name" : "Model that it serves";
  for (;;) {
    const answer = (await lines.question(`${which} [${usual}]: `, { signal })).trim() || usual;
    const vllmModel = served[Number(answer) - 1] ?? answer;
    if (isUsable({ vllmModel })) return vllmModel;
    terminal.err(BAD_MODEL);
  }
}

const PATIENCE_MS = 1000;
const MOST_MODELS = 20;

/** What the server lists, as far as it can be shown; nothing where it does not answer at once. */
async function servedBy(url: string): Promise<readonly string[]> {
  const vllm = { kind: "vllm", url, connections: 1, location: "internal" } as const;
  const probe = await probeUpstream("local", vllm, PATIENCE_MS);
  const names = (probe.ok && probe.models) || [];
  return names.filter((name) => printable(name) === name && isUsable({ vllmModel: name })).slice(0, MOST_MODELS);
}

async function askWhether(lines: Interface, question: string, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    const answer = (await lines.question(`${question} [Y/n]: `, { signal })).trim().toLowerCase();
    if (answer === "" || answer === "y" || answer === "yes") return true;
    if (answer === "n" || answer === "no") return false;
  }
}

const BAD_URL = "the vLLM URL must look like http://host:8000/v1";

const BAD_MODEL = "the vLLM model must be a name of 1 to 256 characters";

/** With the version that vLLM wants where there is no path, and that is said; undefined for what is no base URL. */
function wholeUrl(terminal: Terminal, given: string): string | undefined {
  if (!isUsable({ vllmUrl: given })) return undefined;
  const { origin, pathname } = new URL(given);
  if (pathname !== "/") return given;
  const url = `${origin}/v1`;
  terminal.err(`The URL has no path, so it is taken as ${url}`);
  return url;
}

/** The file is tried before it is written: what comes out is a config that can be used. */
function isUsable(part: Pick<TemplateOptions, "vllmUrl" | "vllmModel">): boolean {
  const yaml = configTemplate({ ...part, gemini: false, openai: false });
  return "config" in checkConfig(yaml, { env: {}, readFile: () => "" });
}

/** Beside its place first, so that nobody ever finds half a file. */
function write(path: string, text: string): void {
  const beside = `${path}.${process.pid}.new`;
  try {
    writeFileSync(beside, text, { flag: "wx" });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    const code = error instanceof Error && "code" in error ? String(error.code) : "it failed";
    throw new Failure(`cannot write ${path}: ${code === "ENOENT" ? "there is no such directory" : code}`, {
      cause: error,
    });
  }
}

function variablesOf({ gemini, openai }: TemplateOptions): string[] {
  return [...(gemini ? ["GEMINI_API_KEY"] : []), ...(openai ? ["OPENAI_API_KEY"] : [])];
}

function nextSteps(path: string, variables: readonly string[]): string {
  const option = path === DEFAULT_CONFIG ? "" : ` -c ${path}`;
  return [
    "Next:",
    ...variables.map((name) => `  export ${name}=...`),
    `  signalbox doctor${option}    says what does not work yet`,
    `  signalbox serve${option}     or npm start in a clone`,
  ].join("\n");
}
