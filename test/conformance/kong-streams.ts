/** What stands for personal data in these tests, and how each API streams a text. */
import type { ClientApi } from "../../src/dialect/speech.ts";

export const MAIL = "anna.keller@example.org";
export const IBAN = "DE89370400440532013000";
export const ADDRESS = '1 "Big" St\nFlat\\2';
export const ENTRIES = [
  { placeholder: "<EMAIL_1>", value: MAIL, entity: "email" },
  { placeholder: "<IBAN_12>", value: IBAN, entity: "iban" },
];
export const QUOTED = [...ENTRIES, { placeholder: "<ADDRESS_1>", value: ADDRESS, entity: "address" }];
const event = (fields: object): string => `data: ${JSON.stringify(fields)}\n\n`;
const named = (fields: Readonly<Record<string, unknown>> & { readonly type: string }): string =>
  `event: ${fields.type}\n${event(fields)}`;

interface StreamForm {
  readonly path: string;
  readonly piece: (text: string) => string;
  readonly end: string;
  readonly textOf: (data: never) => string | undefined;
}

/** How each API tells a piece of text and the end of an answer, and the text of one event. */
const FORMS: Readonly<Record<ClientApi, StreamForm>> = {
  "openai-chat": {
    path: "/v1/chat/completions",
    piece: (content) => event({ id: "c", choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
    end: `${event({ id: "c", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}data: [DONE]\n\n`,
    textOf: ({ choices }: { choices: { delta: { content?: string } }[] }) => choices[0]?.delta.content,
  },
  "openai-responses": {
    path: "/v1/responses",
    piece: (delta) => named({ type: "response.output_text.delta", item_id: "m", output_index: 0, delta }),
    end: named({ type: "response.completed", response: { status: "completed" } }),
    textOf: ({ delta }: { delta?: string }) => delta,
  },
  "anthropic-messages": {
    path: "/v1/messages",
    piece: (text) => named({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
    end: named({ type: "message_delta", delta: { stop_reason: "end_turn" } }) + named({ type: "message_stop" }),
    textOf: ({ delta }: { delta?: { text?: string } }) => delta?.text,
  },
};

export const APIS = Object.entries(FORMS) as [ClientApi, StreamForm][];
export const CHAT = FORMS["openai-chat"];

/** The text that a client reads out of a stream. */
export function said(api: ClientApi, stream: string): string {
  const datas = stream.matchAll(/^data: (\{.*)$/gmu);
  return Array.from(datas, ([, data]) => FORMS[api].textOf(JSON.parse(data!) as never) ?? "").join("");
}
