/**
 * A coding agent of thirty lines that speaks Anthropic's messages: it lets the model call tools on a real folder until
 * it is done. The model behind Signalbox speaks OpenAI's chat completions; nobody notices.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { startModelServer, startSignalbox } from "../stage.ts";

interface Block {
  readonly type: string;
  readonly text?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: { readonly path: string; readonly content?: string };
}

interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

/** The model: reads the file, mends what it read, says so. What it does next it sees in what came before. */
const model = await startModelServer(({ messages }: { messages: ChatMessage[] }, response) => {
  const results = messages.filter(({ role }) => role === "tool").map(({ content }) => content);
  const call = (name: string, input: object) => ({
    message: {
      role: "assistant",
      content: null,
      tool_calls: [
        { id: `call_${results.length}`, type: "function", function: { name, arguments: JSON.stringify(input) } },
      ],
    },
    finish_reason: "tool_calls",
  });
  const steps = [
    () => call("read_file", { path: "sum.js" }),
    () => call("write_file", { path: "sum.js", content: results[0]!.replace("a - b", "a + b") }),
    () => ({ message: { role: "assistant", content: "sum() added nothing; now it does." }, finish_reason: "stop" }),
  ];
  const usage = { prompt_tokens: 50, completion_tokens: 20, total_tokens: 70 };
  const answer = { id: "chat-1", object: "chat.completion", created: 0, model: "qwen3-coder", usage };
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ ...answer, choices: [{ index: 0, ...steps[results.length]!() }] }));
});

const folder = mkdtempSync(join(tmpdir(), "signalbox-agent-"));
writeFileSync(join(folder, "sum.js"), "export const sum = (a, b) => a - b;\n");
const signalbox = await startSignalbox(join(import.meta.dirname, "signalbox.yaml"), {
  VLLM_URL: `http://127.0.0.1:${model.port}/v1`,
});

const TOOLS = [
  tool("read_file", "Reads a file of the project.", { path: { type: "string" } }),
  tool("write_file", "Writes a file of the project.", { path: { type: "string" }, content: { type: "string" } }),
];

function tool(name: string, description: string, properties: Record<string, object>) {
  return { name, description, input_schema: { type: "object", properties, required: Object.keys(properties) } };
}

/** Only files of the folder, whatever path the model gives. */
function run({ name, input }: Block): string {
  const path = join(folder, basename(input!.path));
  if (name === "read_file") return readFileSync(path, "utf8");
  writeFileSync(path, input!.content!);
  return "written";
}

async function ask(messages: object[]): Promise<Block[]> {
  const answer = await fetch(`${signalbox.url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": "none" },
    body: JSON.stringify({ model: "auto", max_tokens: 1000, tools: TOOLS, messages }),
  });
  assert.equal(answer.status, 200, await answer.clone().text());
  return ((await answer.json()) as { content: Block[] }).content;
}

try {
  const messages: object[] = [{ role: "user", content: "The tests of sum.js fail. Please mend it." }];
  for (let turn = 0; ; turn++) {
    assert.ok(turn < 5, "the agent should be done by now");
    const content = await ask(messages);
    const calls = content.filter(({ type }) => type === "tool_use");
    for (const { type, text, name, input } of content) {
      console.log(type === "text" ? `model: ${text}` : `model calls ${name} on ${input!.path}`);
    }
    if (calls.length === 0) break;
    const results = calls.map((call) => ({ type: "tool_result", tool_use_id: call.id, content: run(call) }));
    messages.push({ role: "assistant", content }, { role: "user", content: results });
  }
  assert.equal(readFileSync(join(folder, "sum.js"), "utf8"), "export const sum = (a, b) => a + b;\n");
  assert.equal(model.asked.length, 3);
  console.log("\ncoding-agent: all as it should be");
} finally {
  await signalbox.stop();
  model.stop();
  rmSync(folder, { recursive: true });
}
