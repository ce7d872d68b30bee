/** A house behind the real Envoy, in front of model servers, with the config that users are given. */
import { readFileSync } from "node:fs";
import { request, type Agent } from "node:http";
import { connect } from "node:net";
import { createServer } from "node:tls";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { parse } from "yaml";
import { startRecorder, type Recorder } from "../fakes/recorder.ts";
import { createAuthority } from "../rig/certificates.ts";
import { startEnvoy, type Endpoint, type Envoy } from "../rig/envoy.ts";
import { startHouse, type House } from "../rig/house.ts";
import { corpusConfig } from "./corpus/expected.ts";

const ADAPTER = join(import.meta.dirname, "../../adapters/envoy");
export const MODES = ["BUFFERED", "FULL_DUPLEX_STREAMED"] as const;
export type Mode = (typeof MODES)[number];
export const KEYS = { OPENAI_API_KEY: "key-of-openai", GEMINI_API_KEY: "key-of-gemini" };

type Json = { [name: string]: unknown };

export interface Stage {
  readonly house: House;
  readonly envoy: Envoy;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly binary: string;
  readonly mode: Mode;
  /** Ports of the model servers. */
  readonly models: { readonly small: number; readonly medium: number; readonly large: number };
  /** The config of the house without its `server` part. */
  readonly config: string;
  /** Changes the filter that the listener has, after its mode was set. */
  readonly filter?: (filter: Json) => void;
  /** Changes the whole config. */
  readonly change?: (config: Json) => void;
  /** Where Envoy finds the house, where that is not its own port. */
  readonly signalbox?: number;
  /** Puts something between Envoy and the house, whose port is given and whose own is the answer. */
  readonly between?: (port: number) => Promise<number>;
  /** The `server` part of the config, but for its ports. */
  readonly server?: string;
}

export const TRUSTED = "  auth: { trusted: [127.0.0.1], tenant_header: x-tenant }";

export async function startStage(options: StageOptions): Promise<Stage> {
  const { binary, mode, models, config, filter, change } = options;
  const house = await startHouse(config, options.server ?? TRUSTED);
  const port = Number(new URL(house.url).port);
  const authority = createAuthority();
  const fronts = await Promise.all(
    [models.medium, models.large].map((port) => startTls(port, authority.issue("localhost"))),
  );
  const [gemini, openai] = fronts.map(({ port }): Endpoint => ({ port, ca: authority.cert }));
  const clusters = {
    signalbox: { port: options.signalbox ?? (await options.between?.(port)) ?? port },
    vllm: { port: models.small },
    gemini: gemini!,
    openai: openai!,
  };
  const envoy = await startEnvoy(binary, join(ADAPTER, "envoy.yaml"), clusters, {
    env: KEYS,
    change(whole) {
      const ours = filterOf(whole);
      if (mode === "FULL_DUPLEX_STREAMED")
        Object.assign(ours, parse(readFileSync(join(ADAPTER, "full-duplex.yaml"), "utf8")));
      filter?.(ours);
      change?.(whole);
    },
  });
  return {
    house,
    envoy,
    async close() {
      await envoy.stop();
      await house.stop();
      for (const front of fronts) front.close();
    },
  };
}

/** The filter in the first listener. */
function filterOf(config: Json): Json {
  const found = at(
    config,
    "static_resources",
    "listeners",
    0,
    "filter_chains",
    0,
    "filters",
    0,
    "typed_config",
    "http_filters",
    0,
    "typed_config",
  );
  return found as Json;
}

export function at(config: Json, ...path: ReadonlyArray<string | number>): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Record<string | number, unknown>)[step], config);
}

/** TLS before a server that has none. */
async function startTls(to: number, { cert, key }: { cert: string; key: string }) {
  const server = createServer({ cert, key }, (client) => {
    const inner = connect(to, "127.0.0.1");
    client.on("error", () => inner.destroy()).pipe(inner);
    inner.on("error", () => client.destroy()).pipe(client);
  });
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

export const HELLO = JSON.stringify({ model: "auto", messages: [{ role: "user", content: "hello" }] });
const UNUSED = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };

/** A stage over one model server for all, closed when the test ends. */
export async function stageFor(
  t: TestContext,
  more: Pick<StageOptions, "binary" | "mode"> & Partial<StageOptions>,
): Promise<{ stage: Stage; recorder: Recorder }> {
  const recorder = await startRecorder();
  const models = { small: recorder.port, medium: recorder.port, large: recorder.port };
  const stage = await startStage({ models, config: corpusConfig(UNUSED), ...more });
  t.after(async () => {
    await stage.close();
    recorder.close();
  });
  return { stage, recorder };
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

export function post(url: string, body: string, agent?: Agent): Promise<Answered> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request(
      `${url}/v1/chat/completions`,
      { method: "POST", headers, ...(agent && { agent }) },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text, ms: performance.now() - started }));
        response.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** The model that the last request asked for. */
export const modelIn = (recorder: Recorder): unknown =>
  (JSON.parse(recorder.take()?.body ?? "{}") as { model?: unknown }).model;

/** Nobody asks whether Signalbox is well. */
export function unwatched(config: Json): void {
  for (const cluster of at(config, "static_resources", "clusters") as Json[]) delete cluster["health_checks"];
}

/** Changes what the filter's config says to us. */
export function withMetadata(key: string, value: string): (filter: Json) => void {
  return (filter) => {
    const list = at(filter, "grpc_service", "initial_metadata") as Array<{ key: string; value: string }>;
    const known = list.find((each) => each.key === key);
    if (known) known.value = value;
    else list.push({ key, value });
  };
}
