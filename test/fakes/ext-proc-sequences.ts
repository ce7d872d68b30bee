/**
 * Streams of external processing as no gateway should send them: messages in any order, of any size, cut off anywhere,
 * ended in every way. Each is known by its seed and number.
 */
import {
  BodyMode,
  frameOf,
  requestBody,
  requestHeaders,
  responseBody,
  responseHeaders,
  type GatewayEnd,
  type HeaderList,
  type Message,
} from "./ext-proc.ts";

type Random = () => number;

/** Numbers in [0,1), the same ones for the same seed. */
function randomOf(seed: number): Random {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pick = <T>(random: Random, of: readonly T[]): T => of[Math.floor(random() * of.length)]!;

const BODIES: readonly Buffer[] = [
  '{"model":"auto","messages":[{"role":"user","content":"hello"}]}',
  '{"model":"auto","max_tokens":5,"messages":[{"role":"user","content":"hello"}]}',
  '{"model":"auto","input":"hello","stream":true}',
  "{",
  "",
  `[${"[".repeat(300)}`,
  "\u0000\u0001",
].map((text) => Buffer.from(text));
const ANSWERS: readonly Buffer[] = [
  'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n',
  "data: [DONE]\n\n",
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  '{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}',
  "data: {",
  "",
].map((text) => Buffer.from(text));
const PATHS = [
  "/v1/chat/completions",
  "/v1/responses",
  "/v1/messages",
  "/v1/files",
  "/%zz",
  "",
  "/v1/chat/completions/",
];

function headersOf(random: Random): HeaderList {
  const headers: Array<readonly [string, string]> = [
    [":method", pick(random, ["POST", "POST", "POST", "GET", ""])],
    [":path", pick(random, PATHS)],
    ["content-type", pick(random, ["application/json", "application/json", "text/plain"])],
  ];
  if (random() < 0.2) headers.push(["x-selected-model", "large"], ["X-Signalbox-Role", "upstream"]);
  if (random() < 0.05) headers.push(["x-large", "x".repeat(Math.floor(random() * 200_000))]);
  if (random() < 0.1) headers.push(["content-type", "again"], ["", ""]);
  return headers;
}

function answerHeaders(random: Random): HeaderList {
  return [
    [":status", pick(random, ["200", "200", "404", "503", "", "-1", "9999999"])],
    ["content-type", pick(random, ["application/json", "text/event-stream", ""])],
  ];
}

const MAKERS: ReadonlyArray<(random: Random) => Message> = [
  (random) => ({
    request: requestHeaders(headersOf(random), random() < 0.1),
    ...(random() < 0.9 && {
      protocolConfig: { requestBodyMode: Math.floor(random() * 7), responseBodyMode: Math.floor(random() * 7) },
    }),
  }),
  (random) => ({ request: requestBody(pick(random, BODIES), random() < 0.7) }),
  () => ({ request: { case: "requestTrailers", value: {} } }),
  (random) => ({ request: responseHeaders(answerHeaders(random), random() < 0.1) }),
  (random) => ({ request: responseBody(pick(random, ANSWERS), random() < 0.4) }),
  () => ({ request: { case: "responseTrailers", value: {} } }),
  () => ({}),
];
/** In the order of a gateway. */
const USUAL = [0, 1, 3, 4, 4] as const;

const MODES: readonly BodyMode[] = [BodyMode.BUFFERED, BodyMode.FULL_DUPLEX_STREAMED, BodyMode.NONE, BodyMode.STREAMED];

function messagesOf(random: Random): Message[] {
  if (random() < 0.4) return Array.from({ length: Math.floor(random() * 8) }, () => pick(random, MAKERS)(random));
  const mode = pick(random, MODES);
  const usual = USUAL.map((index) => MAKERS[index]!(random));
  usual[0] = { ...usual[0]!, protocolConfig: { requestBodyMode: mode, responseBodyMode: pick(random, MODES) } };
  // One of them goes missing, comes twice, or changes its place.
  const at = Math.floor(random() * usual.length);
  const kind = random();
  if (kind < 0.25) usual.splice(at, 1);
  else if (kind < 0.5) usual.splice(at, 0, usual[at]!);
  else if (kind < 0.6) usual.reverse();
  return usual;
}

const OVERSIZED = Buffer.from([0, 0xff, 0xff, 0xff, 0xff]);
const COMPRESSED = Buffer.from([1, 0, 0, 0, 2, 1, 1]);

/** The bytes of a stream, and how it is left: `wait` for its end, `reset`, or `end`. */
function sequenceOf(
  seed: number,
  number: number,
): { bytes: Buffer; leave: "end" | "reset"; metadata: Record<string, string> } {
  const random = randomOf(seed * 1_000_003 + number);
  let bytes = Buffer.concat(messagesOf(random).map(frameOf));
  const spoil = random();
  if (spoil < 0.1) bytes = bytes.subarray(0, Math.floor(random() * bytes.length));
  else if (spoil < 0.2 && bytes.length > 0) {
    bytes = Buffer.from(bytes);
    for (let times = 0; times < 3; times++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  } else if (spoil < 0.23) bytes = Buffer.concat([bytes, OVERSIZED]);
  else if (spoil < 0.26) bytes = Buffer.concat([COMPRESSED, bytes]);
  const metadata: Record<string, string> = {};
  if (random() < 0.1) metadata["x-signalbox-deadline-ms"] = pick(random, ["1", "0", "x", "5000"]);
  if (random() < 0.2)
    Object.assign(metadata, { "x-signalbox-role": "upstream", "x-signalbox-model": pick(random, ["large", "none"]) });
  return { bytes, leave: random() < 0.5 ? "end" : "reset", metadata };
}

/** How such a stream may end: a gRPC status with our code where it is not 0, or cut by ourselves. */
export interface Ending {
  readonly kind: "clean" | "typed" | "left" | "wrong";
  /** What is wrong, or the code. */
  readonly about: string;
}

export async function play(gateway: GatewayEnd, seed: number, number: number): Promise<Ending> {
  const { bytes, leave, metadata } = sequenceOf(seed, number);
  const stream = gateway.open(metadata);
  if (bytes.length > 0) stream.write(bytes);
  if (leave === "reset") {
    setImmediate(() => stream.reset());
    await stream.ended;
    return { kind: "left", about: "" };
  }
  stream.end();
  const { status, code } = await stream.ended;
  if (status === 0) return { kind: "clean", about: "" };
  if (status === undefined) return { kind: "wrong", about: "the stream was cut without a status" };
  if (code === undefined || code === "internal") return { kind: "wrong", about: `status ${status}, code ${code}` };
  return { kind: "typed", about: code };
}
