import type { WireApi } from "../../src/contracts.ts";
import { passingMessages } from "../../src/dialect/anthropic/answer.ts";
import { anthropicClient, anthropicServer } from "../../src/dialect/anthropic/codec.ts";
import type { AnswerForm, AnswerStream } from "../../src/dialect/answer.ts";
import { geminiServer } from "../../src/dialect/gemini/codec.ts";
import { passingChat } from "../../src/dialect/openai-chat/answer.ts";
import { openaiChatClient, openaiChatServer } from "../../src/dialect/openai-chat/codec.ts";
import { passingResponses } from "../../src/dialect/openai-responses/answer.ts";
import { openaiResponsesClient } from "../../src/dialect/openai-responses/codec.ts";
import type { ClientApi } from "../../src/dialect/speech.ts";
import { translatedAnswers } from "../../src/dialect/translated.ts";
import { RouterError } from "../../src/errors.ts";
import { dice } from "./bend.ts";
import { understand, type Understood } from "./sse-client.ts";
import { piecesIn, type Said, sayingOf, writeScript } from "./sse-script.ts";
import { INTERLEAVES, UPSTREAMS } from "./sse-upstream.ts";
import { wireOf } from "./sse-wire.ts";
import { createFailures, type Figures, type Story, type StoryOptions } from "./story.ts";

/** Ten times as many as other stories take inputs. */
const STREAMS_SHARE = 10;
const SLOW_MS = 2000;
const MOST_GROWTH_MIB = 200;
/** Between two looks at the memory, and turns for the signals of the process. */
const EVERY = 500;

export const sse: Story = {
  name: "sse",
  says: "streams of every API spoilt in every way, passed on and translated to every API: no crash, no hang, no text lost or repeated",
  run: fuzzStreams,
};

/** One way that a stream takes. */
interface Path {
  readonly from: WireApi;
  readonly to: ClientApi;
  readonly isTranslated: boolean;
  readonly form: AnswerForm;
}

const OPTIONS = { model: "ours", usage: true, created: 1_700_000_000, maxEventBytes: 1024 * 1024 };
const SERVERS = { "openai-chat": openaiChatServer, "anthropic-messages": anthropicServer, gemini: geminiServer };
const CLIENTS = {
  "openai-chat": openaiChatClient,
  "openai-responses": openaiResponsesClient,
  "anthropic-messages": anthropicClient,
};
const PASSING = {
  "openai-chat": passingChat,
  "openai-responses": passingResponses,
  "anthropic-messages": passingMessages,
};
const APIS = Object.keys(CLIENTS) as ClientApi[];

const PATHS: readonly Path[] = [
  ...APIS.map((api): Path => ({ from: api, to: api, isTranslated: false, form: PASSING[api](OPTIONS) })),
  ...(Object.keys(SERVERS) as (keyof typeof SERVERS)[]).flatMap((from) =>
    APIS.map((to): Path => ({
      from,
      to,
      isTranslated: true,
      form: translatedAnswers(from, SERVERS[from], CLIENTS[to], OPTIONS),
    })),
  ),
];

async function fuzzStreams({ inputs, seed, at, signal, progress }: StoryOptions): Promise<Figures> {
  const failures = createFailures();
  const total = inputs * STREAMS_SHARE;
  const ends = { finished: 0, failed: 0, "not begun": 0 };
  const memory: number[] = [];
  let bytes = 0;
  let slowest = 0;
  let streams = 0;
  const started = performance.now();
  for (let index = at ?? 0; index < (at === undefined ? total : at + 1) && !signal.aborted; index++) {
    if (index % EVERY === 0) {
      progress(index / total, `streams, at --seed ${seed} --at ${index}`);
      memory.push(process.memoryUsage.rss() / 2 ** 20);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const begun = performance.now();
    const { end, size } = runOne(seed, index, failures);
    const ms = performance.now() - begun;
    slowest = Math.max(slowest, ms);
    failures.check(ms < SLOW_MS, `--seed ${seed} --at ${index}: took ${ms.toFixed(0)} ms`);
    ends[end] += 1;
    bytes += size;
    streams += 1;
  }
  const later = memory.slice(Math.floor(memory.length / 4));
  const growth = Math.max(...later.slice(later.length / 2)) - Math.max(...later.slice(0, later.length / 2));
  failures.check(!(growth > MOST_GROWTH_MIB), `memory grew by ${growth.toFixed(0)} MiB`);
  return {
    rows: {
      streams,
      paths: PATHS.length,
      "streams a second": Math.round((streams * 1000) / (performance.now() - started)),
      MiB: (bytes / 2 ** 20).toFixed(0),
      ...ends,
      "slowest, ms": slowest.toFixed(0),
      "resident MiB at most": Math.max(...memory).toFixed(0),
      "resident MiB, growth": growth.toFixed(0),
    },
    failures: failures.list(),
  };
}

/** The same stream for the same numbers. */
function runOne(seed: number, index: number, failures: ReturnType<typeof createFailures>) {
  const roll = dice(seed * 1_000_003 + index);
  const path = PATHS[index % PATHS.length]!;
  const script = writeScript(roll);
  const wire = wireOf(UPSTREAMS[path.from](script), roll);
  const where = `--seed ${seed} --at ${index} (${path.from} ${path.isTranslated ? `to ${path.to}` : "passing"})`;
  const size = wire.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  try {
    const stream = path.form.stream();
    const got = carry(stream, wire.chunks);
    if (!stream.firstToken && !got.isWhole) return { end: "not begun" as const, size };
    const heard = understand(path.to, got.bytes, path.isTranslated);
    const meant = sayingOf(piecesIn(script, INTERLEAVES.has(path.from)));
    for (const fault of faultsOf(heard, meant)) failures.add(`${where}: ${fault}`);
    failures.check(
      heard.finished || wire.isCut || script.failsAfter !== undefined || got.isTooLarge,
      `${where}: a whole stream did not finish`,
    );
    return { end: heard.finished && !heard.failed ? ("finished" as const) : ("failed" as const), size };
  } catch (error) {
    failures.add(`${where}: ${error instanceof Error ? error.stack : String(error)}`);
    return { end: "failed" as const, size };
  }
}

/** As the relay carries it, without sockets. */
function carry(stream: AnswerStream, chunks: readonly Uint8Array[]) {
  const out: Uint8Array[] = [];
  let isTooLarge = false;
  const isWhole = () => (stream.done || stream.finish !== undefined) && stream.error === undefined;
  const breakOff = () => out.push(stream.errorEvent(new RouterError("upstream_failed", "It broke off.")));
  try {
    for (const chunk of chunks) {
      if (stream.done || stream.error !== undefined) break;
      out.push(stream.push(chunk));
    }
    if (!stream.done && stream.error === undefined) out.push(stream.end());
    if (!isWhole() && stream.error === undefined) breakOff();
  } catch (error) {
    if (!(error instanceof RouterError) || error.code !== "upstream_failed") throw error;
    isTooLarge = true;
    breakOff();
  }
  return { bytes: Buffer.concat(out), isWhole: isWhole(), isTooLarge };
}

/** What was lost, repeated or made up. A stream that did not finish says the beginning of everything. */
function* faultsOf(heard: Understood, meant: Said): Generator<string> {
  yield* heard.faults;
  if (!heard.finished && !heard.failed) yield "it ended with neither a finish nor an error";
  const isWhole = heard.finished && !heard.failed;
  const agrees = (said: string, whole: string) => (isWhole ? said === whole : whole.startsWith(said));
  for (const kind of ["text", "thinking"] as const) {
    const said = heard[kind].replaceAll("\n\n", "");
    if (!agrees(said, meant[kind])) yield `${kind} ${show(said)} in place of ${show(meant[kind])}`;
  }
  if (isWhole && heard.calls.length !== meant.calls.length)
    yield `${heard.calls.length} calls in place of ${meant.calls.length}`;
  for (const [index, call] of heard.calls.entries()) {
    const own = meant.calls[index];
    if (own?.name !== call.name) yield `call ${index} is ${call.name} in place of ${own?.name}`;
    else if (!agrees(call.arguments, own.arguments))
      yield `arguments ${show(call.arguments)} in place of ${show(own.arguments)}`;
  }
}

const SHOWN = 120;
const show = (text: string): string => JSON.stringify(text.length > SHOWN ? `…${text.slice(-SHOWN)}` : text);
