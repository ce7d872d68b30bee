import { bearer, httpUpstream } from "./http.ts";
import { listOpenAi } from "./listing.ts";
import type { OptionsOf } from "./options.ts";
import type { Sockets } from "./sockets.ts";
import type { Upstream } from "./upstream.ts";

/** OpenAI itself, and whatever speaks its API without more ado. */
export function openai(name: string, options: OptionsOf<"openai">, sockets: Sockets): Upstream {
  const speaks = options.apis ?? ["openai-chat", "openai-responses"];
  return httpUpstream(name, options, sockets, {
    speaks,
    // Who speaks chat completions alone is not OpenAI.
    takesThoughts: !speaks.includes("openai-responses"),
    credential: bearer,
    list: listOpenAi,
  });
}
