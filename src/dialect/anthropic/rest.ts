import { unsupported, type Fields } from "../shape.ts";

/** What may stand in an error: what a client calls a member, or a kind, may be any text. */
const PLAIN = /^[A-Za-z_][\w-]{0,63}$/;

/** Marks for a cache stand on blocks of every kind and say nothing of the answer. */
const MARK = "cache_control";

/** Refuses, by its name, each member that no reader takes and that says something. `path` is empty at the top. */
export function refuseRest(fields: Fields, known: ReadonlySet<string>, path: string): void {
  for (const [name, value] of Object.entries(fields)) {
    if (name === MARK || known.has(name) || saysNothing(value)) continue;
    if (PLAIN.test(name)) unsupported(path === "" ? name : `${path}.${name}`, "it has no equal in its API");
    unsupported(path || "body", "a member of it is unknown");
  }
}

/** Refuses a block or a tool of a kind that only this API has. */
export function refuseKind(kind: string, path: string): never {
  return unsupported(path, `${PLAIN.test(kind) ? kind : "its kind"} has no equal in its API`);
}

function saysNothing(value: unknown): boolean {
  return value === null || value === false || (Array.isArray(value) && value.length === 0);
}
