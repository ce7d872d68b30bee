import { httpUpstream, rootOf, withQuery } from "./http.ts";
import { listOpenAi } from "./listing.ts";
import type { OptionsOf } from "./options.ts";
import type { Sockets } from "./sockets.ts";
import type { Upstream } from "./upstream.ts";

/**
 * Azure OpenAI: OpenAI's API below `/openai/v1`, or with an `api_version` below the path of each deployment, which is
 * what a target calls its model.
 */
export function azure(name: string, options: OptionsOf<"azure">, sockets: Sockets): Upstream {
  const { api_version: version } = options;
  // People copy the URL of the resource with what comes below it.
  const root = `${rootOf(options).replace(/\/openai(?:\/v1)?$/u, "")}/openai`;
  return httpUpstream(name, options, sockets, {
    speaks: version === undefined ? ["openai-chat", "openai-responses"] : ["openai-chat"],
    credential: (key) => ({ "api-key": key }),
    place(path, model) {
      if (version === undefined) return `${root}/v1${path}`;
      const below = model === "" ? root : `${root}/deployments/${encodeURIComponent(model)}`;
      return withQuery(below + path, { "api-version": version });
    },
    async list(get) {
      await listOpenAi(get);
      return undefined;
    },
  });
}
