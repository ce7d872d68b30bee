import { bearer, httpUpstream } from "./http.ts";
import { listOpenAi } from "./listing.ts";
import type { OptionsOf } from "./options.ts";
import type { Sockets } from "./sockets.ts";
import type { Upstream } from "./upstream.ts";

/** A vLLM server: OpenAI's API, with a key or without. */
export function vllm(name: string, options: OptionsOf<"vllm">, sockets: Sockets): Upstream {
  return httpUpstream(name, options, sockets, {
    speaks: options.apis ?? ["openai-chat"],
    takesThoughts: true,
    credential: bearer,
    list: listOpenAi,
  });
}
