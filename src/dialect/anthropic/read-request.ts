import type { Effort, Format, Inquiry, Reasoning, Sampling, Tool } from "../form.ts";
import { countOf, fieldsAt, isFields, listOf, refuse, stringAt, stringOf, unsupported, type Fields } from "../shape.ts";
import { readTexts, readTurns } from "./read-blocks.ts";
import { refuseKind, refuseRest } from "./rest.ts";

/** What is read, and what says nothing of the answer: how it is cached, diagnosed, billed and how fast it comes. */
const BODY = new Set(
  (
    "model messages system stream max_tokens metadata tools tool_choice stop_sequences temperature top_p top_k " +
    "thinking output_config service_tier context_management diagnostics speed anthropic_version anthropic_beta"
  ).split(" "),
);

/** A body of `POST /v1/messages` as what it asks. */
export function readMessagesRequest(body: Fields): Inquiry {
  refuseRest(body, BODY, "");
  readContextManagement(body["context_management"]);
  const { system, turns } = readTurns(body["messages"]);
  const lead = body["system"];
  const output = fieldsAt(body["output_config"] ?? {}, "output_config");
  refuseRest(output, OUTPUT, "output_config");
  const reasoning = readReasoning(body["thinking"], output["effort"]);
  const format = readFormat(output["format"]);
  return {
    model: stringAt(body["model"], "model") ?? "",
    stream: flagAt(body["stream"], "stream") ?? false,
    system: [...(lead === undefined || lead === null ? [] : readTexts(lead, "system")), ...system],
    turns,
    tools: readTools(body["tools"]),
    ...readToolChoice(body["tool_choice"]),
    maxOutputTokens: readMaxTokens(body["max_tokens"]),
    sampling: readSampling(body),
    ...(format && { format }),
    ...(reasoning && { reasoning }),
    hints: readHints(body),
  };
}

const OUTPUT = new Set(["effort", "format"]);

function readMaxTokens(value: unknown): number {
  if (value === 0) unsupported("max_tokens", "it cannot fill its cache without an answer");
  return countOf(value) ?? refuse("max_tokens", "a whole number above zero");
}

function readSampling(body: Fields): Sampling {
  const temperature = numberAt(body["temperature"], "temperature", 1);
  const topP = numberAt(body["top_p"], "top_p", 1);
  const topK = numberAt(body["top_k"], "top_k", Infinity);
  const stop = stopsOf(body["stop_sequences"] ?? []);
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(stop.length > 0 && { stop }),
  };
}

function stopsOf(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((stop) => typeof stop === "string")) return value;
  return refuse("stop_sequences", "an array of strings");
}

const TOOL = new Set([
  "type",
  "name",
  "description",
  "input_schema",
  "strict",
  "allowed_callers",
  // How its arguments are streamed, which they are in any case.
  "eager_input_streaming",
]);

function readTools(value: unknown): readonly Tool[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return refuse("tools", "an array");
  return value.map((element: unknown, index) => readTool(fieldsAt(element, `tools.${index}`), `tools.${index}`));
}

function readTool(tool: Fields, path: string): Tool {
  const type = stringAt(tool["type"], `${path}.type`) ?? "custom";
  if (type !== "custom") refuseKind(type, path);
  refuseRest(tool, TOOL, path);
  if (listOf(tool["allowed_callers"]).some((caller) => caller !== "direct")) {
    unsupported(`${path}.allowed_callers`, "only a model itself can call tools there");
  }
  const description = stringAt(tool["description"], `${path}.description`);
  const strict = flagAt(tool["strict"], `${path}.strict`);
  return {
    name: stringAt(tool["name"], `${path}.name`) ?? refuse(`${path}.name`, "a string"),
    schema: fieldsAt(tool["input_schema"], `${path}.input_schema`),
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  };
}

const CHOICE = new Set(["type", "name", "disable_parallel_tool_use"]);

function readToolChoice(value: unknown): Pick<Inquiry, "toolChoice" | "parallelTools"> {
  if (value === undefined || value === null) return {};
  const choice = fieldsAt(value, "tool_choice");
  refuseRest(choice, CHOICE, "tool_choice");
  const single = flagAt(choice["disable_parallel_tool_use"], "tool_choice.disable_parallel_tool_use");
  return { toolChoice: choiceOf(choice), ...(single === true && { parallelTools: false }) };
}

function choiceOf(choice: Fields): NonNullable<Inquiry["toolChoice"]> {
  switch (choice["type"]) {
    case "auto":
    case "none":
      return choice["type"];
    case "any":
      return "required";
    case "tool":
      return { name: stringAt(choice["name"], "tool_choice.name") ?? refuse("tool_choice.name", "a string") };
    default:
      return refuse("tool_choice.type", "auto, any, tool or none");
  }
}

const EFFORTS: ReadonlyMap<string, Effort> = new Map<string, Effort>([
  ["low", "low"],
  ["medium", "medium"],
  ["high", "high"],
  ["xhigh", "xhigh"],
  // The most there is, here as there.
  ["max", "xhigh"],
]);

const THINKING = new Set(["type", "budget_tokens", "display"]);

function readReasoning(value: unknown, level: unknown): Reasoning | undefined {
  const effort = effortOf(level);
  if (value === undefined || value === null) return effort && { effort };
  const thinking = fieldsAt(value, "thinking");
  refuseRest(thinking, THINKING, "thinking");
  const show = showOf(thinking["display"]);
  switch (thinking["type"]) {
    case "disabled":
      // Agents send an effort all the same; what is left of it without thoughts is how much is said.
      return { effort: "none" };
    case "enabled":
      return { budget: budgetOf(thinking["budget_tokens"]), ...(effort && { effort }), ...show };
    case "adaptive":
      return { ...(effort ? { effort } : { budget: "dynamic" as const }), ...show };
    case "between_tools":
      return unsupported("thinking.type", "it cannot be told to think between calls of tools only");
    default:
      return refuse("thinking.type", "enabled, disabled or adaptive");
  }
}

function effortOf(level: unknown): Effort | undefined {
  const name = stringAt(level, "output_config.effort");
  if (name === undefined) return undefined;
  return EFFORTS.get(name) ?? refuse("output_config.effort", "low, medium, high, xhigh or max");
}

/** The API's own minimum. */
const LEAST_BUDGET = 1024;

function budgetOf(value: unknown): number {
  const budget = countOf(value) ?? 0;
  return budget >= LEAST_BUDGET ? budget : refuse("thinking.budget_tokens", `a whole number from ${LEAST_BUDGET} on`);
}

/** Whether thoughts are shown where the client does not say depends on the model; so it is left open. */
function showOf(display: unknown): Pick<Reasoning, "show"> {
  if (display === undefined || display === null) return {};
  if (display === "summarized" || display === "omitted") return { show: display === "summarized" };
  return refuse("thinking.display", "summarized or omitted");
}

const FORMAT = new Set(["type", "schema"]);

function readFormat(value: unknown): Format | undefined {
  if (value === undefined || value === null) return undefined;
  const format = fieldsAt(value, "output_config.format");
  if (format["type"] !== "json_schema") return refuse("output_config.format.type", "json_schema");
  refuseRest(format, FORMAT, "output_config.format");
  // This API gives formats no name, and never strays from them.
  const schema = fieldsAt(format["schema"], "output_config.format.schema");
  return { kind: "schema", name: "answer", schema, strict: true };
}

/** Agents send an edit that keeps every thought, which edits nothing. */
function readContextManagement(value: unknown): void {
  if (value === undefined || value === null) return;
  const fields = fieldsAt(value, "context_management");
  refuseRest(fields, new Set(["edits"]), "context_management");
  const keepsAll = (edit: unknown) =>
    isFields(edit) &&
    stringOf(edit["type"]).startsWith("clear_thinking_") &&
    (edit["keep"] === "all" || (isFields(edit["keep"]) && edit["keep"]["type"] === "all"));
  if (!listOf(fields["edits"]).every(keepsAll))
    unsupported("context_management.edits", "it cannot edit what it is sent");
}

function readHints(body: Fields): Inquiry["hints"] {
  const user = stringAt(fieldsAt(body["metadata"] ?? {}, "metadata")["user_id"], "metadata.user_id");
  const serviceTier = stringAt(body["service_tier"], "service_tier");
  return { ...(user !== undefined && { user }), ...(serviceTier !== undefined && { serviceTier }) };
}

function flagAt(value: unknown, path: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "boolean" ? value : refuse(path, "true or false");
}

function numberAt(value: unknown, path: string, most: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && value >= 0 && value <= most) return value;
  return refuse(path, most === Infinity ? "a number of at least 0" : `a number from 0 to ${most}`);
}
