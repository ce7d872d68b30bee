import type { Format, Inquiry, Sampling, Tool } from "../form.ts";
import { refuse, unsupported, type Fields } from "../shape.ts";
import { writeThinking, type Thinking } from "./thinking.ts";
import { writeTexts, writeTurns } from "./write-blocks.ts";

/** What an inquiry asks of `model`, as a body of `POST /v1/messages`. */
export function writeMessagesRequest(
  inquiry: Inquiry,
  model: string,
): { readonly path: string; readonly body: Fields } {
  const messages = writeTurns(inquiry.turns);
  if (messages.length === 0) refuse("messages", "a conversation that holds something");
  const thinking = writeThinking(inquiry, model);
  if (thinking.thinks) refuseBesideThoughts(inquiry);
  const system = writeTexts(inquiry.system);
  const choice = writeChoice(inquiry);
  const output = writeOutput(thinking, inquiry.format);
  const body = {
    model,
    max_tokens: thinking.maxTokens,
    ...(system.length > 0 && { system }),
    messages,
    ...(inquiry.tools.length > 0 && { tools: inquiry.tools.map(writeTool) }),
    ...(choice && { tool_choice: choice }),
    ...writeSampling(inquiry.sampling),
    ...(thinking.thinking && { thinking: thinking.thinking }),
    ...(output && { output_config: output }),
    ...writeHints(inquiry.hints),
    ...(inquiry.stream && { stream: true }),
  };
  return { path: "/messages", body };
}

/** The API refuses to think with another sampling than its own, or with a call of a tool prescribed. */
function refuseBesideThoughts({ sampling, toolChoice }: Inquiry): void {
  if ((sampling.temperature ?? 1) !== 1) unsupported("temperature", "it cannot be set while it thinks");
  if (sampling.topK !== undefined) unsupported("top_k", "it cannot be set while it thinks");
  if ((sampling.topP ?? 1) < 0.95) unsupported("top_p", "it cannot be below 0.95 while it thinks");
  if (toolChoice === "required" || typeof toolChoice === "object") {
    unsupported("tool_choice", "it cannot be made to call a tool while it thinks");
  }
}

/** Values that are the API's own are left out: newer models refuse the fields, whatever they say. */
function writeSampling(sampling: Sampling): Fields {
  const { temperature = 1, topP = 1, topK, stop } = sampling;
  if (sampling.seed !== undefined) unsupported("seed", "it takes none");
  if (sampling.frequencyPenalty !== undefined) unsupported("frequency_penalty", "it takes none");
  if (sampling.presencePenalty !== undefined) unsupported("presence_penalty", "it takes none");
  if (temperature > 1) unsupported("temperature", "it goes up to 1 there");
  if (stop?.some((each) => each.trim() === "")) unsupported("stop", "it cannot stop at white space alone");
  return {
    ...(temperature !== 1 && { temperature }),
    ...(topP !== 1 && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
    ...(stop && { stop_sequences: stop }),
  };
}

const NAME = /^[a-zA-Z0-9_-]{1,128}$/;

function writeTool(tool: Tool, index: number): Fields {
  if (!NAME.test(tool.name))
    unsupported(`tools.${index}`, "names of tools hold up to 128 letters, digits, _ and - there");
  return {
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    input_schema: { type: "object", ...tool.schema },
    ...(tool.strict === true && { strict: true }),
  };
}

/** The API knows a choice only beside tools. */
function writeChoice({ tools, toolChoice, parallelTools }: Inquiry): Fields | undefined {
  if (tools.length === 0) {
    const prescribes = toolChoice === "required" || typeof toolChoice === "object";
    return prescribes ? refuse("tool_choice", "absent where there are no tools") : undefined;
  }
  if (toolChoice === "none") return { type: "none" };
  const single = parallelTools === false && { disable_parallel_tool_use: true };
  if (toolChoice === "required") return { type: "any", ...single };
  if (typeof toolChoice === "object") return { type: "tool", name: toolChoice.name, ...single };
  return toolChoice === "auto" || single ? { type: "auto", ...single } : undefined;
}

function writeOutput({ effort }: Thinking, format: Format | undefined): Fields | undefined {
  if (effort === undefined && format === undefined) return undefined;
  return { ...(effort !== undefined && { effort }), ...(format && { format: writeFormat(format) }) };
}

function writeFormat(format: Format): Fields {
  if (format.kind === "json") return unsupported("response_format", "it writes JSON only where a schema is given");
  const { schema, description } = format;
  const told = description !== undefined && schema["description"] === undefined && { description };
  return { type: "json_schema", schema: { ...schema, ...told } };
}

const TIERS = new Set(["auto", "standard_only"]);

function writeHints({ user, serviceTier }: Inquiry["hints"]): Fields {
  return {
    ...(user !== undefined && { metadata: { user_id: user } }),
    ...(serviceTier !== undefined && TIERS.has(serviceTier) && { service_tier: serviceTier }),
  };
}
