import { bearer, httpUpstream, rootOf, withQuery } from "./http.ts";
import { listedOn, listOpenAi, listPages } from "./listing.ts";
import type { OptionsOf } from "./options.ts";
import type { Sockets } from "./sockets.ts";
import type { Listed, Upstream } from "./upstream.ts";

/**
 * Gemini through its own API, or through the OpenAI-compatible one where the base URL ends in `/openai`. Both list
 * `models/NAME` and are asked for `NAME`. The key never stands in the query, where logs on the way would keep it.
 */
export function gemini(name: string, options: OptionsOf<"gemini">, sockets: Sockets): Upstream {
  if (rootOf(options).endsWith("/openai")) {
    return httpUpstream(name, options, sockets, {
      speaks: ["openai-chat"],
      credential: bearer,
      list: async (get) => (await listOpenAi(get)).map(withoutPrefix),
    });
  }
  return httpUpstream(name, options, sockets, {
    speaks: ["gemini"],
    credential: (key) => ({ "x-goog-api-key": key }),
    list: (get) =>
      listPages(
        get,
        (after) => withQuery("/models", { pageSize: "1000", ...(after !== undefined && { pageToken: after }) }),
        (page) => listedOn(page, "models", "name", generates).map(withoutPrefix),
        (page) => page["nextPageToken"],
      ),
  });
}

const withoutPrefix = ({ id, ...rest }: Listed): Listed => ({ id: id.replace(/^models\//u, ""), ...rest });

/** Its list holds models for embeddings and others too. */
function generates({ supportedGenerationMethods: methods }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(methods) && methods.includes("generateContent");
}
