const LONGEST = 64;

/**
 * A name that a config may hold, made of what somebody else calls a thing: the end of a path, in small letters. One
 * that is `taken` gets a number. The name is taken then.
 */
export function nameFor(text: string, taken: Set<string>, kind: string): string {
  const end = text.slice(text.lastIndexOf("/", text.length - 2) + 1);
  return unique(plain(end, kind), taken);
}

/** The same with the text as it is, as far as a config may hold it. */
export function nameLike(text: string, taken: Set<string>, kind: string): string {
  return unique(NAME.test(text) && !(text in Object.prototype) ? text : plain(text, kind), taken);
}

const NAME = /^[a-zA-Z][a-zA-Z0-9._:/-]{0,127}$/u;

function plain(text: string, kind: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/gu, "-")
    .replaceAll(/^-+|-+$/gu, "")
    .slice(0, LONGEST);
  return /^[a-z]/u.test(name) && !(name in Object.prototype) ? name : name === "" ? kind : `${kind}-${name}`;
}

function unique(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
  taken.add(free);
  return free;
}
