import { bearer, httpUpstream, rootOf } from "./http.ts";
import { listOpenAi } from "./listing.ts";
import type { OptionsOf } from "./options.ts";
import type { Sockets } from "./sockets.ts";
import type { Upstream } from "./upstream.ts";

const HEALTH = "/health";

/** A vLLM server: OpenAI's API, with a key or without. */
export function vllm(name: string, options: OptionsOf<"vllm">, sockets: Sockets): Upstream {
  const root = rootOf(options);
  const speaks = options.apis ?? ["openai-chat"];
  return httpUpstream(name, options, sockets, {
    speaks,
    takesThoughts: true,
    ...(speaks.includes("openai-chat") && { resumes: "openai-chat" }),
    health: HEALTH,
    // It stands beside the version of the API.
    place: (path) => (path === HEALTH ? root.replace(/\/v1$/u, "") : root) + path,
    credential: bearer,
    list: listOpenAi,
  });
}
