import { httpUpstream, rootOf } from "./http.ts";
import { listOpenAi } from "./listing.ts";
import type { OptionsOf } from "./options.ts";
import type { Sockets } from "./sockets.ts";
import type { Upstream } from "./upstream.ts";

/** Versions of the older API are dates; `preview` and its like are those of `/openai/v1`. */
const DATED = /^\d{4}-\d{2}-\d{2}/u;

/**
 * Azure OpenAI: OpenAI's API below `/openai/v1`, or where the query names a dated `api-version` below the path of each
 * deployment, which is what a target calls its model.
 */
export function azure(name: string, options: OptionsOf<"azure">, sockets: Sockets): Upstream {
  const isDated = DATED.test(options.query?.["api-version"] ?? "");
  // People copy the URL of the resource with what comes below it.
  const root = `${rootOf(options).replace(/\/openai(?:\/v1)?$/u, "")}/openai`;
  return httpUpstream(name, options, sockets, {
    speaks: isDated ? ["openai-chat"] : ["openai-chat", "openai-responses"],
    credential: (key) => ({ "api-key": key }),
    place(path, model) {
      if (!isDated) return `${root}/v1${path}`;
      return (model === "" ? root : `${root}/deployments/${encodeURIComponent(model)}`) + path;
    },
    async list(get) {
      await listOpenAi(get);
      return undefined;
    },
  });
}
