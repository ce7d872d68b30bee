/**
 * One error class and one table. A code is part of the contract (pinned by a test): clients match on it.
 * `rpc` are the numbers of the gRPC status codes; `type` is what OpenAI clients find in `error.type`.
 */
export const ERRORS = {
  invalid_json: { rpc: 3, status: 400, type: "invalid_request_error" },
  invalid_request: { rpc: 3, status: 400, type: "invalid_request_error" },
  too_deep: { rpc: 3, status: 400, type: "invalid_request_error" },
  too_many_items: { rpc: 3, status: 400, type: "invalid_request_error" },
  body_too_large: { rpc: 8, status: 413, type: "invalid_request_error" },
  unsupported_media_type: { rpc: 3, status: 415, type: "invalid_request_error" },
  body_timeout: { rpc: 4, status: 408, type: "invalid_request_error" },
  unauthenticated: { rpc: 16, status: 401, type: "authentication_error" },
  forbidden: { rpc: 7, status: 403, type: "permission_error" },
  blocked: { rpc: 7, status: 403, type: "content_policy_error" },
  unknown_path: { rpc: 12, status: 404, type: "invalid_request_error" },
  unknown_model: { rpc: 5, status: 404, type: "invalid_request_error" },
  unknown_profile: { rpc: 5, status: 404, type: "invalid_request_error" },
  unknown_decision: { rpc: 5, status: 404, type: "invalid_request_error" },
  method_not_allowed: { rpc: 12, status: 405, type: "invalid_request_error" },
  unsupported_feature: { rpc: 12, status: 400, type: "invalid_request_error" },
  no_cache: { rpc: 9, status: 400, type: "invalid_request_error" },
  no_model_allowed: { rpc: 9, status: 422, type: "invalid_request_error" },
  rate_limited: { rpc: 8, status: 429, type: "rate_limit_error" },
  over_budget: { rpc: 8, status: 429, type: "insufficient_quota" },
  unavailable: { rpc: 14, status: 503, type: "api_error" },
  upstream_failed: { rpc: 14, status: 502, type: "api_error" },
  upstream_timeout: { rpc: 4, status: 504, type: "api_error" },
  client_gone: { rpc: 1, status: 499, type: "api_error" },
  config_invalid: { rpc: 9, status: 500, type: "api_error" },
  internal: { rpc: 13, status: 500, type: "api_error" },
} as const satisfies Record<string, { rpc: number; status: number; type: string }>;

export type ErrorCode = keyof typeof ERRORS;

/**
 * The one error that leaves the house. `message` is for the caller and never holds prompt text;
 * `cause` stays inside. `param` names the field at fault, `retryAfterMs` when to come back.
 */
export class RouterError extends Error {
  override readonly name = "RouterError";
  readonly code: ErrorCode;
  readonly param?: string;
  readonly retryAfterMs?: number;

  constructor(
    code: ErrorCode,
    message: string,
    details: { param?: string; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.param !== undefined) this.param = details.param;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  /** Anything caught, as the error that may leave. What we did not foresee says nothing of its cause. */
  static from(caught: unknown): RouterError {
    if (caught instanceof RouterError) return caught;
    return new RouterError("internal", "Signalbox failed on this request; the log has the cause.", { cause: caught });
  }
}
