/** What a client's `cache-control` asks of stored answers. */
export interface Directives {
  /** no-cache: an answer of its own. */
  readonly looks: boolean;
  /** no-store: none is kept, nor looked for. */
  readonly keeps: boolean;
  /** max-age: an older one will not do. */
  readonly freshMs: number;
}

/** Reads the request header; what it does not know has no effect. */
export function directivesIn(header: string | undefined): Directives {
  const named = new Map<string, string>();
  for (const part of (header ?? "").toLowerCase().split(",")) {
    const [name, value = ""] = part.trim().split("=", 2);
    named.set(name!.trim(), value.trim().replaceAll('"', ""));
  }
  const age = named.get("max-age");
  const seconds = age ? Number(age) : Number.NaN;
  const keeps = !named.has("no-store");
  return {
    looks: keeps && !named.has("no-cache"),
    keeps,
    freshMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : Infinity,
  };
}
