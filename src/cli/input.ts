import { createReadStream } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Api } from "../contracts.ts";
import { DIALECTS } from "../dialect/index.ts";
import { type BodyLimits, parseBody } from "../dialect/json.ts";
import { readMessages } from "../dialect/messages.ts";
import { RouterError } from "../errors.ts";
import { editsOf, type RouteInput } from "../route/input.ts";
import { configOption, jsonOption } from "./config.ts";
import { Failure } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

type BodyApi = Exclude<Api, "messages">;

/** What `route` and `explain` share: where the prompt comes from, and who seems to ask. */
export interface InputOptions {
  readonly config?: string;
  readonly file?: string;
  readonly api?: BodyApi;
  readonly profile?: string;
  readonly tenant: string;
  readonly header: Readonly<Record<string, string>>;
  readonly json?: boolean;
}

export function inputCommand(name: string): Command {
  return new Command(name)
    .argument("[text...]", "the prompt; - or nothing reads standard input")
    .addOption(configOption())
    .option("-f, --file <path>", "read the prompt from this file")
    .addOption(
      new Option("--api <api>", "the input is the JSON body of a request in this API").choices(Object.keys(DIALECTS)),
    )
    .option("--profile <name>", "decide by this profile, such as cheap")
    .option("--tenant <name>", "decide as for this tenant", "default")
    .option("--header <name:value>", "a request header for rules to match; may be repeated", addHeader, {})
    .addOption(jsonOption());
}

const MOST_HEADERS = 200;

function addHeader(text: string, before: Record<string, string>): Record<string, string> {
  const colon = text.indexOf(":");
  const name = text.slice(0, colon).trim().toLowerCase();
  if (colon < 0 || !/^[a-z0-9-]{1,128}$/u.test(name)) throw new InvalidArgumentError("Expected name:value.");
  if (Object.keys(before).length === MOST_HEADERS) throw new InvalidArgumentError(`At most ${MOST_HEADERS}.`);
  return { ...before, [name]: text.slice(colon + 1).trim() };
}

/** The bytes that the command line points at, as they come. Nobody at the keyboard is waited for. */
export function openInput(
  terminal: Terminal,
  words: readonly string[],
  { file }: Pick<InputOptions, "file">,
): AsyncIterable<Uint8Array> {
  // A shell cuts a text without quotes into words.
  const text = words.length === 0 ? undefined : words.join(" ");
  const typed = text !== undefined && text !== "-";
  if (file !== undefined && text !== undefined) throw new Failure("give a text or --file, not both");
  if (typed) return once(Buffer.from(text));
  if (file !== undefined) return readFailing(createReadStream(file), `cannot read ${file}`);
  if (text === undefined && terminal.stdin.isTTY) {
    throw new Failure("nothing to route: give a text, --file PATH, or pipe one in", { code: "no_input" });
  }
  return readFailing(terminal.stdin, "cannot read standard input");
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* readFailing(stream: AsyncIterable<Uint8Array>, sentence: string): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "it broke off";
    throw new Failure(`${sentence}: ${REASONS[code] ?? code}`);
  }
}

export const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory",
  EACCES: "this user may not read it",
};

/** Everything as one text, without the line break at its end. Errors: body_too_large. */
export async function readWhole(source: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const whole = createPile(limit);
  for await (const chunk of source) whole.add(chunk);
  return withoutBreak(whole.take());
}

export interface Line {
  /** Of the whole input, from 1; empty lines count. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** One text a line, empty lines left out; only one line is held at a time. Errors: body_too_large for a line. */
export async function* readLines(source: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Line> {
  const line = createPile(limit);
  let number = 1;
  for await (const chunk of source) {
    let from = 0;
    for (let to = chunk.indexOf(LF); to >= 0; to = chunk.indexOf(LF, from)) {
      line.add(chunk.subarray(from, to));
      from = to + 1;
      const bytes = withoutBreak(line.take());
      if (bytes.length > 0) yield { number, bytes };
      number += 1;
    }
    line.add(chunk.subarray(from));
  }
  const last = withoutBreak(line.take());
  if (last.length > 0) yield { number, bytes: last };
}

const LF = 0x0a;
const CR = 0x0d;

function withoutBreak(bytes: Buffer): Buffer {
  const shorter = bytes.at(-1) === LF ? bytes.subarray(0, -1) : bytes;
  return shorter.at(-1) === CR ? shorter.subarray(0, -1) : shorter;
}

/** Chunks until they are taken together; refuses more than `limit` bytes. */
function createPile(limit: number): { add(chunk: Uint8Array): void; take(): Buffer } {
  let chunks: Uint8Array[] = [];
  let size = 0;
  return {
    add(chunk) {
      size += chunk.length;
      if (size > limit) {
        throw new RouterError("body_too_large", `The input is larger than ${limit} bytes (server.limits.body_bytes).`);
      }
      chunks.push(chunk);
    },
    take() {
      const whole = Buffer.concat(chunks);
      chunks = [];
      size = 0;
      return whole;
    },
  };
}

/** One request as a door would hand it on. The operator asks: headers count as a trusted gateway's, and no trace is left. */
export function routeInput(bytes: Uint8Array, options: InputOptions, limits: BodyLimits): RouteInput {
  return {
    ...promptOf(bytes, options.api, limits),
    caller: { tenant: options.tenant, trusted: true },
    headers: options.header,
    constraints: {},
    preview: true,
    ...(options.profile !== undefined && { profile: options.profile }),
  };
}

function promptOf(
  bytes: Uint8Array,
  api: BodyApi | undefined,
  limits: BodyLimits,
): Pick<RouteInput, "prompt" | "edit" | "effortEdit"> {
  if (api !== undefined) {
    return { prompt: DIALECTS[api].read(parseBody(bytes, limits), {}), ...editsOf(DIALECTS[api], bytes) };
  }
  const content = new TextDecoder().decode(bytes);
  if (content.trim() === "") throw new Failure("the text is empty", { code: "no_input" });
  return { prompt: readMessages({ messages: [{ role: "user", content }] }) };
}
