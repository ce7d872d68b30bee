import { checkConfig, type Accepted } from "../../src/config/check.ts";
import type { LoadEncoder } from "../../src/encoders.ts";
import { createChannel, type RouterEvent } from "../../src/events.ts";
import { startSignalbox, type Signalbox } from "../../src/server/start.ts";

export interface House extends Signalbox {
  /** Everything that went out on the channel. */
  readonly events: RouterEvent[];
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** RouteRequest over Connect JSON. */
  route(request: object, headers?: Record<string, string>): Promise<Response>;
}

/** A config that must be whole, from its text. */
export function config(yaml: string, env: Record<string, string> = {}): Accepted {
  const checked = checkConfig(yaml, { env, readFile: () => "" });
  if ("problems" in checked)
    throw new Error(checked.problems.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  return checked;
}

/**
 * A whole Signalbox on free ports, from the text of a config without its `server` part, or with `serverPart` as that.
 * @param loadEncoder instead of the real one, where its weights are beside the point
 */
export async function startHouse(yaml: string, serverPart = "", loadEncoder?: LoadEncoder): Promise<House> {
  const box = await startSignalbox(config(withPorts(yaml, serverPart)), createChannel(), loadEncoder);
  const events: RouterEvent[] = [];
  box.channel.subscribe((event) => events.push(event));
  return { ...box, events, ...clientOf(box.url) };
}

/** Who asks a house at this URL. */
export function clientOf(url: string): Pick<House, "post" | "route"> {
  const post: House["post"] = (path, body, headers = {}) =>
    fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { post, route: (request, headers) => post("/signalbox.v1.RouterService/RouteRequest", request, headers) };
}

/** Ports that the system chooses, and a short drain. */
export function withPorts(yaml: string, serverPart = ""): string {
  return `server:\n  listen: 127.0.0.1:0\n  drain_ms: 500\n  admin: { listen: "127.0.0.1:0" }\n${serverPart}\n${yaml}`;
}

/**
 * Three models over three upstreams at these base URLs; `large` is the fallback. The quick breaker suits tests. Nothing
 * is learned, so that no encoder is loaded.
 */
export function threeModels(urls: { small: string; medium: string; large: string }, more = ""): string {
  return `
upstreams:
  s: { kind: vllm, url: "${urls.small}" }
  m: { kind: openai, url: "${urls.medium}", key: key-of-m }
  l: { kind: openai, url: "${urls.large}", key: key-of-l }
breaker: { minimum_requests: 3, window_ms: 2000, reset_ms: 300 }
tiers:
  small: { quality: 0.5, timeouts: { connect_ms: 300, first_token_ms: 400, total_ms: 1500 } }
  medium: { quality: 0.75, timeouts: { connect_ms: 300, first_token_ms: 400, total_ms: 1500 } }
  large: { quality: 0.95, timeouts: { connect_ms: 300, first_token_ms: 400, total_ms: 1500 } }
models:
  small: { tier: small, price: { input: 0.1, output: 0.2 }, targets: [{ upstream: s, model: small-v1 }] }
  medium: { tier: medium, price: { input: 1, output: 2 }, targets: [{ upstream: m, model: medium-v1 }] }
  large: { tier: large, price: { input: 5, output: 15 }, modalities: [text, image], targets: [{ upstream: l, model: large-v1 }] }
signals: { complexity: { learned: false }, jailbreak: { learned: false }, pii: { learned: false } }
safety: { jailbreak: { action: block }, pii: { action: internal } }
decision: { fallback: large }
${more}`;
}
