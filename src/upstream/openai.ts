import { httpUpstream } from "./http.ts";
import type { UpstreamOptions } from "./options.ts";
import type { Sockets } from "./sockets.ts";
import type { Upstream } from "./upstream.ts";

/** OpenAI itself, and whatever speaks its API without more ado. */
export function openai(name: string, options: UpstreamOptions, sockets: Sockets): Upstream {
  return httpUpstream(name, options, sockets);
}
