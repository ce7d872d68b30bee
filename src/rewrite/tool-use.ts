import { isFields, listOf, oneOf, stringOf, type Fields } from "../dialect/shape.ts";
import type { Body } from "./body.ts";

/** Names of the tools that the conversation has called. */
export function namesCalled({ api, value }: Body): readonly string[] {
  if (api === "openai-responses") {
    const items = listOf(value["input"]).filter(isFields);
    return namesOf(items.filter((item) => stringOf(item["type"]).endsWith("_call")));
  }
  if (api === "gemini") {
    const parts = fieldsOf(manyOf(value["contents"])).flatMap((content) => fieldsOf(manyOf(content["parts"])));
    return namesOf(parts.flatMap((part) => fieldsOf([oneOf(part, "functionCall", "function_call")])));
  }
  const messages = listOf(value["messages"]).filter(isFields);
  if (api === "openai-chat") {
    return namesOf(
      messages
        .flatMap((message) => fieldsOf(message["tool_calls"]))
        .flatMap(({ function: called }) => fieldsOf([called])),
    );
  }
  const blocks = messages.flatMap((message) => fieldsOf(message["content"]));
  return namesOf(blocks.filter(({ type }) => stringOf(type).endsWith("tool_use")));
}

/** Names that `tool_choice` says, whichever way: one tool, or several among which the model may choose. */
export function namesPrescribed({ api, value }: Body): readonly string[] {
  if (api === "gemini") {
    const names = oneOf(callingOf(value), "allowedFunctionNames", "allowed_function_names");
    return listOf(names)
      .map(stringOf)
      .filter((name) => name !== "");
  }
  const choice = value["tool_choice"];
  if (!isFields(choice)) return [];
  const allowed = isFields(choice["allowed_tools"]) ? choice["allowed_tools"] : choice;
  const said = [choice, ...fieldsOf(allowed["tools"])];
  return namesOf(said.flatMap((each) => [each, ...fieldsOf([each["function"]])]));
}

/** The model is to call no tool. */
export function callsNone({ api, value }: Body): boolean {
  if (api === "gemini") return stringOf(callingOf(value)["mode"]).toUpperCase() === "NONE";
  const choice = value["tool_choice"];
  return choice === "none" || (isFields(choice) && choice["type"] === "none");
}

/** What a body of Gemini's says of calls. */
function callingOf(value: Fields): Fields {
  const [config = {}] = fieldsOf([oneOf(value, "toolConfig", "tool_config")]);
  const [calling = {}] = fieldsOf([oneOf(config, "functionCallingConfig", "function_calling_config")]);
  return calling;
}

/** Google takes a single object where a list of them is due. */
const manyOf = (value: unknown): readonly unknown[] => (isFields(value) ? [value] : listOf(value));

const fieldsOf = (list: unknown): readonly Fields[] => listOf(list).filter(isFields);

const namesOf = (named: readonly Fields[]): readonly string[] =>
  named.map(({ name }) => stringOf(name)).filter((name) => name !== "");
