import { basename } from "node:path";
import { Command, Option } from "commander";
import { LARGEST_FILE } from "../config/limits.ts";
import { loadConfig } from "../config/load.ts";
import { standInFor } from "../config/stand-in.ts";
import { configOption, DEFAULT_CONFIG, jsonOption } from "./config.ts";
import { type Check, configChecks, diagnose } from "./diagnosis.ts";
import { Failure } from "./failure.ts";
import { checkGateway, type Gateway, GATEWAYS } from "./gateway/index.ts";
import { openInput, readWhole } from "./input.ts";
import { paint, printable, type Screen, type Style, wrapped } from "./screen.ts";
import type { Terminal } from "./terminal.ts";
import { timeoutOption } from "./timeout.ts";

interface Options {
  readonly config?: string;
  readonly timeout: number;
  readonly gateway?: Gateway;
  readonly json?: boolean;
}

export function doctorCommand(terminal: Terminal): Command {
  return new Command("doctor")
    .description(
      "Say what is wrong with the setup and what to do: config, keys, upstreams, model names, ports. Exit code 1 if anything is.",
    )
    .argument("[file]", "a gateway's own config, with --gateway")
    .addOption(configOption())
    .addOption(timeoutOption())
    .addOption(
      new Option("--gateway <kind>", "look at this gateway's file beside the config instead; nothing is sent").choices(
        GATEWAYS,
      ),
    )
    .addOption(jsonOption())
    .action((file: string | undefined, options: Options, command: Command) => {
      const { gateway } = options;
      if (file === undefined && gateway === undefined) return doctor(terminal, options);
      if (file === undefined) return command.error(`error: --gateway ${gateway} wants the gateway's own config file`);
      if (gateway === undefined) {
        return command.error(`error: say whose config ${file} is: --gateway ${GATEWAYS.join(", ")}`);
      }
      return gatewayDoctor(terminal, { ...options, gateway, file });
    });
}

async function doctor(terminal: Terminal, options: Options): Promise<void> {
  const path = options.config ?? DEFAULT_CONFIG;
  const shows = terminal.interactive && !options.json;
  const checks = await diagnose({
    path,
    env: terminal.env,
    timeoutMs: options.timeout,
    ...(shows && { progress: (done, of) => void terminal.stderr.write(`\rlooking: ${done} of ${of} `) }),
  });
  if (shows) terminal.stderr.write("\r\x1b[K");
  tell(terminal, options, { path }, checks);
}

/** A gateway's file and our config, side by side. */
async function gatewayDoctor(
  terminal: Terminal,
  { gateway, file, ...options }: Options & { readonly gateway: Gateway; readonly file: string },
): Promise<void> {
  const path = options.config ?? DEFAULT_CONFIG;
  const bytes = await readWhole(openInput(terminal, [], { file }), LARGEST_FILE);
  // Nothing is sent, so no secret need be there.
  const checked = await loadConfig(path, { env: terminal.env, standIn: standInFor });
  const text = Buffer.from(bytes).toString();
  const found = "config" in checked ? checkGateway(gateway, text, basename(file), checked.config) : [];
  tell(terminal, options, { path, gateway, file }, [...configChecks(path, checked), ...found]);
}

/** @param about what was looked at, for scripts */
function tell(terminal: Terminal, options: Options, about: object, checks: readonly Check[]): void {
  const wrong = checks.filter(({ verdict }) => verdict === "wrong").length;
  const warnings = checks.filter(({ verdict }) => verdict === "warning").length;
  if (options.json) terminal.out(JSON.stringify({ ...about, ok: wrong === 0, checks }));
  else {
    for (const check of checks) terminal.out(linesOf(check, terminal.screen).join("\n"));
    terminal.out(`\n${wrong === 0 ? "Nothing is wrong" : `${wrong} wrong`}, ${warnings} to think about.`);
  }
  if (wrong > 0) throw new Failure("");
}

const MARKS: Readonly<Record<Check["verdict"], { unicode: string; ascii: string; style: Style }>> = {
  ok: { unicode: "✓", ascii: "+", style: "green" },
  warning: { unicode: "!", ascii: "!", style: "yellow" },
  wrong: { unicode: "✗", ascii: "x", style: "red" },
};

function linesOf({ about, verdict, message, advice }: Check, screen: Screen): string[] {
  const { style, ...marks } = MARKS[verdict];
  const mark = paint(screen, style, screen.unicode ? marks.unicode : marks.ascii);
  const arrow = screen.unicode ? "→" : "->";
  return [
    `${mark} ${printable(`${about}: ${message}`)}`,
    ...(advice === undefined
      ? []
      : wrapped(`${arrow} ${printable(advice)}`, screen.width - 4).map((line) => `    ${line}`)),
  ];
}
