/** Gemini's generateContent, as its public reference has it. */
import { type Api, type Asked, bodyOf, idOf } from "./api.ts";
import { generateRules, signedRules } from "./gemini-rules.ts";
import { type Answer, type FaultKind, type Usage, piecesOf } from "./script.ts";
import { type Fields, type Violation, broken, isFields } from "./rules.ts";

const PATH = /^\/v1beta\/models\/([^/:]+):(generateContent|streamGenerateContent)$/u;
/** From these on models name their calls and want signatures back. */
const NAMES_CALLS = /^gemini-[3-9]/u;

export const gemini: Api = {
  takes: ({ path }) => PATH.test(path),
  read(received) {
    const [, model = "", verb] = PATH.exec(received.path) ?? [];
    const key = received.headers["x-goog-api-key"] ?? received.query.get("key");
    if (!/^\S+$/u.test(String(key ?? ""))) broken("", "callers must be identified by an API key", "key");
    const stream = verb === "streamGenerateContent";
    if (stream && received.query.get("alt") !== "sse")
      broken("", "a stream is an array of JSON without alt=sse", "path");
    const body = bodyOf(received);
    generateRules(body, "");
    if (NAMES_CALLS.test(model)) signedRules(body);
    return { model: decodeURIComponent(model), stream, body };
  },
  sealed: ({ contents }) =>
    (contents as readonly Fields[])
      .flatMap(({ parts }) => parts as readonly Fields[])
      .map(({ thoughtSignature }) => thoughtSignature)
      .filter((sealed) => typeof sealed === "string")
      .filter((sealed) => !UNSIGNED.includes(sealed)),
  whole: (answer, asked) => responseOf(partsOf(answer, asked), asked, usageOf(answer.usage), endOf(answer)),
  stream: (answer, asked) => chunksOf(answer, asked).map(lineOf),
  broken: (kind) => [lineOf(errorOf(ERRORS[kind]))],
  refuse: (violation) => ({ status: refusalOf(violation).code, headers: {}, body: errorOf(refusalOf(violation)) }),
  fault({ error, status, retryAfter }, asked) {
    // A prompt that is blocked is answered, without candidates.
    if (error === "content_filter" && status === undefined) return { status: 200, headers: {}, body: blocked(asked) };
    const words = ERRORS[error];
    const code = status ?? words.code;
    const retry = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${retryAfter}s` };
    const details = [...(words.details ?? []), ...(retryAfter === undefined ? [] : [retry])];
    return {
      status: code,
      headers: retryAfter === undefined ? {} : { "retry-after": String(retryAfter) },
      body: errorOf({ ...words, code, ...(details.length > 0 ? { details } : {}) }),
    };
  },
  headers: () => ({ "server-timing": "gfet4t7; dur=12", vary: "Origin, X-Origin, Referer" }),
};

/** What the reference lets stand for the signature of a call that another model made. */
const UNSIGNED = ["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"];

interface Words {
  readonly code: number;
  readonly message: string;
  readonly status: string;
  readonly details?: readonly Fields[];
}

const errorOf = (error: Words): Fields => ({ error });

const badKey = {
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason: "API_KEY_INVALID",
  domain: "googleapis.com",
  metadata: { service: "generativelanguage.googleapis.com" },
};

const ERRORS: Readonly<Record<FaultKind, Words>> = {
  rate_limit: { code: 429, message: "You exceeded your current quota", status: "RESOURCE_EXHAUSTED" },
  overloaded: { code: 503, message: "The model is overloaded", status: "UNAVAILABLE" },
  // The API has no code for it: its words are all that tells.
  context_length: {
    code: 400,
    message: "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    status: "INVALID_ARGUMENT",
  },
  content_filter: { code: 400, message: "The prompt was blocked", status: "INVALID_ARGUMENT" },
  bad_key: { code: 400, message: "API key not valid", status: "INVALID_ARGUMENT", details: [badKey] },
  server_error: { code: 500, message: "An internal error has occurred", status: "INTERNAL" },
};

function refusalOf({ kind, message }: Violation): Words {
  if (kind === "key") return { code: 403, message, status: "PERMISSION_DENIED" };
  if (kind === "path") return { code: 404, message, status: "NOT_FOUND" };
  return { code: 400, message, status: "INVALID_ARGUMENT" };
}

/** This API ends its lines with CR LF. */
const lineOf = (data: Fields) => `data: ${JSON.stringify(data)}\r\n\r\n`;

const REASONS = { stop: "STOP", length: "MAX_TOKENS", tool_calls: "STOP", content_filter: "SAFETY" } as const;

function endOf({ finish }: Answer): Fields {
  const rating = { category: "HARM_CATEGORY_DANGEROUS_CONTENT", probability: "HIGH", blocked: true };
  return { finishReason: REASONS[finish], ...(finish === "content_filter" ? { safetyRatings: [rating] } : {}) };
}

function responseOf(parts: readonly Fields[], { model, number }: Asked, usage: Fields, end: Fields = {}): Fields {
  const content = { ...(parts.length > 0 ? { parts } : {}), role: "model" };
  return {
    candidates: [{ content, ...end, index: 0 }],
    usageMetadata: usage,
    modelVersion: model,
    responseId: idOf("", number, 22),
  };
}

const blocked = ({ model, number }: Asked): Fields => ({
  promptFeedback: { blockReason: "PROHIBITED_CONTENT" },
  usageMetadata: {
    promptTokenCount: 9,
    totalTokenCount: 9,
    promptTokensDetails: [{ modality: "TEXT", tokenCount: 9 }],
  },
  modelVersion: model,
  responseId: idOf("", number, 22),
});

/** Thoughts are shown where they were asked for; the signature comes in any case, with the first call or last. */
function partsOf({ thinking, text, refusal, tools = [] }: Answer, { body, model }: Asked): Fields[] {
  const config = isFields(body.generationConfig) ? body.generationConfig : {};
  const shown = isFields(config.thinkingConfig) && config.thinkingConfig.includeThoughts === true;
  const words = text ?? refusal;
  const sealed = thinking?.signature === undefined ? {} : { thoughtSignature: thinking.signature };
  const parts: Fields[] = [];
  if (thinking !== undefined && shown) parts.push({ text: thinking.text, thought: true });
  if (words !== undefined) parts.push({ text: words, ...(tools.length === 0 ? sealed : {}) });
  const calls = tools.map(({ id, name, input }, index) => ({
    functionCall: { ...(NAMES_CALLS.test(model) ? { id } : {}), name, args: input },
    ...(index === 0 ? sealed : {}),
  }));
  return [...parts, ...calls];
}

/** Texts come in pieces and calls whole; every chunk counts, the last one all. */
function chunksOf(answer: Answer, asked: Asked): Fields[] {
  const { input, cachedInput } = answer.usage;
  const pieces = partsOf(answer, asked).flatMap((part): readonly Fields[] => {
    if (typeof part.text !== "string") return [part];
    const { thoughtSignature, ...rest } = part;
    // The signature of a text comes after it, with a text of no characters.
    const last = thoughtSignature === undefined ? [] : [{ text: "", thoughtSignature }];
    return [...piecesOf(part.text).map((piece) => ({ ...rest, text: piece })), ...last];
  });
  const half = usageOf({ input, cachedInput, output: 0, reasoning: 0 });
  return [
    ...pieces.map((part) => responseOf([part], asked, half)),
    responseOf([], asked, usageOf(answer.usage), endOf(answer)),
  ];
}

/** What is nought is left out. */
function usageOf({ input, cachedInput, output, reasoning }: Usage): Fields {
  const counts: Fields = {
    promptTokenCount: input,
    candidatesTokenCount: output - reasoning,
    totalTokenCount: input + output,
    cachedContentTokenCount: cachedInput,
    thoughtsTokenCount: reasoning,
  };
  return {
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)),
    promptTokensDetails: [{ modality: "TEXT", tokenCount: input }],
    ...(cachedInput === 0 ? {} : { cacheTokensDetails: [{ modality: "TEXT", tokenCount: cachedInput }] }),
  };
}
