import type { Timeouts } from "../contracts.ts";
import { exchange } from "./exchange.ts";
import type { UpstreamOptions } from "./options.ts";
import { originOf, type Sockets } from "./sockets.ts";
import { type Upstream, type UpstreamBody, UpstreamFailure } from "./upstream.ts";

const LIST_TIMEOUTS: Timeouts = { connectMs: 5000, firstTokenMs: 10_000, totalMs: 15_000 };
const LIST_BYTES = 8_388_608;

/** Ours to set, the connection's, or the client's secrets: none of them is passed on. */
const WITHHELD = new Set(
  `authorization content-type content-length content-encoding accept-encoding host user-agent
   connection keep-alive proxy-connection transfer-encoding te trailer upgrade expect
   proxy-authorization cookie x-api-key api-key x-goog-api-key`.split(/\s+/u),
);

/** An upstream that speaks OpenAI's HTTP API. The kinds are made of this and say only where they differ. */
export function httpUpstream(name: string, options: UpstreamOptions, sockets: Sockets): Upstream {
  if (sockets.origin !== originOf(options)) throw new Error(`upstream ${name}: the sockets lead to another origin`);
  const root = new URL(options.url).pathname.replace(/\/+$/u, "");
  const own: Readonly<Record<string, string>> = {
    "user-agent": "signalbox",
    // What arrives is stamped and passed on as it is, so it must be plain.
    "accept-encoding": "identity",
    ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }),
  };

  return {
    name,
    kind: options.kind,
    baseUrl: options.url,
    location: options.location,
    send: ({ path, body, headers, timeouts, abort }) =>
      exchange(sockets, {
        method: "POST",
        path: root + path,
        headers: { ...passable(headers), ...own, "content-type": "application/json" },
        body,
        timeouts,
        abort,
      }),
    async listModels(abort) {
      const response = await exchange(sockets, {
        method: "GET",
        path: `${root}/models`,
        headers: own,
        timeouts: LIST_TIMEOUTS,
        abort,
      });
      if (response.status === 200) return idsOf(await readJson(response.body));
      response.body.destroy();
      throw new UpstreamFailure("upstream_error", `GET /models answered ${response.status}`, response);
    },
  };
}

function passable(headers: Readonly<Record<string, string>>): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!WITHHELD.has(lower) && !lower.startsWith("x-signalbox-")) passed[lower] = value;
  }
  return passed;
}

async function readJson(body: UpstreamBody): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > LIST_BYTES)
      throw new UpstreamFailure("upstream_error", `GET /models answered over ${LIST_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new UpstreamFailure("upstream_error", "GET /models answered something that is not JSON");
  }
}

function idsOf(list: unknown): string[] {
  const data: unknown = typeof list === "object" && list !== null && "data" in list ? list.data : undefined;
  if (!Array.isArray(data)) throw new UpstreamFailure("upstream_error", "GET /models answered without a list");
  return data.flatMap((entry: unknown) =>
    typeof entry === "object" && entry !== null && "id" in entry && typeof entry.id === "string" ? [entry.id] : [],
  );
}
