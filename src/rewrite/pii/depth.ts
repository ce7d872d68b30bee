/** How deep in strings of JSON the end of a text stands, as it comes. */
export interface Depth {
  push(text: string): void;
  /** 0 in plain text and between strings; 1 in a string; 2 in a string of JSON that stands in a string. */
  readonly depth: number;
}

const MOST_DEPTH = 4;
const SPACE = /\s/;
/** All that stands outside of strings in JSON. Anything else: this is text that happens to begin with a bracket. */
const OUTSIDE = /[{}[\]:,\d.+\-eEtrufalsn]/;
const ESCAPED: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

export function createDepth(): Depth {
  const root = createLevel(MOST_DEPTH);
  return {
    push(text) {
      for (let at = 0; at < text.length; at++) root.take(text[at]!);
    },
    get depth() {
      return root.depth();
    },
  };
}

interface Level {
  take(sign: string): void;
  depth(): number;
}

/** Follows a text that may be JSON. */
function createLevel(most: number): Level {
  let isPlain = most === 0;
  /** Brackets that are open. */
  let open = 0;
  let inner: Level | undefined;
  /** An escape that is not whole yet. */
  let escape = "";

  function takeInside(sign: string): void {
    if (escape !== "") {
      escape += sign;
      const isWhole = escape[1] !== "u" || escape.length === 6;
      if (!isWhole) return;
      inner!.take(
        escape[1] === "u" ? String.fromCharCode(Number.parseInt(escape.slice(2), 16)) : (ESCAPED[sign] ?? sign),
      );
      escape = "";
    } else if (sign === "\\") escape = sign;
    else if (sign === '"') inner = undefined;
    else inner!.take(sign);
  }

  return {
    take(sign) {
      if (isPlain) return;
      if (inner) return takeInside(sign);
      if (SPACE.test(sign)) return;
      if (sign === "{" || sign === "[") open += 1;
      else if (open === 0 || !(OUTSIDE.test(sign) || sign === '"')) isPlain = true;
      else if (sign === "}" || sign === "]") open -= 1;
      else if (sign === '"') inner = createLevel(most - 1);
    },
    depth: () => (inner ? 1 + inner.depth() : 0),
  };
}
