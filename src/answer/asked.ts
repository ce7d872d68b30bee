import type { Asked } from "../cascade/answer.ts";
import type { Prompt } from "../contracts.ts";
import { parseFields, textOf } from "../dialect/event-json.ts";
import { CLIENTS } from "../dialect/speech.ts";
import { RouterError } from "../errors.ts";
import type { Call } from "./attempt.ts";

/**
 * What an answer to this call is judged by. Of a body that cannot be read whole, what the prompt tells.
 * @param shown the newest human turn as models may see it
 */
export function askedIn(
  { api, body }: Pick<Call, "api" | "body">,
  { turn, needs }: Prompt,
  shown: string = turn,
): Asked {
  const inquiry = inquiryIn(api, body);
  return {
    turn: shown,
    tools: needs.tools,
    ...(inquiry?.format && { format: inquiry.format }),
    ...(inquiry?.toolChoice !== undefined && { toolChoice: inquiry.toolChoice }),
  };
}

function inquiryIn(api: Call["api"], body: Uint8Array) {
  const fields = parseFields(textOf(body));
  try {
    return fields && CLIENTS[api].readRequest(fields);
  } catch (caught) {
    // What no other API can be asked is still answered by its own.
    if (caught instanceof RouterError) return undefined;
    throw caught;
  }
}
