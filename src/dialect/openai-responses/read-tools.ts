import type { Tool, ToolChoice } from "../form.ts";
import { names } from "../names.ts";
import { fieldsAt, isFields, refuse, stringAt, unsupported, type Fields } from "../shape.ts";
import { refuseRest, refuseType } from "./foreign.ts";
import { requiredString } from "./read-content.ts";

const FUNCTION = names("type name description parameters strict allowed_callers defer_loading");
const CHOICE = names("type name");

export function readTools(tools: unknown): Tool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) return refuse("tools", "an array");
  return tools.map((tool: unknown, index) => readTool(fieldsAt(tool, `tools.${index}`), `tools.${index}`));
}

function readTool(tool: Fields, path: string): Tool {
  if (tool["type"] !== "function") return refuseType(tool["type"], path);
  const name = requiredString(tool["name"], `${path}.name`);
  refuseRest(tool, path, FUNCTION);
  refuseIndirect(tool, path);
  const description = stringAt(tool["description"], `${path}.description`);
  const schema = tool["parameters"] ?? undefined;
  const strict = booleanAt(tool["strict"], `${path}.strict`);
  return {
    name,
    ...(description && { description }),
    ...(schema !== undefined && { schema: fieldsAt(schema, `${path}.parameters`) }),
    ...(strict !== undefined && { strict }),
  };
}

/** Tools that a program calls, or that the model finds only when it searches for them. */
function refuseIndirect(tool: Fields, path: string): void {
  const callers = tool["allowed_callers"] ?? [];
  const isDirect = Array.isArray(callers) && callers.every((caller) => caller === "direct");
  if (!isDirect) unsupported(`${path}.allowed_callers`, "its API runs no programs");
  if (tool["defer_loading"]) unsupported(`${path}.defer_loading`, "its API has no search for tools");
}

export function readToolChoice(choice: unknown): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === "auto" || choice === "none" || choice === "required") return choice;
  if (!isFields(choice)) return refuse("tool_choice", "auto, none, required or a tool");
  if (choice["type"] !== "function") return refuseType(choice["type"], "tool_choice");
  refuseRest(choice, "tool_choice", CHOICE);
  return { name: requiredString(choice["name"], "tool_choice.name") };
}

export function booleanAt(value: unknown, path: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "boolean" ? value : refuse(path, "true or false");
}
