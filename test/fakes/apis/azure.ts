/** Azure's chat completions: OpenAI's under Azure's paths, with its key header, filter results and errors. */
import { type Api, type Sent, bodyOf, event } from "./api.ts";
import { chatRules } from "./openai-chat-rules.ts";
import { chunksOf, wholeChat } from "./openai-chat.ts";
import { refuseOpenai } from "./openai-error.ts";
import type { Answer, FaultKind } from "./script.ts";
import { type Fields, broken, listOf, record } from "./rules.ts";

const DEPLOYMENT = /^\/openai\/deployments\/([^/]+)\/chat\/completions$/u;
const NEWEST = "/openai/v1/chat/completions";
const rules = chatRules({ data_sources: listOf(record, 1), user_security_context: record });

export const azure: Api = {
  takes: ({ path }) => path === NEWEST || DEPLOYMENT.test(path),
  read(received) {
    const { path, query, headers } = received;
    const bearer = /^Bearer \S+$/u.test(headers.authorization ?? "");
    if (!bearer && !/^\S+$/u.test(String(headers["api-key"] ?? "")))
      broken("", "a subscription key is required", "key");
    const deployment = DEPLOYMENT.exec(path)?.[1];
    const version = query.get("api-version");
    if (deployment !== undefined && !/^\d{4}-\d\d-\d\d(?:-preview)?$/u.test(version ?? ""))
      broken("", "the query must hold an api-version", "path");
    const body = bodyOf(received);
    // The deployment in the path says which model it is: a body may leave the name out.
    const named = deployment === undefined ? body : { model: decodeURIComponent(deployment), ...body };
    rules(named, "");
    return { model: deployment ?? (body.model as string), stream: body.stream === true, body };
  },
  sealed: () => [],
  whole(answer, asked) {
    const whole = wholeChat(answer, asked);
    const choices = whole.choices as readonly Fields[];
    return {
      ...whole,
      choices: choices.map((choice) => ({ ...choice, content_filter_results: resultsOf(answer) })),
      prompt_filter_results: [{ prompt_index: 0, content_filter_results: promptResults }],
    };
  },
  stream: (answer, asked) => [
    event({
      choices: [],
      created: 0,
      id: "",
      model: "",
      object: "",
      prompt_filter_results: [{ prompt_index: 0, content_filter_results: promptResults }],
    }),
    ...chunksOf(answer, asked).map((chunk) => event(filtered(chunk))),
    "data: [DONE]\n\n",
  ],
  broken: (kind) => [event(ERRORS[kind].body)],
  refuse(violation) {
    if (violation.kind === "key") return { ...ERRORS.bad_key, headers: {} };
    if (violation.kind === "path")
      return { status: 404, headers: {}, body: { error: { code: "404", message: "Resource not found" } } };
    return refuseOpenai(violation);
  },
  fault: ({ error, status, retryAfter }) => ({
    status: status ?? ERRORS[error].status,
    headers:
      retryAfter === undefined
        ? {}
        : { "retry-after": String(retryAfter), "retry-after-ms": String(Math.round(retryAfter * 1000)) },
    body: ERRORS[error].body,
  }),
  headers: (number) => ({
    "apim-request-id": `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`,
    "x-ms-region": "Sweden Central",
    "x-ms-deployment-name": "fake",
  }),
};

const safe = { filtered: false, severity: "safe" };
const harms = { hate: safe, self_harm: safe, sexual: safe, violence: safe };
const promptResults = { ...harms, jailbreak: { filtered: false, detected: false } };
const stopped = { ...harms, violence: { filtered: true, severity: "medium" } };

const resultsOf = ({ finish }: Answer): Fields => (finish === "content_filter" ? stopped : harms);

/** A choice tells of the filter beside each text, and at the end of what the filter stopped. */
function filtered(chunk: Fields): Fields {
  const choices = (chunk.choices as readonly Fields[]).map((choice) => ({
    ...choice,
    content_filter_results:
      choice.finish_reason === "content_filter" ? stopped : "content" in (choice.delta as Fields) ? harms : {},
  }));
  const { obfuscation: _, service_tier: __, ...rest } = chunk;
  return { ...rest, choices };
}

const error = (status: number, code: string, message: string) => ({ status, body: { error: { code, message } } });

const ERRORS: Readonly<Record<FaultKind, Omit<Sent, "headers">>> = {
  rate_limit: error(429, "429", "Requests have exceeded the call rate limit of your pricing tier"),
  overloaded: error(503, "ServiceUnavailable", "The service is temporarily unable to process your request"),
  context_length: {
    status: 400,
    body: {
      error: {
        message: "This model's maximum context length is 128000 tokens",
        type: "invalid_request_error",
        param: "messages",
        code: "context_length_exceeded",
      },
    },
  },
  content_filter: {
    status: 400,
    body: {
      error: {
        message: "The prompt triggered the content management policy",
        type: null,
        param: "prompt",
        code: "content_filter",
        status: 400,
        innererror: {
          code: "ResponsibleAIPolicyViolation",
          content_filter_result: { ...stopped, jailbreak: { filtered: false, detected: false } },
        },
      },
    },
  },
  bad_key: error(401, "401", "Access denied due to invalid subscription key or wrong API endpoint"),
  server_error: error(500, "InternalServerError", "The server had an error"),
};
