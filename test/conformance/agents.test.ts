import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test, type TestContext } from "node:test";
import type { Answer, Call } from "../fakes/apis/script.ts";
import type { ApiRequest } from "../fakes/apis/server.ts";
import { KINDS, modelOf, startWorld, type World } from "../matrix/world.ts";

/** A folder whose node_modules hold the two agent programs. */
const folder = process.env["SIGNALBOX_AGENTS"];
const skip = folder ? false : "SIGNALBOX_AGENTS names no folder with @anthropic-ai/claude-code and @openai/codex";

interface Agent {
  readonly program: string;
  readonly args: (model: string, url: string) => readonly string[];
  readonly env: (url: string) => Readonly<Record<string, string>>;
  /** The call of the agent's own tool that reads the note. */
  readonly reads: (note: string) => Omit<Call, "id">;
}

const QUESTION = "Read note.txt here and tell me its word.";

/** It speaks Anthropic's messages. */
const CLAUDE: Agent = {
  program: "claude",
  args: (model) => ["-p", QUESTION, "--model", model, "--allowedTools", "Read"],
  env: (url) => ({
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: "key-of-the-client",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
  }),
  reads: (note) => ({ name: "Read", input: { file_path: note } }),
};

/** It speaks OpenAI's responses. What only OpenAI's servers can do for it is switched off. */
const CODEX: Agent = {
  program: "codex",
  args: (model, url) => {
    const house = `{name="house",base_url="${url}/v1",env_key="HOUSE_KEY",wire_api="responses"}`;
    const settings = [
      'web_search="disabled"',
      "features.multi_agent=false",
      'model_provider="house"',
      `model_providers.house=${house}`,
    ].flatMap((setting) => ["-c", setting]);
    return ["exec", "--skip-git-repo-check", "--sandbox", "danger-full-access", "-m", model, ...settings, QUESTION];
  },
  env: () => ({ HOUSE_KEY: "key-of-the-client" }),
  reads: () => ({ name: "exec_command", input: { cmd: "cat note.txt" } }),
};

const WORD = "swift-4711";
const usage = { input: 20, cachedInput: 8, output: 12, reasoning: 0 };

/** Has the note read, and says what stands in it. */
function scripted({ json }: ApiRequest, call: Omit<Call, "id">): Answer {
  const body = JSON.stringify(json);
  if (body.includes(WORD)) return { text: `The word is ${WORD}.`, finish: "stop", usage };
  if (!body.includes(`"${call.name}"`)) return { text: "A note", finish: "stop", usage };
  return { text: "I look.", tools: [{ id: "call_1", ...call }], finish: "tool_calls", usage };
}

let world: World;
before(async () => (world = await startWorld()));
after(() => world.close());

for (const agent of [CLAUDE, CODEX])
  for (const name of ["openai", "vllm", "claude-efforts", "gemini-3"])
    test(`${agent.program} completes a loop of tools with ${name}`, { skip }, async (t) => {
      const kind = KINDS.find((each) => each.name === name)!;
      const home = await homeOf(t);
      world.script(kind, (request) => scripted(request, agent.reads(join(home, "note.txt"))));
      const said = await run(agent, modelOf(kind), home);
      assert.match(said, new RegExp(`The word is ${WORD}`, "u"));
      assert.deepEqual(world.fakes.get(name)!.violations, []);
    });

/** An empty home with a note in it. */
async function homeOf(t: TestContext): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "signalbox-agent-"));
  t.after(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  await mkdir(join(home, ".codex"));
  await writeFile(join(home, "note.txt"), `The word is ${WORD}.\n`);
  return home;
}

/** What it prints. */
function run({ program, args, env }: Agent, model: string, home: string): Promise<string> {
  const { url } = world.house;
  const own = { PATH: process.env["PATH"], HOME: home, CODEX_HOME: join(home, ".codex"), ...env(url) };
  return new Promise((resolve, reject) => {
    const child = execFile(
      join(folder!, "node_modules/.bin", program),
      args(model, url),
      { cwd: home, env: own, timeout: 60_000 },
      (error, out, err) => (error ? reject(new Error(`${error.message}\n${out}\n${err}`)) : resolve(out)),
    );
    // Both read a prompt from there as well, and wait for its end.
    child.stdin?.end();
  });
}
