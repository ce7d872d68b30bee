import { httpUpstream, withQuery } from "./http.ts";
import { listedOn, listPages } from "./listing.ts";
import type { OptionsOf } from "./options.ts";
import type { Sockets } from "./sockets.ts";
import type { Upstream } from "./upstream.ts";

/** What we write ourselves is of this version; what a client wrote goes out as the version that it names. */
const VERSION = "2023-06-01";

/** Anthropic itself, and whatever speaks its API. */
export function anthropic(name: string, options: OptionsOf<"anthropic">, sockets: Sockets): Upstream {
  return httpUpstream(name, options, sockets, {
    speaks: ["anthropic-messages"],
    resumes: "anthropic-messages",
    credential: (key) => ({ "x-api-key": key }),
    headers: { "anthropic-version": VERSION },
    list: (get) =>
      listPages(
        get,
        (after) => withQuery("/models", { limit: "1000", ...(after !== undefined && { after_id: after }) }),
        (page) => listedOn(page, "data", "id"),
        (page) => (page["has_more"] === true ? page["last_id"] : undefined),
      ),
  });
}
