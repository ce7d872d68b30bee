import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { Agent } from "node:http";
import { connect } from "node:http2";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { RequestRecord } from "../../src/events.ts";
import { startFakeModel } from "../fakes/model.ts";
import { closeCalls } from "../rig/chooser.ts";
import { BINARIES, WHY_SKIPPED } from "../rig/envoy.ts";
import {
  at,
  HELLO,
  MODES,
  modelIn,
  post,
  stageFor,
  unwatched,
  withMetadata,
  type Mode,
  type Stage,
} from "./envoy-stage.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };

type Json = { [name: string]: unknown };

if (WHY_SKIPPED) test("what the real Envoy does when things go wrong", { skip: WHY_SKIPPED }, () => undefined);

/** Connections live on, whatever was reset on them: what Envoy does where nobody told it better. */
function ungraceful(config: Json): void {
  for (const cluster of at(config, "static_resources", "clusters") as Json[])
    if (cluster["name"] === "signalbox")
      for (const options of Object.values(cluster["typed_extension_protocol_options"] as Record<string, Json>))
        delete options["common_http_protocol_options"];
}

async function firstRecord(stage: Stage): Promise<RequestRecord> {
  for (let tries = 0; tries < 200; tries++) {
    const record = stage.house.events.find((event): event is RequestRecord => event.kind === "request");
    if (record) return record;
    await sleep(10);
  }
  throw new Error("the request left no record");
}

const REQUESTS = Number(process.env["SIGNALBOX_ENVOY_RESETS"] ?? 3000);
const CONNECTIONS = 16;

async function flood(url: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let left = REQUESTS;
  let failed = 0;
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      const status = await post(url, HELLO, agent).then(
        ({ status }) => status,
        () => 0,
      );
      if (status !== 200) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  agent.destroy();
  return failed;
}

for (const binary of BINARIES) {
  const each = (name: string, run: (t: TestContext, mode: Mode) => Promise<void>): void => {
    for (const mode of MODES) test(`${name}: ${binary} in ${mode}`, (t) => run(t, mode));
  };

  each("a stream that is reset for each request is no flood", async (t, mode) => {
    const { stage } = await stageFor(t, { binary, mode, change: ungraceful });
    assert.equal(await flood(stage.envoy.url), 0);
    assert.ok((await stage.envoy.stat("cluster.signalbox.http2.tx_reset")) > REQUESTS / 2, "streams were reset");
    assert.deepEqual(
      stage.house.events.filter(({ kind }) => kind === "fault"),
      [],
    );
  });

  each("the shipped config loses no request", async (t, mode) => {
    const { stage } = await stageFor(t, { binary, mode });
    assert.equal(await flood(stage.envoy.url), 0);
  });

  each("a decision that does not come in time lets the request pass as it was", async (t, mode) => {
    const chooser = await startFakeModel({ behave: "hang" });
    t.after(() => chooser.close());
    const config = closeCalls({ models: urls.small, chooser: chooser.url }, "percent: 100, deadline_ms: 5000");
    const { stage, recorder } = await stageFor(t, {
      binary,
      mode,
      config,
      filter: withMetadata("x-signalbox-deadline-ms", "200"),
    });
    const { status, ms } = await post(stage.envoy.url, HELLO);
    assert.equal(status, 200);
    assert.ok(ms < 4000, `${ms} ms`);
    assert.equal(modelIn(recorder), "auto");
  });

  each("or refuses it, where the filter says so", async (t, mode) => {
    const chooser = await startFakeModel({ behave: "hang" });
    t.after(() => chooser.close());
    const config = closeCalls({ models: urls.small, chooser: chooser.url }, "percent: 100, deadline_ms: 5000");
    const filter = (ours: Json) => {
      withMetadata("x-signalbox-deadline-ms", "200")(ours);
      withMetadata("x-signalbox-on-slow", "refuse")(ours);
    };
    const { stage, recorder } = await stageFor(t, { binary, mode, config, filter });
    const { status, text } = await post(stage.envoy.url, HELLO);
    assert.equal(status, 503);
    assert.equal((JSON.parse(text) as { error: { code: string } }).error.code, "unavailable");
    assert.equal(recorder.take(), undefined);
  });

  each("a request passes to the last route while Signalbox is found down", async (t, mode) => {
    const { stage, recorder } = await stageFor(t, { binary, mode, signalbox: 1 });
    assert.equal((await post(stage.envoy.url, HELLO)).status, 200);
    assert.equal(modelIn(recorder), "auto");
  });

  each("until it is found down a whole body passes, one in pieces is refused", async (t, mode) => {
    const { stage, recorder } = await stageFor(t, { binary, mode, signalbox: 1, change: unwatched });
    const { status } = await post(stage.envoy.url, HELLO);
    assert.equal(status, mode === "BUFFERED" ? 200 : 500);
    assert.equal(modelIn(recorder), mode === "BUFFERED" ? "auto" : undefined);
  });

  each(
    "a server that cannot be reached counts against it, where Envoy shows filters its own answers",
    async (t, mode) => {
      const away = (config: Json) => {
        for (const cluster of at(config, "static_resources", "clusters") as Json[])
          if (cluster["name"] === "gemini") delete cluster["transport_socket"];
      };
      const { stage } = await stageFor(t, { binary, mode, models: { small: 1, medium: 1, large: 1 }, change: away });
      const { status } = await post(stage.envoy.url, HELLO.replace("auto", "medium"));
      assert.equal(status, 503);
      const record = await firstRecord(stage);
      const isShown = !execFileSync(binary, ["--version"], { encoding: "utf8" }).includes("/1.36.");
      assert.deepEqual(
        record.attempts.map(({ result }) => result),
        isShown ? ["upstream_error"] : [],
      );
    },
  );

  each("three megabytes pass", async (t, mode) => {
    const { stage, recorder } = await stageFor(t, { binary, mode });
    const body = HELLO.replace(":[", `:${" ".repeat(3_000_000)}[`);
    assert.equal((await post(stage.envoy.url, body)).status, 200);
    assert.equal(recorder.take()?.body, body.replace('"auto"', '"small-v1"'));
  });

  each("Envoy's own limit of a megabyte binds whole bodies alone", async (t, mode) => {
    const change = (config: Json) =>
      delete (at(config, "static_resources", "listeners", 0) as Json)["per_connection_buffer_limit_bytes"];
    const { stage } = await stageFor(t, { binary, mode, change });
    const { status } = await post(stage.envoy.url, HELLO.replace(":[", `:${" ".repeat(3_000_000)}[`));
    assert.equal(status, mode === "BUFFERED" ? 413 : 200);
  });

  each("trailers of a client end its request, where nothing is tried again", async (t, mode) => {
    // With a retry policy Envoy sends a streamed body that has trailers twice over, in one request.
    const change = (config: Json) => {
      if (mode === "BUFFERED") return;
      const host = at(
        config,
        "static_resources",
        "listeners",
        0,
        "filter_chains",
        0,
        "filters",
        0,
        "typed_config",
        "route_config",
        "virtual_hosts",
        0,
      );
      for (const { route } of (host as { routes: Array<{ route: Json }> }).routes) delete route["retry_policy"];
    };
    const { stage, recorder } = await stageFor(t, { binary, mode, change });
    const session = connect(stage.envoy.url);
    const stream = session.request(
      { ":method": "POST", ":path": "/v1/chat/completions", "content-type": "application/json" },
      { waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-late": "1" }));
    stream.end(HELLO);
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    stream.resume();
    await once(stream, "end");
    session.close();
    assert.equal(headers[":status"], 200);
    assert.equal(recorder.take()?.body, HELLO.replace('"auto"', '"small-v1"'));
  });

  test(`a house that takes connections and says nothing costs the message timeout, and the request passes: ${binary}`, async (t) => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    t.after(() => silent.close());
    const signalbox = (silent.address() as AddressInfo).port;
    const filter = (ours: Json) => void (ours["message_timeout"] = "0.3s");
    // Found sick it would not be asked at all.
    const { stage, recorder } = await stageFor(t, { binary, mode: "BUFFERED", signalbox, filter, change: unwatched });
    const { status, ms } = await post(stage.envoy.url, HELLO);
    assert.equal(status, 200);
    assert.ok(ms >= 290 && ms < 5000, `${ms} ms`);
    assert.equal(modelIn(recorder), "auto");
  });

  test(`a house that is found sick is not asked: the answer comes at once: ${binary}`, async (t) => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    t.after(() => silent.close());
    const signalbox = (silent.address() as AddressInfo).port;
    const change = (config: Json) => {
      for (const cluster of at(config, "static_resources", "clusters") as Json[])
        for (const check of (cluster["health_checks"] ?? []) as Json[])
          Object.assign(check, { timeout: "0.2s", interval: "0.2s" });
    };
    const { stage, recorder } = await stageFor(t, { binary, mode: "BUFFERED", signalbox, change });
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const { status, ms } = await post(stage.envoy.url, HELLO);
    assert.equal(status, 200);
    assert.ok(ms < 1500, `${ms} ms`);
    assert.equal(modelIn(recorder), "auto");
  });

  for (const isHeard of [true, false]) {
    const name = isHeard
      ? "a stream is let go where overrides are heard"
      : "a stream comes whole, and late, where they are not";
    test(`a buffered answer: ${name}: ${binary}`, async (t) => {
      const slow = await startFakeModel({ behave: { slow: 50 } });
      t.after(() => slow.close());
      const filter = (ours: Json) => {
        ours["allow_mode_override"] = isHeard;
        (ours["processing_mode"] as Json)["response_body_mode"] = "BUFFERED";
      };
      const models = { small: slow.port, medium: slow.port, large: slow.port };
      const { stage } = await stageFor(t, { binary, mode: "BUFFERED", models, filter });
      const response = await fetch(`${stage.envoy.url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: HELLO.replace("{", '{"stream":true,'),
      });
      const arrivals: number[] = [];
      let text = "";
      for await (const chunk of response.body!) {
        arrivals.push(performance.now());
        text += Buffer.from(chunk).toString("utf8");
      }
      assert.match(text, /\[DONE\]\n\n$/u);
      const spread = arrivals.at(-1)! - arrivals[0]!;
      assert.ok(isHeard ? spread > 100 : spread < 100, `${spread} ms`);
    });
  }
}
