import { gemini } from "./gemini.ts";
import { openai } from "./openai.ts";
import type { UpstreamOptions } from "./options.ts";
import type { Sockets } from "./sockets.ts";
import type { Upstream } from "./upstream.ts";
import { vllm } from "./vllm.ts";

/** The kinds there are. Adding one: its file, its options, a line here, its test. */
const KINDS: Record<UpstreamOptions["kind"], typeof openai> = { openai, vllm, gemini };

/** @param sockets from `createSockets(originOf(options), options)`; they outlive the upstream */
export function createUpstream(name: string, options: UpstreamOptions, sockets: Sockets): Upstream {
  return KINDS[options.kind](name, options, sockets);
}
