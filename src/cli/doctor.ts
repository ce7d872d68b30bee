import { Command } from "commander";
import { configOption, DEFAULT_CONFIG, jsonOption } from "./config.ts";
import { type Check, diagnose } from "./diagnosis.ts";
import { Failure } from "./failure.ts";
import { paint, printable, type Screen, type Style, wrapped } from "./screen.ts";
import type { Terminal } from "./terminal.ts";
import { timeoutOption } from "./timeout.ts";

interface Options {
  readonly config?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

export function doctorCommand(terminal: Terminal): Command {
  return new Command("doctor")
    .description(
      "Say what is wrong with the setup and what to do: config, keys, upstreams, model names, ports. Exit code 1 if anything is.",
    )
    .addOption(configOption())
    .addOption(timeoutOption())
    .addOption(jsonOption())
    .action((options: Options) => doctor(terminal, options));
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

  const wrong = checks.filter(({ verdict }) => verdict === "wrong").length;
  const warnings = checks.filter(({ verdict }) => verdict === "warning").length;
  if (options.json) terminal.out(JSON.stringify({ path, ok: wrong === 0, checks }));
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
