import { createDepth, type Depth } from "./depth.ts";
import { escapeJson } from "./layer.ts";
import { createMatcher, FIRST_SIGN, type Matcher } from "./match.ts";
import type { Placeholder, Placeholders } from "../../contracts.ts";

/** What restores the placeholders of one map. */
export interface Restoring {
  readonly matcher: Matcher;
  /** True where a value would break JSON that it is put into as it is: then it is known how deep each place stands. */
  readonly escapes: boolean;
}

export function createRestoring(placeholders: Placeholders): Restoring {
  const entries: readonly Placeholder[] = placeholders.reveal();
  return { matcher: createMatcher(entries), escapes: entries.some(({ value }) => escapeJson(value) !== value) };
}

/** One text of an answer, as it comes. */
export interface TextRestorer {
  /** What can be told of the text by now. What may be the beginning of a placeholder is kept. */
  push(text: string): string;
  /** What is kept still. */
  end(): string;
  readonly kept: string;
}

export function createTextRestorer({ matcher, escapes }: Restoring): TextRestorer {
  let kept = "";
  const depth = escapes ? createDepth() : undefined;

  function restore(text: string, isLast: boolean): string {
    let out = "";
    let done = 0;
    const take = (end: number) => {
      const piece = text.slice(done, end);
      depth?.push(piece);
      done = end;
      return piece;
    };
    let isOpen = false;
    for (let at = nextSign(text, 0); at !== -1 && !isOpen; at = nextSign(text, Math.max(done, at + 1))) {
      const match = matcher.match(text, at);
      isOpen = match === "open" && !isLast;
      if (match !== undefined && match !== "open") {
        out += take(at) + escapedAt(match.value, depth);
        take(match.end);
      } else if (isOpen) out += take(at);
    }
    if (!isOpen) out += take(text.length);
    kept = text.slice(done);
    return out;
  }

  return {
    push: (text) => restore(kept + text, false),
    end: () => restore(kept, true),
    get kept() {
      return kept;
    },
  };
}

/** A whole text. */
export function restoreText(restoring: Restoring, text: string): string {
  const restorer = createTextRestorer(restoring);
  return restorer.push(text) + restorer.end();
}

function nextSign(text: string, from: number): number {
  FIRST_SIGN.lastIndex = from;
  return FIRST_SIGN.exec(text)?.index ?? -1;
}

function escapedAt(value: string, depth: Depth | undefined): string {
  let escaped = value;
  for (let level = depth?.depth ?? 0; level > 0; level--) escaped = escapeJson(escaped);
  return escaped;
}
