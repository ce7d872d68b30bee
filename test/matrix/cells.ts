/** One cell of the matrix: a feature, asked through a door and answered by an upstream, whole or streamed. */
import assert from "node:assert/strict";
import { asksOf, type Door, type Expected } from "../fakes/apis/asks.ts";
import type { Fields } from "../fakes/apis/rules.ts";
import type { Answer } from "../fakes/apis/script.ts";
import { arrivedIn } from "./arrived.ts";
import { type Heard, heardIn, wholeOf } from "./heard.ts";
import { fields } from "./json.ts";
import { MORE } from "./more-asks.ts";
import { type Api, type Kind, meets, modelOf, type World } from "./world.ts";

export const DOORS: readonly Door[] = ["openai-chat", "anthropic-messages", "openai-responses"];
export const PATHS: Readonly<Record<Door, string>> = {
  "openai-chat": "/v1/chat/completions",
  "openai-responses": "/v1/responses",
  "anthropic-messages": "/v1/messages",
};

export interface Cell {
  readonly door: Door;
  readonly feature: string;
  readonly body: Fields;
  /** What must reach the model server; for what is told apart by no word of `Expected`, what its body must hold. */
  readonly expects: Expected | RegExp;
  readonly says: Answer;
  readonly isUnknown?: boolean;
}

/** How a door meets an upstream in one feature. */
export interface Outcome {
  readonly door: Door;
  readonly kind: Kind;
  readonly feature: string;
  readonly outcome: "passes" | "translated" | "refused";
  /** The field that a refusal names. */
  readonly param?: string;
}

const usage = { input: 20, cachedInput: 8, output: 12, reasoning: 5 };
const SAID: Answer = { text: "Swifts sleep aloft. 🐦", finish: "stop", usage };
const thinking = { text: "The weather is asked.", signature: "dGhvdWdodCBhZ2Fpbg==" };
const call = (id: string, city: string) => ({ id, name: "get_weather", input: { city } });

/** What the model says to each feature; the plain words to all others. */
const SAYS: Readonly<Record<string, Answer>> = {
  tools: { tools: [call("call_1", "Oslo")], finish: "tool_calls", usage },
  tool_result: {
    text: "I look again.",
    tools: [call("call_1", "Oslo"), call("call_2", "Rome")],
    finish: "tool_calls",
    usage,
  },
  thinking: { ...SAID, thinking },
  signature: { thinking, text: "I look.", tools: [call("call_1", "Oslo")], finish: "tool_calls", usage },
  schema: { ...SAID, text: '{"name":"swift","wingspan":0.4}' },
  max_tokens: { text: "Swifts sl", finish: "length", usage },
  filtered: { text: "Swifts sl", finish: "content_filter", usage },
  bare_call: { tools: [{ id: "call_1", name: "get_time", input: {} }], finish: "tool_calls", usage },
};

export const CELLS: readonly Cell[] = DOORS.flatMap((door) => {
  const asks = asksOf(door, "");
  const saidOf = (feature: string) => SAYS[feature] ?? SAID;
  const plain = asks.find(({ feature }) => feature === "text")!;
  const tools = asks.find(({ feature }) => feature === "tool_result")!;
  return [
    ...asks.map(({ feature, body, expects }) => ({ door, feature, body, expects, says: saidOf(feature) })),
    { ...plain, door, feature: "filtered", says: saidOf("filtered") },
    { ...tools, door, feature: "bare_call", says: saidOf("bare_call") },
    ...Object.entries(MORE[door]).map(([feature, { body, holds, ...rest }]) => ({
      door,
      feature,
      body,
      expects: holds,
      says: SAID,
      ...rest,
    })),
  ];
});

/** Whether the fake of this kind can be asked this. */
export const isAsked = ({ door, isUnknown }: Cell, kind: Kind) =>
  meets(door, kind) && !(isUnknown === true && kind.speaks.includes(door));

/** Asks, and holds all that can be seen to what it should be. */
export async function tryCell(world: World, cell: Cell, kind: Kind, stream: boolean): Promise<Outcome> {
  const { door, feature, says } = cell;
  const fake = world.fakes.get(kind.name)!;
  const seen = fake.requests.length;
  world.script(kind, says);
  const body = bodyOf(cell, kind, stream);
  const response = await world.house.post(PATHS[door], body, { "anthropic-version": "2023-06-01" });
  const text = await response.text();
  const requests = fake.requests.slice(seen);
  assert.deepEqual(fake.violations, [], "the model server's rules are kept");
  if (response.status !== 200) {
    assert.equal(requests.length, 0, `what is refused reaches nobody: ${text}`);
    return { door, kind, feature, outcome: "refused", param: refusalIn(door, response.status, text) };
  }
  assert.equal(requests.length, 1);
  const { path, json } = requests[0]!;
  const api = apiAt(path);
  if (api === door) assert.deepEqual(ownOf(json), { ...ownOf(body), model: kind.model });
  if (cell.expects instanceof RegExp) assert.match(JSON.stringify(json), api === door ? /./u : cell.expects);
  else sameArrived(arrivedIn(api, json), cell.expects);

  const heard = heardIn(door, wholeOf(door, text, stream));
  sameHeard(heard, cell, kind, kind.fake === "vllm" ? says.thinking !== undefined : isShown(api, json, says));
  return { door, kind, feature, outcome: api === door ? "passes" : "translated" };
}

function bodyOf({ door, body }: Cell, kind: Kind, stream: boolean): Fields {
  return {
    ...body,
    model: modelOf(kind),
    ...(stream && { stream: true }),
    ...(stream && door === "openai-chat" && { stream_options: { include_usage: true } }),
  };
}

/** A request without what is ours to change. */
function ownOf(body: unknown): Fields {
  const { stream_options: _, ...rest } = fields(body);
  return rest;
}

export function apiAt(path: string): Api {
  if (path.includes("/chat/completions")) return "openai-chat";
  if (path.includes("/responses")) return "openai-responses";
  return path.includes("/messages") ? "anthropic-messages" : "gemini";
}

/** The field that a refusal names. Anthropic's errors have no place for it but their sentence. */
export function refusalIn(door: Door, status: number, text: string): string {
  const body = fields(JSON.parse(text));
  const error = fields(body.error);
  assert.equal(status, 400, text);
  assert.equal(error.type, "invalid_request_error");
  if (door === "anthropic-messages") {
    assert.equal(body.type, "error");
    return / cannot be asked of this model: /u.test(String(error.message)) ? String(error.message).split(" ")[0]! : "";
  }
  assert.equal(error.code, "unsupported_feature", text);
  return String(error.param);
}

function sameArrived(arrived: Partial<Expected>, expects: Expected): void {
  const { maxTokens, ...rest } = arrived;
  const { maxTokens: wanted, ...others } = expects;
  // Signatures stay with those who made them, and one API must be given a limit.
  const { signature, ...kept } = others;
  assert.deepEqual(rest, signature !== undefined && rest.signature === undefined ? kept : others);
  if (wanted !== undefined) assert.equal(maxTokens, wanted);
}

/** Whether the server was asked to show what it thinks. Chat completions of OpenAI never do. */
function isShown(api: Api, json: unknown, { thinking: thought }: Answer): boolean {
  const body = fields(json);
  if (thought === undefined) return false;
  if (api === "openai-responses") return fields(body.reasoning).summary !== undefined;
  if (api === "gemini") return fields(fields(body.generationConfig).thinkingConfig).includeThoughts === true;
  const thinks = fields(body.thinking);
  return (
    api === "anthropic-messages" &&
    thinks.type !== undefined &&
    thinks.type !== "disabled" &&
    thinks.display !== "omitted"
  );
}

const FINISHES: Readonly<Record<Door, Readonly<Record<Answer["finish"], string>>>> = {
  "openai-chat": { stop: "stop", length: "length", tool_calls: "tool_calls", content_filter: "content_filter" },
  "openai-responses": {
    stop: "completed",
    length: "max_output_tokens",
    tool_calls: "completed",
    content_filter: "content_filter",
  },
  "anthropic-messages": {
    stop: "end_turn",
    length: "max_tokens",
    tool_calls: "tool_use",
    content_filter: "refusal",
  },
};

function sameHeard(heard: Heard, { door, says }: Cell, kind: Kind, thinks: boolean): void {
  const { calls, ...rest } = heard;
  assert.deepEqual(rest, {
    model: modelOf(kind),
    thoughts: thinks ? says.thinking!.text : "",
    text: says.text ?? "",
    refusal: "",
    finish: FINISHES[door][says.finish],
    usage: says.usage,
  });
  const withoutIds = (made: Heard["calls"]) => made.map(({ name, input }) => ({ name, input }));
  const ids = calls.map(({ id }) => id);
  assert.deepEqual(withoutIds(calls), withoutIds(says.tools ?? []));
  // Only Gemini's earlier models leave the naming of calls to us.
  if (kind.name !== "gemini-2")
    assert.deepEqual(
      ids,
      (says.tools ?? []).map(({ id }) => id),
    );
  assert.ok(ids.every((id) => id !== "") && new Set(ids).size === ids.length);
}
