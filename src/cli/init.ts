import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createInterface, type Interface } from "node:readline/promises";
import { Command } from "commander";
import { checkConfig } from "../config/check.ts";
import { configTemplate, type TemplateOptions } from "../config/template.ts";
import { DEFAULT_CONFIG, jsonOption } from "./config.ts";
import { Failure } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

interface Options {
  readonly out: string;
  readonly yes?: boolean;
  readonly vllmUrl?: string;
  readonly gemini: boolean;
  readonly openai: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

const VLLM_URL = "http://127.0.0.1:8000/v1";

export function initCommand(terminal: Terminal): Command {
  return new Command("init")
    .description("Write a commented config to start from; on a terminal it asks what to put in.")
    .option("-o, --out <path>", "where to; - is standard output", DEFAULT_CONFIG)
    .option("-y, --yes", "ask nothing, take the defaults")
    .option("--vllm-url <url>", `base URL of the vLLM server (default: ${VLLM_URL})`)
    .option("--no-gemini", "leave Google Gemini out")
    .option("--no-openai", "leave OpenAI out")
    .option("--force", "overwrite the file if it is there")
    .addOption(jsonOption())
    .action((options: Options) => init(terminal, options));
}

async function init(terminal: Terminal, options: Options): Promise<void> {
  const { out, force, json } = options;
  if (out !== "-" && !force && existsSync(out)) {
    throw new Failure(`${out} is there already: --force overwrites it, --out PATH writes another`, { code: "exists" });
  }
  if (options.vllmUrl !== undefined && !isUsable(options.vllmUrl)) throw new Failure(BAD_URL);
  const asks = terminal.interactive && !options.yes && !json;
  const wanted = asks ? await ask(terminal, options) : chosen(options);
  const config = configTemplate(wanted);
  if (out !== "-") write(out, config);

  const variables = variablesOf(wanted);
  if (json) return terminal.out(JSON.stringify({ path: out, variables, ...(out === "-" && { config }) }));
  if (out === "-") return terminal.out(config.trimEnd());
  terminal.out(`${out} is written.`);
  terminal.err(nextSteps(out, variables));
}

function chosen({ vllmUrl, gemini, openai }: Options): TemplateOptions {
  return { vllmUrl: vllmUrl ?? VLLM_URL, gemini, openai };
}

/** Only what the flags leave open is asked. */
async function ask(terminal: Terminal, options: Options): Promise<TemplateOptions> {
  const gone = new AbortController();
  const lines = createInterface({ input: terminal.stdin, output: terminal.stderr });
  lines.once("SIGINT", () => gone.abort());
  lines.once("close", () => gone.abort());
  try {
    return {
      vllmUrl: options.vllmUrl ?? (await askUrl(terminal, lines, gone.signal)),
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
    if (isUsable(answer)) return answer;
    terminal.err(BAD_URL);
  }
}

async function askWhether(lines: Interface, question: string, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    const answer = (await lines.question(`${question} [Y/n]: `, { signal })).trim().toLowerCase();
    if (answer === "" || answer === "y" || answer === "yes") return true;
    if (answer === "n" || answer === "no") return false;
  }
}

const BAD_URL = "the vLLM URL must look like http://host:8000/v1";

/** The file is tried before it is written: what comes out is a config that can be used. */
function isUsable(vllmUrl: string): boolean {
  const yaml = configTemplate({ vllmUrl, gemini: false, openai: false });
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
