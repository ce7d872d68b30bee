import { PassThrough, Readable, Writable } from "node:stream";
import { runCli } from "../../src/cli/program.ts";
import type { Terminal } from "../../src/cli/terminal.ts";

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Questions that hold the text on the left are answered with the one on the right; a null hangs up. */
  readonly answers?: ReadonlyArray<readonly [question: string, answer: string | null]>;
}

/** One command line in this process, and everything it said. */
export async function run(
  args: readonly string[],
  { stdin = "", env = {}, answers }: Surroundings = {},
): Promise<Said> {
  const said = { out: "", err: "" };
  const keyboard = answers && new PassThrough();
  const open = [...(answers ?? [])];
  const answer = (text: string) => {
    const [next] = open;
    if (next === undefined || !text.includes(next[0])) return;
    open.shift();
    if (next[1] === null) keyboard?.end();
    else keyboard?.write(`${next[1]}\n`);
  };
  const terminal: Terminal = {
    out: (text) => void (said.out += `${text}\n`),
    err: (text) => void (said.err += `${text}\n`),
    stdin: keyboard ?? Readable.from([Buffer.from(stdin)]),
    stderr: new Writable({
      write(chunk: Buffer, _, done) {
        said.err += chunk.toString();
        answer(chunk.toString());
        done();
      },
    }),
    interactive: answers !== undefined,
    env,
    screen: { width: 80, colours: false, unicode: true },
  };
  const code = await runCli(["node", "signalbox", ...args], terminal);
  return { code, ...said };
}

/** What a verb printed with `--json`: one line and nothing beside it. */
export function parsed(said: Said): Record<string, unknown> {
  return JSON.parse(said.out) as Record<string, unknown>;
}
