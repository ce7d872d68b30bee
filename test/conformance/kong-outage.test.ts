/** What the table of adapters/kong/README.md promises while Signalbox is down, hangs, is slow or talks nonsense. */
import assert from "node:assert/strict";
import { connect, createServer, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { percentile, type Reply } from "../acceptance/load.ts";
import { threeModels } from "../rig/house.ts";
import { connectionsTo, freePorts, pluginBefore, skip, startRig, type Rig } from "./kong-rig.ts";
import { listening, load, sendJson, startUpstream, WHOLE, type Upstream } from "./kong-scene.ts";
import { Victim } from "./victim.ts";

const TIMEOUT_MS = 300;
const PER_SECOND = 100;
/** What a busy machine may add to a deadline. */
const LEEWAY_MS = 700;
const RECOVERY_MS = 15_000;

/** A wire to Signalbox that can be made slow. */
async function startWire(to: number): Promise<{ port: number; delay(ms: number): void; close(): void }> {
  let delayMs = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const behind = connect(to, "127.0.0.1");
    sockets.add(client);
    const end = () => [client, behind].forEach((socket) => socket.destroy());
    for (const socket of [client, behind]) socket.on("error", end).on("close", end);
    client.on("data", (data) => behind.write(data));
    behind.on("data", (data) => void sleep(delayMs).then(() => client.writable && client.write(data)));
  });
  const port = await listening(server);
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port, delay: (ms) => void (delayMs = ms), close };
}

const errorsOf = (replies: readonly Reply[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, headers } of replies) {
    const key = `${status} ${String(headers["x-signalbox-error"] ?? headers["x-signalbox-model"])}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
};

describe("while Signalbox is away, a hundred requests a second", { skip }, () => {
  let upstream: Upstream;
  let victim: Victim;
  let wire: Awaited<ReturnType<typeof startWire>>;
  const rigs: Record<"pass" | "refuse", Rig> = {} as never;

  before(async () => {
    upstream = await startUpstream();
    upstream.answer((_, response) => sendJson(response, WHOLE));
    const url = `${upstream.origin}/v1`;
    const [port, admin] = await freePorts();
    const server = `server:\n  listen: 127.0.0.1:${port}\n  admin: { listen: "127.0.0.1:${admin}" }\n`;
    const yaml = server + threeModels({ small: url, medium: url, large: url });
    victim = new Victim(`http://127.0.0.1:${port}`, yaml);
    await victim.start();
    wire = await startWire(port);
    for (const on_error of ["pass", "refuse"] as const) {
      const plugin = {
        url: `http://127.0.0.1:${wire.port}`,
        timeout_ms: TIMEOUT_MS,
        on_error,
        ...(on_error === "pass" && { default_model: "default-v1" }),
      };
      rigs[on_error] = await startRig(pluginBefore(upstream.origin, plugin), { workers: 2 });
    }
  });
  after(async () => {
    await Promise.all(Object.values(rigs).map((rig) => rig.close()));
    wire.close();
    await victim.close();
    await upstream.close();
  });

  /** Every request is answered within the deadline, as the config wants it. */
  async function holds(seconds: number): Promise<void> {
    for (const [on_error, rig] of Object.entries(rigs)) {
      const before = upstream.arrived.length;
      const replies = await load(rig, PER_SECOND, seconds);
      assert.equal(replies.length, PER_SECOND * seconds);
      const wanted = on_error === "pass" ? 200 : 503;
      assert.ok(
        replies.every(({ status, cut }) => status === wanted && !cut),
        JSON.stringify(errorsOf(replies)),
      );
      const p99 = percentile(
        replies.map(({ ms }) => ms),
        0.99,
      );
      assert.ok(p99 < TIMEOUT_MS + LEEWAY_MS, `${on_error}: p99 ${p99} ms`);
      const arrived = upstream.arrived.slice(before);
      assert.equal(arrived.length, on_error === "pass" ? replies.length : 0);
      for (const { body, headers } of arrived) {
        assert.equal((JSON.parse(body.toString()) as { model: string }).model, "default-v1");
        assert.equal(headers["x-selected-model"], "default-v1");
      }
    }
  }

  /** Both gateways decide again, and nobody restarted them. */
  async function recovers(): Promise<void> {
    for (const rig of Object.values(rigs)) {
      const until = performance.now() + RECOVERY_MS;
      // A second in which all of them are decided; a busy machine may need more than one to get there.
      while ((errorsOf(await load(rig, PER_SECOND, 1))["200 small"] ?? 0) < PER_SECOND)
        assert.ok(performance.now() < until, "no recovery");
    }
  }

  test("are decided while it is well", recovers);

  test("pass or are refused while it is killed, and are decided once it is back", async () => {
    await victim.kill();
    await holds(2);
    await victim.start();
    await recovers();
  });

  test("pass or are refused at the deadline while it hangs, and are decided once it goes on", async () => {
    victim.signal("SIGSTOP");
    await holds(2);
    victim.signal("SIGCONT");
    await recovers();
  });

  test("pass or are refused at the deadline while it is slow, and are decided once it is not", async () => {
    wire.delay(1000);
    await holds(2);
    wire.delay(0);
    await sleep(1200);
    await recovers();
  });

  test("leave no connection behind but those that are kept", async () => {
    await sleep(2500);
    const kept = connectionsTo(wire.port);
    assert.ok(kept <= 2 * 2 * 64, `${kept} connections`);
    // That a connection was reset by whoever was killed is nginx's own remark.
    const ours = Object.values(rigs).flatMap((rig) => rig.errors().filter((line) => !line.includes("recv() failed")));
    assert.deepEqual(ours, []);
  });
});
