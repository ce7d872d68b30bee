/** Names of members and positions of elements, from the outermost value inwards. */
export type Path = readonly (string | number)[];

/**
 * A literal of a JSON document, quotes included, in bytes. `path` leads to it, or to the member that a key names; it is
 * good for the visit only.
 */
export interface Literal {
  readonly kind: "string" | "key" | "number";
  readonly path: Path;
  readonly offset: number;
  readonly length: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/** Shows each string, key and number of valid JSON, first to last. */
export function walkJson(json: Uint8Array, visit: (literal: Literal) => void): void {
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  const path: (string | number)[] = [];
  const last = () => path.length - 1;
  let isKeyNext = false;
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      const length = stringEnd(bytes, at) - at;
      if (isKeyNext) path[last()] = keyOf(bytes, at, length);
      visit({ kind: isKeyNext ? "key" : "string", path, offset: at, length });
      isKeyNext = false;
      at += length;
    } else if (isNumber(byte)) {
      let end = at + 1;
      while (end < bytes.length && !endsScalar(bytes[end]!)) end += 1;
      visit({ kind: "number", path, offset: at, length: end - at });
      at = end;
    } else {
      if (byte === 0x7b) path.push("");
      else if (byte === 0x5b) path.push(0);
      else if (byte === 0x7d || byte === 0x5d) path.pop();
      else if (byte === COMMA && typeof path[last()] === "number") path[last()] = (path[last()] as number) + 1;
      isKeyNext = byte === 0x7b || (byte === COMMA && typeof path[last()] === "string");
      at = byte === 0x7b || byte === COMMA ? skipSpace(bytes, at + 1) : at + 1;
    }
  }
}

function skipSpace(bytes: Uint8Array, at: number): number {
  while (at < bytes.length && bytes[at]! <= 0x20) at += 1;
  return at;
}

function keyOf(bytes: Buffer, offset: number, length: number): string {
  const inner = bytes.toString("utf8", offset + 1, offset + length - 1);
  return inner.includes("\\") ? String(JSON.parse(`"${inner}"`)) : inner;
}

/** Behind the closing quote. Strings may hold megabytes, so quotes are looked for, not bytes looked at. */
function stringEnd(bytes: Buffer, offset: number): number {
  for (let at = bytes.indexOf(QUOTE, offset + 1); at !== -1; at = bytes.indexOf(QUOTE, at + 1)) {
    let slashes = 0;
    while (bytes[at - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
  return bytes.length;
}

function isNumber(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d;
}

function endsScalar(byte: number): boolean {
  return byte <= 0x20 || byte === COMMA || byte === 0x5d || byte === 0x7d;
}
