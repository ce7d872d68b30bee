import { anthropic } from "./anthropic.ts";
import { azure } from "./azure.ts";
import { gemini } from "./gemini.ts";
import { openai } from "./openai.ts";
import type { UpstreamOptions } from "./options.ts";
import type { Sockets } from "./sockets.ts";
import type { Upstream } from "./upstream.ts";
import { vllm } from "./vllm.ts";

/** @param sockets from `createSockets(options, clock)`; they outlive the upstream */
export function createUpstream(name: string, options: UpstreamOptions, sockets: Sockets): Upstream {
  // The kinds there are; the compiler finds one that is missing. Adding one: its file, its options, its line, its test.
  switch (options.kind) {
    case "openai":
      return openai(name, options, sockets);
    case "vllm":
      return vllm(name, options, sockets);
    case "gemini":
      return gemini(name, options, sockets);
    case "anthropic":
      return anthropic(name, options, sockets);
    default:
      return azure(name, options, sockets);
  }
}
