import type { ClientApi } from "../../../src/dialect/speech.ts";
import { identifier, pick, type Random } from "./identifiers.ts";

/** A request in one of the APIs, and all that is personal in it. */
export interface Conversation {
  readonly api: ClientApi;
  readonly body: Uint8Array;
  readonly values: readonly string[];
  /** Names, which somebody else reads. */
  readonly names: readonly { readonly entity: string; readonly value: string; readonly score: number }[];
  /** What stands in it, as a model reads it: system text, human turn, arguments of a call. */
  readonly texts: Texts;
}

export interface Texts {
  readonly system: string;
  readonly turn: string;
  readonly input: string;
}

const FIRST = ["Ada", "Jürgen", "Zoë", "Søren", "Łukasz", "Inês", "Bob", "Renée", "Nour", "O'Neil"];
const LAST = ["Lovelace", "Müller", "Peña Nieto", "Ångström", "van der Berg", "D'Angelo", "Smith-Jones", "Brontë"];
const NOISE = [
  "a < b and b > c",
  '<div class="x">text</div>',
  "Write <your name> here.",
  "\\alpha & \\beta \\<x\\>",
  'tab\tand\nline “quoted” "so" 😀',
  "日本語のテキスト",
  '{"not": json}',
  "[see note 1]",
  "<EMAIL> and <EMAIL_ and EMAIL_1",
  "\u2028 \u0007 control",
];

const range = (random: Random, low: number, high: number): number => low + Math.floor(random() * (high - low + 1));

/** One personal value, and a text around it. */
function personal(random: Random): { text: string; value: string; entity?: string } {
  const choice = random();
  const number = range(random, 1000, 9999);
  if (choice < 0.5) {
    const { text, value } = identifier(random);
    return { text, value };
  }
  if (choice < 0.65) {
    const value = `${pick(random, ["ada.l", "j_mueller", "x+y", "o.neil"])}${number}@mail${range(random, 1, 99)}.dev`;
    return { value, text: pick(random, ["Write to {} soon.", "<{}>", "mail: {}"]).replace("{}", value) };
  }
  if (choice < 0.75) {
    const value = pick(random, [`+49 30 90${number}${number}`, `(415) 555-${number}`, `+44 20 7946 ${number}`]);
    return { value, text: pick(random, ["Call {}.", "tel {} or later"]).replace("{}", value) };
  }
  if (choice < 0.8) {
    const value = `sk-proj-abcdefghij${number}klmnop${number}`;
    return { value, text: `key=${value}` };
  }
  // Two of one name are one person, so the number keeps them apart.
  const isAddress = random() < 0.3;
  const value = isAddress
    ? `${number} "Old" ${pick(random, LAST)} St\nFlat ${range(random, 1, 99)}\\B`
    : `${pick(random, FIRST)} ${pick(random, LAST)} ${number}`;
  return { value, entity: isAddress ? "address" : "person", text: `It was ${value}, I think.` };
}

export function conversation(random: Random): Conversation {
  const found = Array.from({ length: range(random, 1, 6) }, () => personal(random));
  const piece = (): string => {
    const parts = Array.from({ length: range(random, 0, 3) }, () =>
      pick(random, [pick(random, NOISE), pick(random, found).text]),
    );
    return parts.join(pick(random, [" ", "\n"]));
  };
  const all = found.map(({ text }) => text).join("\n");
  const turn = `${piece()}\n${all}\n${piece()}`;
  const data = {
    note: piece(),
    who: pick(random, found).value,
    deep: JSON.stringify({ inner: pick(random, found).text }),
  };
  const texts = { system: `Help. ${piece()}`, turn, input: JSON.stringify(data) };
  const api = pick(random, ["openai-chat", "openai-responses", "anthropic-messages"] as const);
  return {
    api,
    body: written(bodyOf(api, texts), random),
    values: [...new Set(found.map(({ value }) => value))],
    names: found.flatMap(({ entity, value }) => (entity === undefined ? [] : [{ entity, value, score: 1 }])),
    texts,
  };
}

/** Some clients escape what is beyond ASCII, or angle brackets, and indent. */
function written(body: unknown, random: Random): Uint8Array {
  let json = JSON.stringify(body, undefined, random() < 0.2 ? 2 : 0);
  if (random() < 0.3)
    json = json.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  if (random() < 0.2) json = json.replaceAll("<", "\\u003c").replaceAll(">", "\\u003E");
  if (random() < 0.1) json = json.replaceAll("/", "\\/");
  return Buffer.from(json);
}

function bodyOf(api: ClientApi, { system, turn, input }: Texts): unknown {
  switch (api) {
    case "openai-chat":
      return {
        model: "auto",
        messages: [
          { role: "system", content: system },
          {
            role: "assistant",
            content: null,
            tool_calls: [{ id: "call_1", type: "function", function: { name: "look", arguments: input } }],
          },
          { role: "tool", tool_call_id: "call_1", content: input },
          { role: "user", content: [{ type: "text", text: turn }] },
        ],
      };
    case "openai-responses":
      return {
        model: "auto",
        instructions: system,
        input: [
          { type: "function_call", call_id: "call_1", name: "look", arguments: input },
          { type: "function_call_output", call_id: "call_1", output: input },
          { role: "user", content: [{ type: "input_text", text: turn }] },
        ],
      };
    default:
      return {
        model: "auto",
        max_tokens: 100,
        system: [{ type: "text", text: system }],
        messages: [
          {
            role: "assistant",
            content: [{ type: "tool_use", id: "toolu_1", name: "look", input: JSON.parse(input) as unknown }],
          },
          {
            role: "user",
            content: [
              { type: "tool_result", tool_use_id: "toolu_1", content: input },
              { type: "text", text: turn },
            ],
          },
        ],
      };
  }
}

/** What a model reads in such a body. */
export function textsIn(api: ClientApi, body: Uint8Array): Texts {
  const value = JSON.parse(Buffer.from(body).toString()) as Record<string, never>;
  const at = (...path: readonly (string | number)[]): unknown =>
    path.reduce<unknown>((inner, step) => (inner as Record<string, unknown>)[step], value);
  const text = (...path: readonly (string | number)[]): string => String(at(...path));
  switch (api) {
    case "openai-chat":
      return {
        system: text("messages", 0, "content"),
        turn: text("messages", 3, "content", 0, "text"),
        input: text("messages", 1, "tool_calls", 0, "function", "arguments"),
      };
    case "openai-responses":
      return {
        system: text("instructions"),
        turn: text("input", 2, "content", 0, "text"),
        input: text("input", 0, "arguments"),
      };
    default:
      return {
        system: text("system", 0, "text"),
        turn: text("messages", 1, "content", 1, "text"),
        input: JSON.stringify(at("messages", 0, "content", 0, "input")),
      };
  }
}
