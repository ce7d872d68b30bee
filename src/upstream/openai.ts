import { bearer, httpUpstream } from "./http.ts";
import { listOpenAi } from "./listing.ts";
import type { OptionsOf } from "./options.ts";
import type { Sockets } from "./sockets.ts";
import type { Upstream } from "./upstream.ts";

/** OpenAI itself, and whatever speaks its API without more ado. */
export function openai(name: string, options: OptionsOf<"openai">, sockets: Sockets): Upstream {
  return httpUpstream(name, options, sockets, {
    speaks: options.apis ?? ["openai-chat", "openai-responses"],
    credential: bearer,
    list: listOpenAi,
  });
}
