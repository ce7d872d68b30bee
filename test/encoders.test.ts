import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createEncoderShelf } from "../src/encoders.ts";
import { createChannel } from "../src/events.ts";
import { EncoderError } from "../src/inference/encoder.ts";
import { encoderOptions, type EncoderOptions } from "../src/inference/options.ts";
import { createRuntime } from "../src/runtime.ts";
import { createState } from "../src/state.ts";
import { memoryEncoder, type MemoryEncoder } from "./rig/encoder.ts";
import { config, startHouse, threeModels, withPorts } from "./rig/house.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
const LEARNED = threeModels(urls).replaceAll("learned: false", "learned: true");

function shelf() {
  const loaded: { options: EncoderOptions; encoder: MemoryEncoder }[] = [];
  const faults: unknown[] = [];
  const books = createEncoderShelf(
    async (options) => {
      const encoder = memoryEncoder();
      loaded.push({ options, encoder });
      return encoder;
    },
    (error) => faults.push(error),
  );
  const hold = (options: object = {}) => books.hold(encoderOptions.parse(options));
  return { books, loaded, faults, hold };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("the same options get the same encoder, which is closed when its last holder lets go", async () => {
  const { books, loaded, hold } = shelf();
  const [one, two] = await Promise.all([hold(), hold()]);
  assert.equal(one.thing, two.thing);
  one.release();
  await turn();
  assert.deepEqual([loaded[0]!.encoder.isClosed, books.size], [false, 1]);
  two.release();
  await turn();
  assert.deepEqual([loaded[0]!.encoder.isClosed, books.size, loaded.length], [true, 0, 1]);
});

test("when it is asked, and how long it may take, makes no other encoder; what is loaded does", async () => {
  const { loaded, hold } = shelf();
  await hold();
  await hold({ deadline_ms: 77, second_stage: "always" });
  assert.equal(loaded.length, 1);
  await hold({ second_stage: "never" });
  await hold({ workers: 2 });
  await hold({ embeddings: { url: "http://127.0.0.1:9", model: "m", key: "one" } });
  await hold({ embeddings: { url: "http://127.0.0.1:9", model: "m", key: "two" } });
  assert.equal(loaded.length, 5);
});

test("other contents under an old path are another encoder", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "encoders-"));
  t.after(() => rm(folder, { recursive: true }));
  const heads = join(folder, "heads.json");
  const { loaded, hold } = shelf();
  await writeFile(heads, "one");
  await hold({ heads });
  await hold({ heads });
  assert.equal(loaded.length, 1);
  await writeFile(heads, "two");
  await hold({ heads });
  assert.equal(loaded.length, 2);
  const onnx = join(folder, "manifest.json");
  await writeFile(
    onnx,
    `{ "format": 1, "version": "v", "dimensions": 1, "maxTokens": 8, "model": "m.onnx", "tokenizer": "t.json" }`,
  );
  await writeFile(join(folder, "m.onnx"), "one");
  for (const [file, bytes, count] of [
    ["t.json", "one", 3],
    ["other", "one", 3],
    ["t.json", "three", 4],
    ["m.onnx", "three", 5],
  ] as const) {
    await writeFile(join(folder, file), bytes);
    await hold({ onnx });
    assert.equal(loaded.length, count, file);
  }
});

test("a load that failed is forgotten, and the next to ask tries again", async () => {
  let isBroken = true;
  const books = createEncoderShelf(
    async () => {
      if (isBroken) throw new EncoderError("model", "no such file");
      return memoryEncoder();
    },
    () => undefined,
  );
  const options = encoderOptions.parse({});
  await assert.rejects(books.hold(options), { fault: "model" });
  assert.equal(books.size, 0);
  isBroken = false;
  assert.equal((await books.hold(options)).thing.version, "memory-1");
});

test("shutdown closes what is held, and what is loading still", async () => {
  const { books, loaded, hold } = shelf();
  await hold();
  const loading = hold({ workers: 2 });
  const held = await loading;
  await books.shutdown();
  assert.ok(loaded.every(({ encoder }) => encoder.isClosed));
  held.release();
});

test("nothing is loaded where no signal has learned to read, and a reload loads nothing again", async () => {
  let loads = 0;
  const load = async () => {
    loads += 1;
    return memoryEncoder();
  };
  const plain = config(threeModels(urls));
  const state = createState(createChannel(), plain.config.breaker, () => performance.now(), load);
  const first = await createRuntime(plain.config, plain.hash, state);
  assert.deepEqual([loads, state.held().encoders], [0, 0]);
  const learned = config(LEARNED);
  const second = await createRuntime(learned.config, learned.hash, state);
  const third = await createRuntime(learned.config, learned.hash, state);
  first.release();
  second.release();
  assert.deepEqual([loads, state.held().encoders], [1, 1]);
  third.release();
  assert.deepEqual([loads, state.held()], [1, { targets: 0, sockets: 0, encoders: 0, stores: 0 }]);
  await state.shutdown();
});

test("a runtime that cannot be built gives its encoder back", async () => {
  const whole = config(LEARNED.replace("signals: {", "signals: { domain: {},"));
  const state = createState(
    createChannel(),
    whole.config.breaker,
    () => 0,
    async () => memoryEncoder({ heads: [] }),
  );
  await assert.rejects(createRuntime(whole.config, whole.hash, state), { fault: "model" });
  assert.deepEqual(state.held(), { targets: 0, sockets: 0, encoders: 0, stores: 0 });
});

test("a config whose encoder cannot be loaded never replaces a good one, and the channel is told why", async (t) => {
  const house = await startHouse(threeModels(urls), "", async ({ workers }) => {
    if (workers === 1) throw new EncoderError("model", "The model file static.safetensors is damaged.");
    return memoryEncoder();
  });
  t.after(() => house.stop());
  const hello = { chat: { messages: [{ role: "user", content: "hello" }] } };
  const hashOf = async () => ((await (await house.route(hello)).json()) as { configHash: string }).configHash;
  const before = await hashOf();
  assert.equal(await house.apply(config(withPorts(LEARNED))), false);
  const told = house.events.findLast((event) => event.kind === "reload")!;
  assert.deepEqual([told.result, told.error], ["refused", "The model file static.safetensors is damaged."]);
  assert.equal(await hashOf(), before);
  assert.equal(await house.apply(config(withPorts(`${LEARNED}\nencoder: { workers: 2 }`))), true);
  assert.notEqual(await hashOf(), before);
});

test("a first config whose encoder cannot be loaded does not start", async () => {
  const load = async () => {
    throw new EncoderError("model", "gone");
  };
  await assert.rejects(startHouse(LEARNED, "", load), { message: "gone" });
});

test("two reloads one after the other leave the later one in force, however long loading takes", async (t) => {
  const house = await startHouse(threeModels(urls), "", async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return memoryEncoder();
  });
  t.after(() => house.stop());
  const last = config(withPorts(threeModels(urls, "profiles: { last: {} }")));
  const [slow, quick] = await Promise.all([house.apply(config(withPorts(LEARNED))), house.apply(last)]);
  assert.deepEqual([slow, quick], [true, true]);
  assert.equal(house.events.findLast((event) => event.kind === "reload")!.hash, last.hash);
});

test("the answer of RouteRequest says which stage of the encoder each reading is from", async (t) => {
  const house = await startHouse(
    LEARNED.replace("jailbreak: { learned: true }", "jailbreak: { learned: false }"),
    "",
    async () => memoryEncoder({ hasFullStage: false }),
  );
  t.after(() => house.stop());
  const reply = await house.route({ chat: { messages: [{ role: "user", content: "hello" }] } });
  const { signals } = (await reply.json()) as { signals: { name: string; stage?: string }[] };
  const stages = new Map(signals.map(({ name, stage }) => [name, stage]));
  assert.deepEqual(
    [...stages],
    [
      ["complexity", "static"],
      ["jailbreak", undefined],
      ["pii", "static"],
    ],
  );
});
