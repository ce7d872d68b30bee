/** A model server that knows the answers, and says them as often as its skill in the subject has it. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { seeded } from "../../src/statistics/sample.ts";

export interface Item {
  readonly question: string;
  readonly options: readonly string[];
  readonly answer: string;
  readonly category: string;
}

export interface Pupil {
  readonly url: string;
  /** Prompts that it was asked, newest last. */
  readonly asked: readonly string[];
  /** From now on: answers with this status, or not at all. */
  misbehave(how: number | "hang" | undefined): void;
  close(): Promise<void>;
}

/** @param skill how probable a right answer is, by category; `tokens` is how long each reply is said to be */
export async function startPupil(
  items: readonly Item[],
  skill: Readonly<Record<string, number>>,
  { seed = 1, tokens = 20 }: { readonly seed?: number; readonly tokens?: number } = {},
): Promise<Pupil> {
  const random = seeded(seed);
  // The coins are thrown beforehand, so that the order of the questions does not matter.
  const replies = new Map(
    items.map((item) => [item.question, replyTo(item, random() < skill[item.category]!, random())]),
  );
  const asked: string[] = [];
  let manner: number | "hang" | undefined;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString("utf8")) as {
      model: string;
      messages: { content: string }[];
    };
    const prompt = body.messages.at(-1)!.content;
    asked.push(prompt);
    if (manner === "hang") return;
    if (manner !== undefined) return void response.writeHead(manner, { "content-type": "application/json" }).end("{}");
    const content =
      /(?<=\n)the judge says: .*/u.exec(prompt)?.[0] ??
      replies.get(prompt.slice(0, prompt.indexOf("\n"))) ??
      "the answer is 42";
    const usage = { prompt_tokens: 50, completion_tokens: tokens, total_tokens: 50 + tokens };
    const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
    const whole = { id: "c", object: "chat.completion", created: 1, model: body.model, choices, usage };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(whole));
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    misbehave: (how) => void (manner = how),
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Said in one of several ways. */
function replyTo({ options, answer }: Item, isRight: boolean, chance: number): string {
  const at = answer.charCodeAt(0) - 65;
  const said = String.fromCharCode(65 + (isRight ? at : (at + 1) % options.length));
  const ways = [
    `Let me think. A and B look alike.\nAnswer: ${said}`,
    `**${said}**`,
    `The answer is (${said}).`,
    `${said}.`,
  ];
  return ways[Math.floor(chance * ways.length)]!;
}

/** So many questions of each category. */
export function itemsOf(categories: readonly string[], each: number): Item[] {
  return categories.flatMap((category) =>
    Array.from({ length: each }, (_, at) => ({
      question: `Question ${at} of ${category}?`,
      options: ["one", "two", "three", "four"],
      answer: "ABCD"[(at * 7) % 4]!,
      category,
    })),
  );
}
