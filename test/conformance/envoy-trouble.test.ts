import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connectGateway, requestHeaders } from "../fakes/ext-proc.ts";
import { startFakeModel } from "../fakes/model.ts";
import { startRecorder } from "../fakes/recorder.ts";
import { closeCalls } from "../rig/chooser.ts";
import { BINARIES, WHY_SKIPPED } from "../rig/envoy.ts";
import { corpusConfig } from "./corpus/expected.ts";
import {
  at,
  HELLO,
  MODES,
  modelIn,
  post,
  stageFor,
  startStage,
  TRUSTED,
  unwatched,
  withMetadata,
} from "./envoy-stage.ts";
import { startLoad, startWayTo } from "./envoy-way.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
const PER_SECOND = 100;

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
    t.after(async () => {
      await stage.close();
      way.close();
      recorder.close();
    });

    const load = startLoad(stage.envoy.url, PER_SECOND);
    await sleep(1000);
    way.become("silent");
    await sleep(4000);
    way.become("open");
    await sleep(1500);
    way.become("shut");
    await sleep(3000);
    way.become("open");
    await sleep(4500);
    const fired = await load.stop();
    const failed = fired.filter(({ status }) => status !== 200).map(({ status }) => status);
    assert.deepEqual(failed, [], `${failed.length} of ${fired.length}`);
    assert.ok(fired.length > 300, String(fired.length));
    // Nothing was restarted, and decisions are made again.
    await post(stage.envoy.url, HELLO);
    assert.equal(modelIn(recorder), "small-v1");
  });

  test(`pieces are refused until Signalbox is found sick, and pass from then on, under ${PER_SECOND} a second: ${binary}`, async (t) => {
    let way!: Awaited<ReturnType<typeof startWayTo>>;
    const change = (config: Record<string, unknown>) => {
      const manager = at(config, "static_resources", "listeners", 0, "filter_chains", 0, "filters", 0, "typed_config");
      (manager as Record<string, unknown>)["stream_idle_timeout"] = "2s";
    };
    const { stage, recorder } = await stageFor(t, {
      binary,
      mode: "FULL_DUPLEX_STREAMED",
      change,
      between: async (port) => (way = await startWayTo(port)).port,
    });
    t.after(() => way.close());
    const health = async (wanted: 0 | 1): Promise<number> => {
      for (let tries = 0; tries < 200; tries++) {
        if ((await stage.envoy.stat("cluster.signalbox.membership_healthy")) === wanted) return performance.now();
        await sleep(50);
      }
      throw new Error(`Signalbox was never found ${wanted ? "well" : "sick"}`);
    };
    /** Under way while something changes, a request may see either. */
    const EDGE_MS = 300;
    const load = startLoad(stage.envoy.url, PER_SECOND);
    t.after(() => load.stop());
    const trouble: Array<readonly [from: number, until: number]> = [];
    for (const state of ["silent", "shut"] as const) {
      await sleep(1500);
      const from = performance.now() - EDGE_MS;
      way.become(state);
      trouble.push([from, (await health(0)) + EDGE_MS]);
      await sleep(1500);
      way.become("open");
      await health(1);
    }
    await sleep(1500);
    const fired = await load.stop();
    const isTroubled = ({ sentAt }: (typeof fired)[number]) =>
      trouble.some(([from, until]) => sentAt >= from && sentAt <= until);
    const lost = fired.filter((one) => one.status !== 200 && !isTroubled(one));
    assert.deepEqual(lost, [], "outside of the time until it was found sick every request is answered");
    const refused = fired.filter(({ status }) => status !== 200);
    assert.ok(refused.length > 10, "pieces were in somebody's hands who was gone");
    assert.deepEqual(
      refused.filter(({ status }) => status !== 500 && status !== 504),
      [],
    );
    await post(stage.envoy.url, HELLO);
    assert.equal(modelIn(recorder), "small-v1", "nothing was restarted, and decisions are made again");
  });

  for (const mode of MODES) {
    test(`while decisions are slow each request passes when its time is up, under ${PER_SECOND} a second: ${binary} in ${mode}`, async (t) => {
      const chooser = await startFakeModel({ behave: "hang" });
      t.after(() => chooser.close());
      const { stage } = await stageFor(t, {
        binary,
        mode,
        config: closeCalls({ models: urls.small, chooser: chooser.url }, "percent: 100, deadline_ms: 5000"),
        filter: withMetadata("x-signalbox-deadline-ms", "200"),
      });
      const load = startLoad(stage.envoy.url, PER_SECOND);
      await sleep(3000);
      const fired = await load.stop();
      assert.deepEqual(
        fired.filter(({ status }) => status !== 200),
        [],
      );
      assert.ok(fired.length > 100, String(fired.length));
      const waits = fired.map(({ ms }) => ms).toSorted((a, b) => a - b);
      assert.ok(waits[Math.floor(waits.length / 2)]! < 2500, `${waits.at(-1)} ms`);
      assert.ok(
        waits.some((ms) => ms > 150),
        "the decision was waited for",
      );
    });
  }

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
