import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { startRecorder, type Recorder } from "../fakes/recorder.ts";
import { BINARIES, WHY_SKIPPED } from "../rig/envoy.ts";
import { unlike } from "./corpus/compare.ts";
import { CORPUS, type Case } from "./corpus/corpus.ts";
import { corpusConfig, expected, type Fate } from "./corpus/expected.ts";
import { KEYS, MODES, startStage } from "./envoy-stage.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
/** The key that each model server must see. */
const SEEN_KEYS: Readonly<Record<string, string | undefined>> = {
  small: undefined,
  medium: `Bearer ${KEYS.GEMINI_API_KEY}`,
  large: `Bearer ${KEYS.OPENAI_API_KEY}`,
};

/** A request as a client sends it: `fetch` may not send all of these headers. */
function post(url: string, { path, headers, body }: Case): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url + path,
      {
        method: "POST",
        headers: { "content-type": "application/json", authorization: "Bearer of-the-client", ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

for (const binary of BINARIES) {
  for (const mode of MODES) {
    test(`the corpus through ${binary} in ${mode}`, { timeout: 200_000 }, async () => {
      const recorders = { small: await startRecorder(), medium: await startRecorder(), large: await startRecorder() };
      const ports = { small: recorders.small.port, medium: recorders.medium.port, large: recorders.large.port };
      const stage = await startStage({ binary, mode, models: ports, config: corpusConfig(urls) });
      try {
        const wrong: string[] = [];
        for (const one of CORPUS) {
          const wanted = await expected(stage.house, one);
          const { status, text } = await post(stage.envoy.url, one);
          const found = fateOf(recorders, status, text);
          wrong.push(...unlike("envoy", one, nameless(wanted), found));
        }
        assert.deepEqual(wrong, []);
      } finally {
        await stage.close();
        for (const recorder of Object.values(recorders)) recorder.close();
      }
    });
  }
}

if (WHY_SKIPPED) test("the corpus through the real Envoy", { skip: WHY_SKIPPED }, () => undefined);

/** A model that the pool does not have goes where the gateway sends what it has no route for. */
const nameless = (fate: Fate): Fate =>
  fate.kind === "forward" && !(fate.model in SEEN_KEYS) ? { ...fate, model: "small" } : fate;

function fateOf(recorders: Readonly<Record<string, Recorder>>, status: number, text: string): Fate {
  const seen = Object.entries(recorders).flatMap(([model, recorder]) => {
    const recorded = recorder.take();
    return recorded ? [{ model, ...recorded }] : [];
  });
  const [one, ...more] = seen;
  assert.equal(more.length, 0, "one request, one model");
  if (!one) {
    const { error } = JSON.parse(text) as { error: { code?: string } };
    return { kind: "refuse", status, code: error.code ?? "" };
  }
  assert.equal(status, 200);
  assert.equal(one.headers.authorization, SEEN_KEYS[one.model], one.model);
  const ours = Object.keys(one.headers).filter(
    (name) => name === "x-selected-model" || name.startsWith("x-signalbox-"),
  );
  assert.deepEqual(ours, []);
  return { kind: "forward", model: one.model, body: JSON.parse(one.body) };
}
