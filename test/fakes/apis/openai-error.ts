import type { Api, Received, Sent } from "./api.ts";
import type { FaultKind } from "./script.ts";
import { type Violation, broken } from "./rules.ts";

interface Words {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly message: string;
}

/** The errors of OpenAI's APIs; `content_filter` is a prompt that it refuses to answer. */
export const ERRORS: Readonly<Record<FaultKind, Words>> = {
  rate_limit: {
    status: 429,
    type: "requests",
    code: "rate_limit_exceeded",
    message: "Rate limit reached for requests",
  },
  overloaded: { status: 503, type: "server_error", code: null, message: "The engine is currently overloaded" },
  context_length: {
    status: 400,
    type: "invalid_request_error",
    code: "context_length_exceeded",
    message: "This model's maximum context length is 128000 tokens",
  },
  content_filter: {
    status: 400,
    type: "invalid_request_error",
    code: "invalid_prompt",
    message: "The prompt was flagged by the usage policy",
  },
  bad_key: {
    status: 401,
    type: "invalid_request_error",
    code: "invalid_api_key",
    message: "Incorrect API key provided",
  },
  server_error: { status: 500, type: "server_error", code: null, message: "The server had an error" },
};

const CODES: Readonly<Record<Violation["kind"], string | null>> = {
  unknown: "unknown_parameter",
  missing: "missing_required_parameter",
  type: "invalid_type",
  value: "invalid_value",
  unsupported: "unsupported_parameter",
  key: null,
  path: "unknown_url",
};

export function refuseOpenai({ kind, path, message }: Violation): Sent {
  const status = kind === "key" ? 401 : kind === "path" ? 404 : 400;
  const param = path === "" ? null : path.replaceAll(/\.(\d+)/gu, "[$1]");
  return { status, headers: {}, body: { error: { message, type: "invalid_request_error", param, code: CODES[kind] } } };
}

export const faultOpenai =
  (param: string): Api["fault"] =>
  ({ error, status, retryAfter }) => {
    const { status: usual, type, code, message } = ERRORS[error];
    return {
      status: status ?? usual,
      headers: {
        ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
        ...(error === "rate_limit"
          ? {
              "x-ratelimit-limit-requests": "500",
              "x-ratelimit-remaining-requests": "0",
              "x-ratelimit-reset-requests": `${retryAfter ?? 1}s`,
            }
          : {}),
      },
      body: { error: { message, type, param: error === "context_length" ? param : null, code } },
    };
  };

export const headersOpenai: Api["headers"] = (number) => ({
  "x-request-id": `req_${number.toString(16).padStart(32, "0")}`,
  "openai-version": "2020-10-01",
  "openai-processing-ms": "12",
});

export function bearer({ headers }: Received): void {
  if (!/^Bearer \S+$/u.test(headers.authorization ?? "")) broken("", "an API key is required as bearer token", "key");
}
