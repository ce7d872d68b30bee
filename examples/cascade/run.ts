/** Gates learned from recorded answers, with a promise; then the same models live. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { startModelServer, startSignalbox } from "../stage.ts";

const RECORDED = 900;
const LIVE = 60;
const MAX_LOSS = 5;

interface Sum {
  readonly text: string;
  readonly right: number;
  /** The cheap model gets it wrong. */
  readonly isHard: boolean;
}

/** The same sums in each run. */
function sumAt(at: number): Sum {
  const [a, b] = [100 + ((at * 37) % 900), 10 + ((at * 53) % 90)];
  return {
    text: `A shop has ${a} apples and gets ${b} more. How many has it now?`,
    right: a + b,
    isHard: (at * 7) % 4 === 0,
  };
}

/** What the cheap model says: where it is wrong it wavers, all but a few times. */
function cheaply({ right, isHard }: Sum, at: number): string {
  if (!isHard) return `Adding both gives ${right}. The answer is ${right}.`;
  const wavers = at % 23 !== 0;
  return `${wavers ? `Adding both gives ${right + 1}. Wait, that might be a mistake. However, I think it is about ${right + 10}. ` : ""}The answer is ${right + 10}.`;
}

const folder = mkdtempSync(join(tmpdir(), "signalbox-cascade-"));
const config = join(import.meta.dirname, "signalbox.yaml");
const at = (name: string) => join(folder, name);
try {
  const rows = Array.from({ length: RECORDED }, (_, number) => ({
    id: String(number),
    sum: sumAt(number),
    reply: cheaply(sumAt(number), number),
  }));
  writeFileSync(
    at("outcomes.jsonl"),
    rows
      .map(({ id, sum }) =>
        JSON.stringify({
          id,
          prompt: sum.text,
          scores: { cheap: sum.isHard ? 0 : 1, strong: 1 },
          input_tokens: 20,
          output_tokens: { cheap: 20, strong: 20 },
        }),
      )
      .join("\n"),
  );
  writeFileSync(
    at("replies.jsonl"),
    rows.map(({ id, reply }) => JSON.stringify({ id, model: "cheap", reply })).join("\n"),
  );
  writeFileSync(at("prices.yaml"), "cheap: { input: 0.05, output: 0.08 }\nstrong: { input: 3, output: 15 }\n");
  const learned = spawnSync(
    process.execPath,
    [
      join(import.meta.dirname, "../../bin/signalbox.mjs"),
      "calibrate",
      "gates",
      ["--outcomes", at("outcomes.jsonl")],
      ["--replies", at("replies.jsonl")],
      ["--prices", at("prices.yaml")],
      ["--pool", "cheap,strong"],
      ["--gate", "learned"],
      ["--max-loss", String(MAX_LOSS)],
      ["--out", at("gates.json")],
    ].flat(),
    { cwd: folder, encoding: "utf8" },
  );
  console.log(learned.stdout.split("\n").slice(0, 12).join("\n"));
  assert.equal(learned.status, 0, learned.stderr);

  const sums = new Map(
    Array.from({ length: LIVE }, (_, number) => [sumAt(number + RECORDED).text, number + RECORDED] as const),
  );
  const serve = (say: (number: number) => string) =>
    startModelServer((body: { model: string; messages: { content: string }[] }, response) => {
      const message = { role: "assistant", content: say(sums.get(body.messages.at(-1)!.content)!) };
      const usage = { prompt_tokens: 20, completion_tokens: 20, total_tokens: 40 };
      const choices = [{ index: 0, message, finish_reason: "stop" }];
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({ id: "chat-1", object: "chat.completion", created: 0, model: body.model, choices, usage }),
      );
    });
  const cheap = await serve((number) => cheaply(sumAt(number), number));
  const strong = await serve((number) => `The answer is ${sumAt(number).right}.`);
  const urlOf = ({ port }: { port: number }) => `http://127.0.0.1:${port}/v1`;
  const signalbox = await startSignalbox(config, {
    CHEAP_URL: urlOf(cheap),
    STRONG_URL: urlOf(strong),
    GATES: at("gates.json"),
  });
  try {
    const client = new OpenAI({ baseURL: `${signalbox.url}/v1`, apiKey: "none", maxRetries: 0 });
    let right = 0;
    for (const [content, number] of sums) {
      const answer = await client.chat.completions.create({ model: "auto", messages: [{ role: "user", content }] });
      right += Number(answer.choices[0]!.message.content!.endsWith(` ${sumAt(number).right}.`));
    }
    const hard = [...sums.values()].filter((number) => sumAt(number).isHard).length;
    console.log(
      `\nlive: ${right} of ${LIVE} right, ${hard} of them beyond the cheap model; the strong one was asked ${strong.asked.length} times`,
    );
    assert.ok(right >= LIVE * (1 - (2 * MAX_LOSS) / 100), "few wrong answers get through");
    assert.ok(strong.asked.length < LIVE / 2, "most are answered by the cheap model");
    console.log("\ncascade: all as it should be");
  } finally {
    await signalbox.stop();
    for (const server of [cheap, strong]) server.stop();
  }
} finally {
  rmSync(folder, { recursive: true });
}
