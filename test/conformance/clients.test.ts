import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import type { Script } from "../fakes/apis/script.ts";
import type { ApiRequest } from "../fakes/apis/server.ts";
import { KINDS, modelOf, startWorld, type World } from "../matrix/world.ts";
import { inLoop, SAID } from "./said.ts";

/** A Python that has the packages openai and anthropic. */
const python = process.env["SIGNALBOX_PYTHON"];
const skip = python ? false : "SIGNALBOX_PYTHON names no Python with the packages openai and anthropic";

let world: World;
before(async () => (world = await startWorld()));
after(() => world.close());

/** The prompt, or a tool at hand, says what the model shall say. */
function answerTo(request: ApiRequest): Script {
  const body = JSON.stringify(request.json);
  if (body.includes("too long")) return { error: "context_length" };
  if (body.includes("broken")) return { error: "server_error" };
  return /get_weather|degrees/u.test(body) ? inLoop(request) : SAID;
}

test("the Python clients of OpenAI and Anthropic hear every upstream through their doors", { skip }, async () => {
  for (const kind of KINDS) world.script(kind, answerTo);
  const args = [join(import.meta.dirname, "clients.py"), world.house.url, ...KINDS.map((kind) => modelOf(kind))];
  const { stdout } = await promisify(execFile)(python!, args, { timeout: 100_000 });
  assert.match(stdout, /^ok /u);
  for (const [name, { violations }] of world.fakes) assert.deepEqual(violations, [], name);
});
