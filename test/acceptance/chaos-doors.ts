import type { Client, Reply } from "./load.ts";

/** The doors of conversations as `chaos` uses them: what is asked there, what came back. */

export type Door = "chat" | "messages" | "responses";
export const DOORS: readonly Door[] = ["chat", "messages", "responses"];

const PATHS: Readonly<Record<Door, string>> = {
  chat: "/v1/chat/completions",
  messages: "/v1/messages",
  responses: "/v1/responses",
};

export interface Asked {
  readonly door: Door;
  readonly marker: string;
  readonly stream: boolean;
  readonly model: string;
}

export async function askAt(client: Client, { door, marker, stream, model }: Asked): Promise<Reply> {
  const content = `Tell me of ${marker}.`;
  const messages = [{ role: "user", content }];
  const told = { model, stream };
  const bodies: Readonly<Record<Door, object>> = {
    chat: { ...told, messages, ...(stream && marker.endsWith("1") && { stream_options: { include_usage: true } }) },
    messages: { ...told, messages, max_tokens: 500 },
    responses: { ...told, input: content },
  };
  return client.post(PATHS[door], JSON.stringify(bodies[door]));
}

/** How a stream ended, and the text that arrived; of a whole answer `finished` where it can be read. */
export interface Heard {
  readonly end: "finished" | "told" | "torn";
  readonly text: string;
}

export function hear({ door, stream }: Asked, reply: Reply): Heard {
  if (!stream) return hearWhole(door, reply);
  const events = [...reply.text.matchAll(/^data: (\{.*)$/gmu)].flatMap((match) => parsed(match[1]!));
  const text = events.map((event) => TEXTS[door](event)).join("");
  if (reply.cut) return { end: "torn", text };
  if (events.some((event) => isError(event))) return { end: "told", text };
  return { end: events.some((event) => isFinish(door, event)) ? "finished" : "torn", text };
}

/** JSON of whatever shape. */
type Loose = Readonly<Record<string, unknown>> & {
  readonly choices?: ReadonlyArray<{
    readonly delta?: { readonly content?: string };
    readonly message?: { readonly content?: string };
    readonly finish_reason?: string | null;
  }>;
  readonly content?: ReadonlyArray<{ readonly text?: string }>;
  readonly output?: ReadonlyArray<{ readonly content?: ReadonlyArray<{ readonly text?: string }> }>;
};

/** Text that an event of a stream adds. */
const TEXTS: Readonly<Record<Door, (event: Loose) => string>> = {
  chat: ({ choices }) => choices?.[0]?.delta?.content ?? "",
  messages: ({ type, delta }) => (type === "content_block_delta" ? ((delta as { text?: string }).text ?? "") : ""),
  responses: ({ type, delta }) => (type === "response.output_text.delta" ? String(delta) : ""),
};

const isError = (event: Loose): boolean =>
  (event["error"] ?? null) !== null || event["type"] === "error" || event["type"] === "response.failed";

function isFinish(door: Door, { type, choices }: Loose): boolean {
  if (door === "chat") return typeof choices?.[0]?.finish_reason === "string";
  return type === "message_stop" || type === "response.completed" || type === "response.incomplete";
}

function hearWhole(door: Door, reply: Reply): Heard {
  const [body] = parsed(reply.text);
  if (!body || reply.cut) return { end: "torn", text: "" };
  const texts: Readonly<Record<Door, () => readonly (string | undefined)[]>> = {
    chat: () => [body.choices?.[0]?.message?.content],
    messages: () => body.content?.map(({ text }) => text) ?? [],
    responses: () => body.output?.flatMap(({ content }) => content?.map(({ text }) => text) ?? []) ?? [],
  };
  return { end: "finished", text: texts[door]().join("") };
}

function parsed(json: string): Loose[] {
  try {
    return [JSON.parse(json) as Loose];
  } catch {
    return [];
  }
}
