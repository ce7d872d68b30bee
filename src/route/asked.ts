import { RouterError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import type { RouteInput } from "./input.ts";

/** What the client asked for: a choice of ours, a model of the pool by name, or one that we do not know. */
export type Asked =
  | { readonly kind: "choice"; readonly profile: string | undefined }
  | { readonly kind: "model"; readonly model: string }
  | { readonly kind: "stranger"; readonly model: string };

/** Errors: unknown_profile; forbidden for a model that the client's key may not use. */
export function readAsked(runtime: Runtime, { prompt, caller, profile }: RouteInput): Asked {
  const name = prompt.model || runtime.aliases[0]!;
  const colon = name.indexOf(":");
  const alias = colon < 0 ? name : name.slice(0, colon);
  if (runtime.aliases.includes(alias) && !runtime.pool.byName.has(name)) {
    const wanted = profile ?? (colon < 0 ? undefined : name.slice(colon + 1));
    if (wanted !== undefined && !runtime.profiles.has(wanted)) {
      throw new RouterError(
        "unknown_profile",
        `There is no such profile. Known: ${[...runtime.profiles.keys()].join(", ")}.`,
        { param: "model" },
      );
    }
    return { kind: "choice", profile: wanted };
  }
  const allowed = caller.models?.includes(name) ?? true;
  if (!allowed)
    throw new RouterError("forbidden", "This client key may not use the model that it asks for.", { param: "model" });
  return { kind: runtime.pool.byName.has(name) ? "model" : "stranger", model: name };
}
