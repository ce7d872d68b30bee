import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connectGateway, requestHeaders } from "../fakes/ext-proc.ts";
import { startRecorder } from "../fakes/recorder.ts";
import { BINARIES, WHY_SKIPPED } from "../rig/envoy.ts";
import { corpusConfig } from "./corpus/expected.ts";
import { at, HELLO, MODES, modelIn, post, stageFor, startStage, TRUSTED, unwatched } from "./envoy-stage.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
const PER_SECOND = 100;

/** The way to Signalbox: open, silent as a house that hangs, or shut as one that is gone. */
async function startWayTo(port: number) {
  const ends = new Set<Socket>();
  let state: "open" | "silent" | "shut" = "open";
  const keep = (end: Socket): void => {
    ends.add(end);
    end.on("error", () => undefined).once("close", () => ends.delete(end));
  };
  const server = createServer((near) => {
    keep(near);
    if (state === "shut") near.destroy();
    if (state !== "open") return;
    const far = connect(port, "127.0.0.1");
    keep(far);
    near.on("data", (bytes) => state === "open" && far.write(bytes)).once("close", () => far.destroy());
    far.on("data", (bytes) => state === "open" && near.write(bytes)).once("close", () => near.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    for (const end of ends) end.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    become(next: typeof state): void {
      // Bytes that were lost would break what follows.
      if (next !== "silent") cut();
      state = next;
    },
    close() {
      server.close();
      cut();
    },
  };
}

if (WHY_SKIPPED) test("the real Envoy while Signalbox hangs and dies", { skip: WHY_SKIPPED }, () => undefined);

for (const binary of BINARIES) {
  test(`no request is lost while Signalbox hangs, dies and comes back under ${PER_SECOND} a second: ${binary}`, async (t) => {
    const recorder = await startRecorder();
    const models = { small: recorder.port, medium: recorder.port, large: recorder.port };
    let way!: Awaited<ReturnType<typeof startWayTo>>;
    const filter = (ours: Record<string, unknown>) => void (ours["message_timeout"] = "1s");
    const stage = await startStage({
      binary,
      mode: "BUFFERED",
      models,
      config: corpusConfig(urls),
      filter,
      between: async (port) => (way = await startWayTo(port)).port,
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 256 });
    t.after(async () => {
      agent.destroy();
      await stage.close();
      way.close();
      recorder.close();
    });

    const failed: string[] = [];
    let asked = 0;
    const over = new AbortController();
    const pending = new Set<Promise<void>>();
    const fire = async (): Promise<void> => {
      const { status } = await post(stage.envoy.url, HELLO, agent).catch((error: Error) => ({ status: error.message }));
      if (status !== 200) failed.push(String(status));
    };
    const clock = (async () => {
      while (!over.signal.aborted) {
        asked += 1;
        const one: Promise<void> = fire().finally(() => pending.delete(one));
        pending.add(one);
        await sleep(1000 / PER_SECOND);
      }
    })();
    await sleep(1000);
    way.become("silent");
    await sleep(4000);
    way.become("open");
    await sleep(1500);
    way.become("shut");
    await sleep(3000);
    way.become("open");
    await sleep(4500);
    over.abort();
    await clock;
    await Promise.all(pending);
    assert.deepEqual(failed, [], `${failed.length} of ${asked}`);
    assert.ok(asked > 300, String(asked));
    // Nothing was restarted, and decisions are made again.
    await post(stage.envoy.url, HELLO);
    assert.equal(modelIn(recorder), "small-v1");
  });

  test(`a filter that lets nothing pass refuses: 500 where Signalbox is down, 504 where it hangs: ${binary}`, async (t) => {
    const silent = await startWayTo(1);
    silent.become("silent");
    t.after(() => silent.close());
    const filter = (ours: Record<string, unknown>) =>
      Object.assign(ours, { failure_mode_allow: false, message_timeout: "0.3s" });
    for (const [signalbox, wanted] of [
      [1, 500],
      [silent.port, 504],
    ] as const) {
      const { stage, recorder } = await stageFor(t, { binary, mode: "BUFFERED", signalbox, filter, change: unwatched });
      assert.equal((await post(stage.envoy.url, HELLO)).status, wanted);
      assert.equal(recorder.take(), undefined);
    }
  });

  for (const mode of MODES) {
    test(`where there is no place a whole body passes, one in pieces is refused: ${binary} in ${mode}`, async (t) => {
      const { stage, recorder } = await stageFor(t, {
        binary,
        mode,
        server: `${TRUSTED}\n  limits: { concurrent: 1 }`,
      });
      const other = await connectGateway(stage.house.url);
      const held = other.open({ "x-tenant": "default" });
      held.send({
        request: requestHeaders(
          [
            [":method", "GET"],
            [":path", "/"],
          ],
          true,
        ),
      });
      await held.next();
      const { status } = await post(stage.envoy.url, HELLO);
      assert.equal(status, mode === "BUFFERED" ? 200 : 500);
      assert.equal(modelIn(recorder), mode === "BUFFERED" ? "auto" : undefined);
      await other.close();
    });
  }

  test(`pieces wait for a house that hangs until the stream has been idle for too long: ${binary}`, async (t) => {
    const silent = await startWayTo(1);
    silent.become("silent");
    t.after(() => silent.close());
    const change = (config: Record<string, unknown>) => {
      unwatched(config);
      const manager = at(config, "static_resources", "listeners", 0, "filter_chains", 0, "filters", 0, "typed_config");
      (manager as Record<string, unknown>)["stream_idle_timeout"] = "1s";
    };
    const { stage } = await stageFor(t, { binary, mode: "FULL_DUPLEX_STREAMED", signalbox: silent.port, change });
    const { status, ms } = await post(stage.envoy.url, HELLO);
    assert.equal(status, 504);
    assert.ok(ms > 900, `${ms} ms`);
  });
}
