import type { Inquiry, Tool, ToolChoice } from "../form.ts";
import { unsupported, type Fields } from "../shape.ts";
import { isThirdGeneration, writeThinking } from "./models.ts";
import { writeContents, type Content } from "./write-contents.ts";

const MOST_STOPS = 5;
const LARGEST_SEED = 2 ** 31;

/** `POST /v1beta/models/MODEL:generateContent`, and the stream of it. Errors: unsupported_feature. */
export function writeRequest(inquiry: Inquiry, model: string): { readonly path: string; readonly body: Fields } {
  return { path: pathOf(model, inquiry.stream), body: bodyOf(inquiry, model) };
}

/** Models of one's own stand in another collection, so a name may bring its collection along. */
function pathOf(model: string, stream: boolean): string {
  const [, collection = "models", name = model] = /^(models|tunedModels)\/(.+)$/s.exec(model) ?? [];
  const method = stream ? "streamGenerateContent?alt=sse" : "generateContent";
  return `/${collection}/${encodeURIComponent(name)}:${method}`;
}

function bodyOf(inquiry: Inquiry, model: string): Fields {
  const { system, tools, hints } = inquiry;
  const turns = writeContents(inquiry.turns, model);
  const instructions = system.filter((text) => text !== "").map((text) => ({ text }));
  // Instructions alone are no request: they are then what the user says.
  const isBare = turns.length === 0;
  const generationConfig = configOf(inquiry, model);
  const serviceTier = TIERS.get(hints.serviceTier ?? "");
  return {
    contents: isBare ? begun([{ role: "user", parts: instructions }]) : begun(turns),
    ...(!isBare && instructions.length > 0 && { systemInstruction: { parts: instructions } }),
    ...(tools.length > 0 && toolsOf(tools, inquiry.toolChoice, inquiry.parallelTools)),
    ...(Object.keys(generationConfig).length > 0 && { generationConfig }),
    ...(serviceTier !== undefined && { serviceTier }),
  };
}

const TIERS: ReadonlyMap<string, string> = new Map([
  ["flex", "flex"],
  ["priority", "priority"],
  ["default", "standard"],
  ["standard_only", "standard"],
]);

function begun(contents: readonly Content[]): readonly Content[] {
  const [first] = contents;
  if (first?.parts.length === 0) unsupported("messages", "a conversation must not be empty");
  if (first?.role === "model") unsupported("messages", "a conversation must not begin with an answer");
  return contents;
}

function toolsOf(tools: readonly Tool[], choice: ToolChoice | undefined, parallel: boolean | undefined): Fields {
  if (parallel === false) unsupported("parallel_tool_calls", "it may always call several tools at once");
  const functionCallingConfig = callingOf(tools, choice);
  return {
    tools: [{ functionDeclarations: tools.map(declarationOf) }],
    ...(functionCallingConfig && { toolConfig: { functionCallingConfig } }),
  };
}

function declarationOf({ name, description, schema }: Tool): Fields {
  return {
    name,
    ...(description !== undefined && { description }),
    ...(schema !== undefined && { parametersJsonSchema: schema }),
  };
}

/** `VALIDATED` is `AUTO` with arguments that keep to their schemas, which cannot be had for one tool alone. */
function callingOf(tools: readonly Tool[], choice: ToolChoice | undefined): Fields | undefined {
  if (typeof choice === "object") return { mode: "ANY", allowedFunctionNames: [choice.name] };
  if (choice === "none") return { mode: "NONE" };
  if (choice === "required") return { mode: "ANY" };
  if (tools.some((tool) => tool.strict === true)) return { mode: "VALIDATED" };
  return choice && { mode: "AUTO" };
}

function configOf(inquiry: Inquiry, model: string): Fields {
  const { sampling, maxOutputTokens, reasoning } = inquiry;
  const { stop, seed, ...numbers } = sampling;
  if (stop && stop.length > MOST_STOPS) unsupported("stop", `it takes at most ${MOST_STOPS} sequences`);
  if (seed !== undefined && (seed < -LARGEST_SEED || seed >= LARGEST_SEED)) {
    unsupported("seed", "it takes whole numbers of 32 bits");
  }
  const thinkingConfig = reasoning ? writeThinking(reasoning, model) : {};
  return {
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...numbers,
    ...(seed !== undefined && { seed }),
    ...(stop && stop.length > 0 && { stopSequences: stop }),
    ...formatOf(inquiry, model),
    ...(Object.keys(thinkingConfig).length > 0 && { thinkingConfig }),
  };
}

function formatOf({ format, tools }: Inquiry, model: string): Fields {
  if (!format) return {};
  if (tools.length > 0 && !isThirdGeneration(model)) {
    unsupported("response_format", "models before Gemini 3 take no form of an answer beside tools");
  }
  if (format.kind === "json") return { responseMimeType: "application/json" };
  const { description, schema } = format;
  return {
    responseMimeType: "application/json",
    responseJsonSchema: description === undefined ? schema : { description, ...schema },
  };
}
