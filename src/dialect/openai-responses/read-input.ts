import type { Block, Turn } from "../form.ts";
import { names } from "../names.ts";
import { fieldsAt, filledListAt, isFields, listOf, refuse, stringAt, unsupported, type Fields } from "../shape.ts";
import { refuseRest, refuseType } from "./foreign.ts";
import { readContent, requiredString } from "./read-content.ts";
import { unseal, type Seal } from "./seal.ts";

export interface Conversation {
  readonly system: readonly string[];
  readonly turns: readonly Turn[];
}

/** One item of the input: `joins` the item before it in one turn where that says the same. */
interface Entry extends Turn {
  readonly joins?: "answer" | "results";
}

// Ids and states of items are the server's own bookkeeping. `phase` labels answers for the models that wrote it.
const MESSAGE = names("type id status role content phase");
const CALL = names("type id status call_id name arguments caller");
const OUTPUT = names("type id status call_id output caller");
const REASONING = names("type id status summary content encrypted_content");

/** `instructions` and `input`. What comes before any other turn from system and developer is `system`. */
export function readConversation(body: Fields): Conversation {
  const instructions = stringAt(body["instructions"], "instructions");
  const system = instructions ? [instructions] : [];
  const turns: { role: Turn["role"]; blocks: Block[]; joins: Entry["joins"] }[] = [];
  for (const { role, blocks, joins } of readInput(body["input"])) {
    if (blocks.length === 0) continue;
    const last = turns.at(-1);
    if (role === "system" && !last) system.push(...textsOf(blocks));
    else if (last && joins !== undefined && last.joins === joins) last.blocks.push(...blocks);
    else turns.push({ role, blocks: [...blocks], joins });
  }
  return { system, turns: turns.map(({ role, blocks }) => ({ role, blocks })) };
}

function textsOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => (block.kind === "text" ? [block.text] : []));
}

function readInput(input: unknown): Entry[] {
  if (typeof input === "string") return [message("user", [{ kind: "text", text: input }])];
  let waiting: Seal | undefined;
  return filledListAt(input, "input").map((value, index) => {
    const path = `input.${index}`;
    const item = fieldsAt(value, path);
    const sealed = sealOf(item, path);
    const entry = readItem(item, path, sealed, waiting);
    waiting = sealed?.kind === "call" ? sealed : undefined;
    return entry;
  });
}

function readItem(item: Fields, path: string, sealed: Seal | undefined, before: Seal | undefined): Entry {
  const type = item["type"] ?? (item["role"] === undefined ? "item_reference" : "message");
  switch (type) {
    case "message":
      return readMessage(item, path);
    case "function_call":
      return { role: "assistant", blocks: [readCall(item, path, before)], joins: "answer" };
    case "function_call_output":
      return { role: "user", blocks: [readOutput(item, path)], joins: "results" };
    case "reasoning":
      return { role: "assistant", blocks: readReasoning(item, path, sealed), joins: "answer" };
    case "item_reference":
      return unsupported(path, "the item that it refers to is kept by another server");
    default:
      return refuseType(type, path);
  }
}

type Speaker = "user" | "assistant" | "system" | "developer";
const SPEAKERS: Readonly<Record<Speaker, { role: Turn["role"]; says: ReadonlySet<Block["kind"]> }>> = {
  user: { role: "user", says: new Set(["text", "media"]) },
  assistant: { role: "assistant", says: new Set(["text", "refusal"]) },
  system: { role: "system", says: new Set(["text"]) },
  developer: { role: "system", says: new Set(["text"]) },
};

function readMessage(item: Fields, path: string): Entry {
  refuseRest(item, path, MESSAGE);
  const speaker = stringAt(item["role"], `${path}.role`) ?? "";
  if (!Object.hasOwn(SPEAKERS, speaker)) return refuse(`${path}.role`, "user, assistant, system or developer");
  const { role, says } = SPEAKERS[speaker as Speaker];
  const blocks = readContent(item["content"], `${path}.content`);
  refuseOthers(blocks, says, `${path}.content`, `messages of ${speaker}`);
  return message(role, blocks);
}

function message(role: Turn["role"], blocks: readonly Block[]): Entry {
  const said = blocks.filter((block) => block.kind !== "text" || block.text !== "");
  return { role, blocks: said, ...(role === "assistant" && { joins: "answer" }) };
}

function refuseOthers(blocks: readonly Block[], says: ReadonlySet<Block["kind"]>, path: string, where: string): void {
  const wrong = blocks.findIndex((block) => !says.has(block.kind));
  if (wrong >= 0) unsupported(`${path}.${wrong}`, `its API takes no such part in ${where}`);
}

function readCall(item: Fields, path: string, before: Seal | undefined): Block {
  refuseRest(item, path, CALL);
  refuseProgram(item, path);
  return {
    kind: "tool_call",
    id: requiredString(item["call_id"], `${path}.call_id`),
    name: requiredString(item["name"], `${path}.name`),
    arguments: requiredString(item["arguments"], `${path}.arguments`),
    ...(before && { signature: before.value }),
  };
}

const RESULT: ReadonlySet<Block["kind"]> = new Set(["text", "media"]);

function readOutput(item: Fields, path: string): Block {
  refuseRest(item, path, OUTPUT);
  refuseProgram(item, path);
  const content = readContent(item["output"], `${path}.output`);
  refuseOthers(content, RESULT, `${path}.output`, "results of calls");
  return {
    kind: "tool_result",
    id: requiredString(item["call_id"], `${path}.call_id`),
    content,
    isError: false,
  };
}

/** Calls that a program on OpenAI's servers made go back to that program. */
function refuseProgram({ caller }: Fields, path: string): void {
  if (caller === undefined || caller === null) return;
  if (!isFields(caller) || caller["type"] !== "direct") unsupported(`${path}.caller`, "its API runs no programs");
}

function readReasoning(item: Fields, path: string, sealed: Seal | undefined): Block[] {
  refuseRest(item, path, REASONING);
  const spelledOut = textsIn(item["content"], `${path}.content`);
  const texts = spelledOut.length > 0 ? spelledOut : textsIn(item["summary"], `${path}.summary`);
  const text = texts.join("\n\n");
  if (sealed?.kind === "redacted") return [{ kind: "thinking", text, redacted: sealed.value }];
  if (sealed?.kind === "signature") return [{ kind: "thinking", text, signature: sealed.value }];
  return text === "" ? [] : [{ kind: "thinking", text }];
}

function textsIn(parts: unknown, path: string): string[] {
  return listOf(parts).map((part, index) => {
    const place = `${path}.${index}`;
    return requiredString(fieldsAt(part, place)["text"], `${place}.text`);
  });
}

function sealOf(item: Fields, path: string): Seal | undefined {
  if (item["type"] !== "reasoning") return undefined;
  const place = `${path}.encrypted_content`;
  const text = stringAt(item["encrypted_content"], place);
  if (!text) return undefined;
  return unseal(text) ?? unsupported(place, "only the server that encrypted it can read it");
}
