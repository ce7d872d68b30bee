import { httpUpstream } from "./http.ts";
import type { UpstreamOptions } from "./options.ts";
import type { Sockets } from "./sockets.ts";
import type { Upstream } from "./upstream.ts";

/** Gemini through its OpenAI-compatible endpoint. It lists `models/NAME` and is asked for `NAME`. */
export function gemini(name: string, options: UpstreamOptions, sockets: Sockets): Upstream {
  const upstream = httpUpstream(name, options, sockets);
  return {
    ...upstream,
    listModels: async (abort) => (await upstream.listModels(abort)).map((id) => id.replace(/^models\//u, "")),
  };
}
