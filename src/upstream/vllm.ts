import { httpUpstream } from "./http.ts";
import type { UpstreamOptions } from "./options.ts";
import type { Sockets } from "./sockets.ts";
import type { Upstream } from "./upstream.ts";

/** A vLLM server: OpenAI's API, with a key or without. */
export function vllm(name: string, options: UpstreamOptions, sockets: Sockets): Upstream {
  return httpUpstream(name, options, sockets);
}
