import type { Asked, Owner } from "../../src/cache/canonical.ts";

/** A request with whose it is: everything that a key is made of. */
export interface Whose extends Owner {
  readonly route: string;
  readonly asked: Asked;
}

export interface Pair {
  /** The one thing in which the two are different. */
  readonly field: string;
  readonly one: Whose;
  readonly other: Whose;
}

type Body = Record<string, unknown>;
type Random = () => number;
/** Changes one thing of a request, which is the caller's to change. */
type Change = (whose: { -readonly [K in keyof Whose]: Whose[K] }, body: Body, random: Random) => void;

const WORDS =
  "rate limit price tax refund order delay paris berlin march april red blue short long sum mean list".split(" ");

const words = (random: Random, count: number): string =>
  Array.from({ length: count }, () => WORDS[Math.floor(random() * WORDS.length)]).join(" ");

const chatTool = (name: string) => ({
  type: "function",
  function: {
    name,
    description: `Looks for ${name}.`,
    parameters: { type: "object", properties: { of: { type: "string" } } },
  },
});
const anthropicTool = (name: string) => ({
  name,
  description: `Looks for ${name}.`,
  input_schema: { type: "object", properties: { of: { type: "string" } } },
});

/** The salt stands in what no change takes away, so that only the two of a pair can be mistaken for each other. */
function chat(random: Random, salt: string): Body {
  return {
    model: "auto",
    messages: [
      { role: "system", content: `${salt} you help with ${words(random, 3)}.` },
      { role: "user", content: words(random, 6) },
      { role: "assistant", content: words(random, 5) },
      { role: "user", content: `What of ${words(random, 5)}?` },
    ],
    temperature: 0,
    max_tokens: 100,
    tools: [chatTool("orders")],
  };
}

function anthropic(random: Random, salt: string): Body {
  const { messages, temperature, max_tokens } = chat(random, salt) as { messages: Body[] } & Body;
  return {
    model: "auto",
    system: messages[0]!["content"],
    messages: messages.slice(1),
    temperature,
    max_tokens,
    tools: [anthropicTool("orders")],
  };
}

const messagesOf = (body: Body) => body["messages"] as Body[];
const more = (text: unknown) => `${text as string} please`;

const COMMON: Readonly<Record<string, Change>> = {
  tenant: (whose, _, random) => (whose.tenant += Math.floor(random() * 10)),
  policy: (whose) => (whose.policy += "2"),
  route: (whose) => (whose.route = "code"),
  model: (_, body) => (body["model"] = "fast"),
  temperature: (_, body, random) => (body["temperature"] = 0.01 + Math.round(random() * 90) / 100),
  "top p": (_, body) => (body["top_p"] = 0.5),
  "longest answer": (_, body, random) => (body["max_tokens"] = 101 + Math.floor(random() * 1000)),
  "an unknown parameter": (_, body, random) => (body[`x_${Math.floor(random() * 1e6)}`] = true),
  "no tools": (_, body) => delete body["tools"],
  "first question": (_, body) => change(messagesOf(body).at(-3)!),
  "answer before": (_, body) => change(messagesOf(body).at(-2)!),
  "newest question": (_, body) => change(messagesOf(body).at(-1)!),
  "a turn less": (_, body) => void messagesOf(body).splice(-3, 2),
};

function change(message: Body): void {
  message["content"] = more(message["content"]);
}

interface Kind {
  readonly api: Asked["api"];
  readonly body: (random: Random, salt: string) => Body;
  readonly changes: Readonly<Record<string, Change>>;
}

const KINDS: readonly Kind[] = [
  {
    api: "openai-chat",
    body: chat,
    changes: {
      ...COMMON,
      system: (_, body) => change(messagesOf(body)[0]!),
      seed: (_, body, random) => (body["seed"] = Math.floor(random() * 1000)),
      stop: (_, body) => (body["stop"] = ["\n"]),
      "form of the answer": (_, body) => (body["response_format"] = { type: "json_object" }),
      "choice of a tool": (_, body) => (body["tool_choice"] = "none"),
      "another tool": (_, body) => (body["tools"] = [chatTool("orders"), chatTool("prices")]),
      "name of a tool": (_, body) => (body["tools"] = [chatTool("prices")]),
      "role of a message": (_, body) => (messagesOf(body)[0]!["role"] = "developer"),
    },
  },
  {
    api: "anthropic-messages",
    body: anthropic,
    changes: {
      ...COMMON,
      system: (_, body) => (body["system"] = more(body["system"])),
      stop: (_, body) => (body["stop_sequences"] = ["\n"]),
      "top k": (_, body) => (body["top_k"] = 5),
      "choice of a tool": (_, body) => (body["tool_choice"] = { type: "none" }),
      "another tool": (_, body) => (body["tools"] = [anthropicTool("orders"), anthropicTool("prices")]),
      "name of a tool": (_, body) => (body["tools"] = [anthropicTool("prices")]),
      thinking: (_, body) => (body["thinking"] = { type: "enabled", budget_tokens: 1024 }),
    },
  },
];

/** Where the words of the newest question differ, the two share a partition, as they should. */
export const SAME_PARTITION: ReadonlySet<string> = new Set(["newest question"]);
/** The route is decided by everything that is in the exact key. */
export const SAME_KEY: ReadonlySet<string> = new Set(["route"]);

export function pairOf(number: number, random: Random): Pair {
  const { api, body, changes } = KINDS[Math.floor(random() * KINDS.length)]!;
  const names = Object.keys(changes);
  const field = names[Math.floor(random() * names.length)]!;
  const asked = { api, body: body(random, `case ${number}:`) };
  const one: Whose = { tenant: `tenant ${Math.floor(random() * 20)}`, policy: "policy", route: "chat", asked };
  const changed = structuredClone(asked.body);
  const other = { ...one, asked: { api, body: changed } };
  changes[field]!(other, changed, random);
  return { field, one, other };
}
