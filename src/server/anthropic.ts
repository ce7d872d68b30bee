import { DIALECTS } from "../dialect/index.ts";
import { parseBody } from "../dialect/json.ts";
import { readBody } from "./body.ts";
import type { Request, Response } from "./listen.ts";
import type { Visit } from "./record.ts";
import { sendJson } from "./reply.ts";

/** `POST /v1/messages/count_tokens`: our own estimate, since which model would answer is not decided. */
export async function countTokens(visit: Visit, request: Request, response: Response): Promise<void> {
  visit.admit(request);
  const bytes = await readBody(request, visit.runtime.limits);
  const { inputTokens } = DIALECTS["anthropic-messages"].read(parseBody(bytes, visit.runtime.limits), {});
  sendJson(response, 200, { input_tokens: inputTokens });
}
