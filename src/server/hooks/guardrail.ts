import type { Prompt } from "../../contracts.ts";
import { DIALECTS } from "../../dialect/index.ts";
import { readMessages } from "../../dialect/messages.ts";
import { type Fields, isFields, listOf, refuse, stringOf } from "../../dialect/shape.ts";
import type { RouterError } from "../../errors.ts";
import type { Request, Response } from "../listen.ts";
import type { Visit } from "../record.ts";
import { type HookCall, serveHook } from "./hook.ts";

/** What LiteLLM says in the place of a header's value that it keeps to itself. */
const WITHHELD = "[present]";

/**
 * `POST /beta/litellm_basic_guardrail_api`: whether a request may go on to the model that it names. It leaves no trace
 * but where it may not: whoever sends it on asks again. What models say is not judged.
 */
export const guardrail = (visit: Visit, request: Request, response: Response): Promise<void> =>
  serveHook({ reply: judge, refusal: block }, visit, request, response);

async function judge({ body, decide }: HookCall): Promise<object> {
  const { input_type: phase, request_headers: headers } = body;
  if (phase !== "request" && phase !== "response") refuse("input_type", "request or response");
  const prompt = phase === "request" ? read(body) : undefined;
  if (prompt) await decide({ prompt, headers: told(headers), constraints: {}, preview: true });
  return { action: "NONE" };
}

const block = ({ message }: RouterError): object => ({ action: "BLOCKED", blocked_reason: message });

/** From the messages where there are any; undefined where nobody says anything. */
function read(body: Fields): Prompt | undefined {
  const { structured_messages: messages, tools } = body;
  const model = stringOf(body["model"]);
  if (listOf(messages).length > 0) return DIALECTS["openai-chat"].read({ model, messages, tools }, {});
  const texts = listOf(body["texts"]).filter((text) => typeof text === "string");
  if (texts.length === 0) return undefined;
  return readMessages({ model, messages: texts.map((content) => ({ role: "user", content })) });
}

/** The headers of the client that LiteLLM tells the values of. */
function told(headers: unknown): Record<string, string> {
  const all = Object.entries(isFields(headers) ? headers : {});
  return Object.fromEntries(
    all.flatMap(([name, value]) =>
      typeof value === "string" && value !== WITHHELD ? [[name.toLowerCase(), value]] : [],
    ),
  );
}
