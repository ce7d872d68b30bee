/** Signalbox, model servers and the real proxy between them and a client, from the files that the README shows. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createChannel, type RouterEvent } from "../../src/events.ts";
import { startSignalbox } from "../../src/server/start.ts";
import type { Script } from "../fakes/apis/script.ts";
import { type ApiRequest, startFakeApi } from "../fakes/apis/server.ts";
import { clientOf, config, type House } from "../rig/house.ts";
import { ADAPTER, MASTER, shown, startLitellm, type Proxy } from "./litellm-rig.ts";
import { SAID } from "./said.ts";
import { startVeil, type Veil } from "./veil.ts";
import { inPlaceOf, type Victim } from "./victim.ts";

export const KEY = "key-of-litellm-0001";
const README = join(ADAPTER, "README.md");

export interface Scene {
  readonly house: House;
  readonly veil: Veil;
  readonly proxy: Proxy;
  /** Models whose server has an error, by what their server calls them. */
  readonly broken: Set<string>;
  /** With the operator's key, unless `headers` say otherwise. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** What reached a model server, in its order; LiteLLM asks for lists of models too. */
  sent(): readonly ApiRequest[];
  /** Signalbox as a process of its own, in the place of house and veil until it is closed. */
  outside(): Promise<Victim>;
  close(): Promise<void>;
}

export interface SceneOptions {
  /** Which of the README's files LiteLLM reads. */
  readonly file?: "litellm.yaml" | "litellm-config-only.yaml" | "litellm-upstream.yaml";
  readonly env?: Readonly<Record<string, string>>;
  /** Lies beside the config. */
  readonly files?: Readonly<Record<string, string>>;
  /** Changes what the README shows. */
  readonly litellm?: (text: string) => string;
  /** The same of Signalbox's config; `url` is where the model servers are. */
  readonly signalbox?: (text: string, url: string) => string;
  /** What the models say, instead of `SAID`. */
  readonly says?: (request: ApiRequest) => Script;
}

export async function startScene(options: SceneOptions = {}): Promise<Scene> {
  const broken = new Set<string>();
  const fake = await startFakeApi("openai", {
    script: (request) =>
      broken.has((request.json as { model: string }).model)
        ? { error: "server_error" }
        : (options.says?.(request) ?? SAID),
  });
  const ported = (text: string) => text.replaceAll(/http:\/\/127\.0\.0\.1:800[12]\/v1/gu, fake.url);
  const server = shown(README, "signalbox.yaml").replace(":8080", ":0").replace(":9090", ":0");
  const yaml = options.signalbox?.(ported(server), fake.url) ?? ported(server);
  const keys = { SIGNALBOX_KEY: KEY, HOUSE_KEY: "of-the-house", CLOUD_KEY: "of-the-cloud" };
  const box = await startSignalbox(config(yaml, keys), createChannel());
  const events: RouterEvent[] = [];
  box.channel.subscribe((event) => events.push(event));
  const veil = await startVeil(box.url);
  const text = shown(README, options.file ?? "litellm.yaml");
  const whole = ported(options.litellm?.(text) ?? text).replaceAll("http://127.0.0.1:8080", veil.url);
  const proxy = await startLitellm(
    whole,
    // Its cores are shared here: a decision that a machine of its own makes in time must not come late.
    { SIGNALBOX_DEADLINE_MS: "2000", SIGNALBOX_URL: veil.url, ...keys, ...options.env },
    options.files,
  );
  return {
    house: { ...box, events, ...clientOf(box.url) },
    veil,
    proxy,
    broken,
    post: (path, body, headers = {}) =>
      fetch(proxy.url + path, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${MASTER}`, ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    sent: () => fake.requests.filter(({ path }) => path !== "/v1/models"),
    outside: () => inPlaceOf(veil, yaml, keys),
    async close() {
      await proxy.stop();
      await veil.close();
      await box.stop();
      await fake.close();
    },
  };
}

/** What was told of a decision, as soon as there is so much. */
export async function outcomesOf(house: House, decisionId: string | null, count: number) {
  const told = () =>
    house.events.flatMap((event) =>
      event.kind === "outcome" && event.outcome.decisionId === decisionId
        ? [{ ...event.outcome, model: event.model }]
        : [],
    );
  for (const until = performance.now() + 10_000; told().length < count && performance.now() < until;) await sleep(20);
  return told();
}
