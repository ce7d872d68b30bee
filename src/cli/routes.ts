import { existsSync, readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { placesIn } from "../config/form.ts";
import type { Stage } from "../inference/encoder.ts";
import { route } from "../route/index.ts";
import { embeddingLearns } from "../signals/embedding.ts";
import { configOption, DEFAULT_CONFIG, findConfig, jsonOption } from "./config.ts";
import { type OpenEncoder, openEncoder, withEncoder } from "./encoder.ts";
import { Failure, told } from "./failure.ts";
import { inputCommand, type InputOptions, openInput, readWhole, routeInput } from "./input.ts";
import { withRuntimes } from "./local.ts";
import { planJson } from "./plan.ts";
import { checkRoutes, checkText, contradicts } from "./registry/check.ts";
import { type Locate, registryOf, registryText } from "./registry/list.ts";
import { scoresOf, scoresText } from "./registry/try.ts";
import { lineOf } from "./route.ts";
import type { Terminal } from "./terminal.ts";

interface Options {
  readonly config?: string;
  readonly stage: Stage;
  readonly json?: boolean;
}

const STAGES: readonly Stage[] = ["static", "full"];

export function routesCommand(terminal: Terminal, open: OpenEncoder = openEncoder): Command {
  const list = new Command("list")
    .description("List the routes: what each says, and what leads to it.")
    .addOption(configOption())
    .addOption(jsonOption())
    .action((options: Options) => listRoutes(terminal, options));
  const one = inputCommand("try")
    .description("Score a prompt against the examples of all routes, and say what is decided.")
    .action((words: readonly string[], options: InputOptions) => tryRoutes(terminal, words, options));
  const check = new Command("check")
    .description(
      "Propose thresholds, and find examples that contradict, collide or are swallowed. Exit code 1 if any contradict.",
    )
    .addOption(configOption())
    .addOption(
      new Option("--stage <stage>", "the stage of the encoder that compares").choices(STAGES).default("static"),
    )
    .addOption(jsonOption())
    .action((options: Options) => checkExamples(terminal, open, options));
  return new Command("routes")
    .description("List the routes, try a prompt against all of them, check their examples.")
    .addCommand(list, { isDefault: true })
    .addCommand(one)
    .addCommand(check);
}

async function listRoutes(terminal: Terminal, options: Options): Promise<void> {
  const { config, hash } = await findConfig(terminal, options.config, { sends: false });
  const registry = registryOf(config, placesOf(options.config));
  terminal.out(
    options.json ? JSON.stringify({ hash, ...registry }) : registryText(registry, terminal.screen).join("\n\n"),
  );
}

async function tryRoutes(terminal: Terminal, words: readonly string[], options: InputOptions): Promise<void> {
  const accepted = await findConfig(terminal, options.config, { sends: false });
  const { config } = accepted;
  await withRuntimes([accepted], async ([runtime], state) => {
    const bytes = await readWhole(openInput(terminal, words, options), runtime!.limits.bytes);
    const input = routeInput(bytes, options, runtime!.limits);
    const plan = await route(runtime!, input);
    const compares = config.signals.embedding !== undefined && embeddingLearns(config.signals.embedding);
    const held = compares ? await state.encoders.hold(config.encoder) : undefined;
    const scores = held
      ? await scoresOf(held.thing, config, input.prompt.turn, plan).catch((error: unknown) => {
          throw told(error);
        })
      : [];
    held?.release();
    if (options.json) return terminal.out(JSON.stringify({ scores, plan: planJson(plan, runtime!, options.api) }));
    terminal.out([...scoresText(scores, config, terminal.screen), "", lineOf(plan)].join("\n"));
  });
}

async function checkExamples(terminal: Terminal, open: OpenEncoder, options: Options): Promise<void> {
  const { config, hash, demo } = await findConfig(terminal, options.config, { sends: false });
  const path = options.config ?? DEFAULT_CONFIG;
  const checked = await withEncoder(terminal, open, demo ? undefined : path, async (encoder) => {
    if (options.stage === "full" && !encoder.hasFullStage) throw new Failure("this encoder has no full stage");
    return checkRoutes(encoder, options.stage, config, placesOf(options.config));
  }).catch((error: unknown) => {
    throw told(error);
  });
  terminal.out(
    options.json
      ? JSON.stringify({ hash, stage: options.stage, ...checked })
      : checkText(checked, path, terminal.screen).join("\n"),
  );
  if (contradicts(checked)) throw new Failure("");
}

/** Where the parts of the config stand; of the demo, which is no file, nothing is known. */
function placesOf(given: string | undefined): Locate {
  const path = given ?? DEFAULT_CONFIG;
  return (existsSync(path) ? placesIn(readFileSync(path, "utf8")) : undefined) ?? (() => undefined);
}
