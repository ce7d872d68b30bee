import type { Timeouts, WireApi } from "../contracts.ts";
import { exchange } from "./exchange.ts";
import { createKeyRing } from "./keys.ts";
import { type GetJson, readJson } from "./listing.ts";
import { keysOf, type UpstreamOptions } from "./options.ts";
import { originOf, type Sockets } from "./sockets.ts";
import { type Listed, type Upstream, UpstreamFailure, type UpstreamResponse } from "./upstream.ts";

const LIST_TIMEOUTS: Timeouts = { connectMs: 5000, firstTokenMs: 10_000, totalMs: 15_000 };

/** Ours to set, the connection's, or the client's secrets: none of them is passed on. */
const WITHHELD = new Set(
  `authorization content-type content-length content-encoding accept-encoding host user-agent
   connection keep-alive proxy-connection transfer-encoding te trailer upgrade expect
   proxy-authorization cookie x-api-key api-key x-goog-api-key`.split(/\s+/u),
);

type Headers = Readonly<Record<string, string>>;

/** How one kind of upstream differs from the others. */
export interface Manners {
  readonly speaks: readonly WireApi[];
  /** False by default. */
  readonly takesThoughts?: boolean;
  readonly resumes?: Upstream["resumes"];
  /** The header that carries a key. */
  credential(key: string): Headers;
  /** Headers of every request that does not bring its own. */
  readonly headers?: Headers;
  /** Where a path below the base URL really is; below its path by default. */
  place?(path: string, model: string): string;
  /** Path below the base URL that says whether it is well; its list of models by default. */
  readonly health?: string;
  /** @param get fetches a path below the base URL */
  list(get: GetJson): Promise<readonly Listed[] | undefined>;
}

export const bearer = (key: string): Headers => ({ authorization: `Bearer ${key}` });

/** An upstream that is asked over HTTP. The kinds are made of this and say only where they differ. */
export function httpUpstream(name: string, options: UpstreamOptions, sockets: Sockets, manners: Manners): Upstream {
  if (sockets.origin !== originOf(options)) throw new Error(`upstream ${name}: the sockets lead to another origin`);
  const keys = keysOf(options);
  const ring = keys.length > 0 ? createKeyRing(keys, sockets.keys) : undefined;
  const own = {
    "user-agent": "signalbox",
    // What arrives is stamped and passed on as it is, so it must be plain.
    "accept-encoding": "identity",
  };
  const configured = lowerCased(options.headers ?? {});
  const place = manners.place ?? ((path: string) => rootOf(options) + path);

  function ask(request: Asked): Promise<UpstreamResponse> {
    const { model, headers, timeouts, ...rest } = request;
    const path = withQuery(place(request.path, model), options.query ?? {});
    const started = performance.now();
    let queuedMs = 0;
    const send = async (key?: string): Promise<UpstreamResponse> => {
      const credential = key === undefined ? {} : manners.credential(key);
      const spentMs = performance.now() - started - queuedMs;
      const response = await exchange(sockets, {
        ...rest,
        path,
        headers: { ...manners.headers, ...headers, ...own, ...credential, ...configured },
        timeouts: less(timeouts, spentMs),
      });
      queuedMs += response.queuedMs;
      return { ...response, queuedMs };
    };
    return ring === undefined ? send() : ring.ask(model, send);
  }

  return {
    name,
    kind: options.kind,
    baseUrl: options.url,
    location: options.location,
    speaks: manners.speaks,
    takesThoughts: manners.takesThoughts ?? false,
    ...(manners.resumes && { resumes: manners.resumes }),
    send: ({ headers, ...request }) =>
      ask({ ...request, method: "POST", headers: { ...passable(headers), "content-type": "application/json" } }),
    async isWell(abort) {
      const request = { method: "GET", path: manners.health ?? "/models", model: "", headers: {} } as const;
      try {
        const { status, body } = await ask({ ...request, timeouts: LIST_TIMEOUTS, abort });
        body.destroy();
        return status < 500;
      } catch (caught) {
        return caught instanceof UpstreamFailure && caught.unsent ? undefined : false;
      }
    },
    listModels: (abort) =>
      manners.list(async (path) => {
        const request = { method: "GET", path, model: "", headers: {}, timeouts: LIST_TIMEOUTS, abort } as const;
        const response = await ask(request);
        if (response.status === 200) return readJson(response.body);
        response.body.destroy();
        throw new UpstreamFailure("upstream_error", `GET /models answered ${response.status}`, response);
      }),
  };
}

type Asked = Parameters<typeof exchange>[1] & { readonly model: string };

/** The path of the base URL, without a slash at its end. */
export function rootOf({ url }: Pick<UpstreamOptions, "url">): string {
  return new URL(url).pathname.replace(/\/+$/u, "");
}

/** A path with more parameters than it may have already. */
export function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const more = new URLSearchParams(query).toString();
  if (more === "") return path;
  return `${path}${path.includes("?") ? "&" : "?"}${more}`;
}

function lowerCased(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** What a request has left when another key was tried before. */
function less(timeouts: Timeouts, spentMs: number): Timeouts {
  const left = (ms: number) => Math.max(1, ms - spentMs);
  if (spentMs < 1) return timeouts;
  return { ...timeouts, firstTokenMs: left(timeouts.firstTokenMs), totalMs: left(timeouts.totalMs) };
}

function passable(headers: Headers): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!WITHHELD.has(lower) && !lower.startsWith("x-signalbox-")) passed[lower] = value;
  }
  return passed;
}
