import { isFields, listOf, stringOf, type Fields } from "../dialect/shape.ts";
import type { Body } from "./body.ts";

/** Names of the tools that the conversation has called. */
export function namesCalled({ api, value }: Body): readonly string[] {
  if (api === "openai-responses") {
    const items = listOf(value["input"]).filter(isFields);
    return namesOf(items.filter((item) => stringOf(item["type"]).endsWith("_call")));
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
export function namesPrescribed({ value }: Body): readonly string[] {
  const choice = value["tool_choice"];
  if (!isFields(choice)) return [];
  const allowed = isFields(choice["allowed_tools"]) ? choice["allowed_tools"] : choice;
  const said = [choice, ...fieldsOf(allowed["tools"])];
  return namesOf(said.flatMap((each) => [each, ...fieldsOf([each["function"]])]));
}

const fieldsOf = (list: unknown): readonly Fields[] => listOf(list).filter(isFields);

const namesOf = (named: readonly Fields[]): readonly string[] =>
  named.map(({ name }) => stringOf(name)).filter((name) => name !== "");
