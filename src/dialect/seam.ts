import { RouterError } from "../errors.ts";
import type { StreamWriter } from "./codec.ts";
import type { Step, Tokens } from "./form.ts";

/** So far back the end of what was said is compared, and so many new characters wait for it. UTF-16 units. */
const WINDOW = 200;
/** Less that is the same is chance. */
const LEAST_REPEATED = { words: 4, characters: 12 };

/** Where new words meet those that were said. */
interface Seam {
  /** What of the new words can be told now. */
  push(text: string): string;
  /** The rest, when nothing more comes. */
  end(): string;
}

/**
 * Leaves out what the new words repeat of the end of `said`, and the white space that stood behind it and that the
 * server was not shown: `space`.
 */
export function createSeam(said: string, space: string): Seam {
  const tail = said.slice(-WINDOW);
  let held = "";
  let isTold = false;

  function settle(): string {
    isTold = true;
    const fresh = held.slice(repeated(tail, held));
    return fresh.slice(sharedStart(space, fresh));
  }

  function mayMean(): boolean {
    if (held.length >= WINDOW) return false;
    const fresh = held.slice(repeated(tail, held));
    return tail.slice(0, -1).includes(held) || (fresh.length < space.length && space.startsWith(fresh));
  }

  return {
    push(text) {
      if (isTold) return text;
      held += text;
      return mayMean() ? "" : settle();
    },
    end: () => (isTold ? "" : settle()),
  };
}

/** How many characters at the beginning of `text` are the end of `tail` once more. */
function repeated(tail: string, text: string): number {
  for (let length = Math.min(tail.length, text.length); length >= LEAST_REPEATED.characters; length--) {
    const start = text.slice(0, length);
    if (tail.endsWith(start)) return wordsIn(start) >= LEAST_REPEATED.words ? length : 0;
  }
  return 0;
}

/** A character is a word where words are not set apart. */
const WORDS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}]+/gu;

const wordsIn = (text: string): number => text.match(WORDS)?.length ?? 0;

function sharedStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

/** The block whose words go on. */
const OPEN = 0;

/**
 * Writes the answer of a server that was shown the words so far as the rest of the answer that they began.
 * @param writer resumed: its block 0 is open
 * @param spent tokens of what was said before; the client is told the sum
 * Errors: upstream_failed for a model that begins anew with its thoughts.
 */
export function joinedStream(writer: StreamWriter, seam: Seam, spent: Tokens): StreamWriter {
  /** Between the numbers of the server's blocks and ours; undefined until one begins. */
  let shift: number | undefined;

  function speak(text: string): Uint8Array[] {
    return text === "" ? [] : [writer.push({ kind: "delta", index: OPEN, text })];
  }

  function close(): Uint8Array[] {
    return [...speak(seam.end()), writer.push({ kind: "block_end", index: OPEN })];
  }

  function begin(step: Extract<Step, { kind: "block" }>): Uint8Array[] {
    if (step.block.kind === "thinking")
      throw new RouterError("upstream_failed", "The upstream began anew where it was to go on.");
    if (shift !== undefined) return [writer.push({ ...step, index: step.index + shift })];
    shift = step.block.kind === "text" ? 0 : 1;
    return shift === 0 ? [] : [...close(), writer.push({ ...step, index: step.index + shift })];
  }

  function write(step: Step): Uint8Array[] {
    switch (step.kind) {
      case "start":
        return [];
      case "block":
        return begin(step);
      case "tokens":
        return [writer.push({ ...step, tokens: sumOf(spent, step.tokens) })];
      case "finish": {
        const closed = shift === undefined ? close() : [];
        return [...closed, writer.push(step)];
      }
      case "error":
        return [];
      default: {
        const index = step.index + (shift ?? 0);
        if (index !== OPEN) return [writer.push({ ...step, index })];
        if (step.kind === "delta") return speak(seam.push(step.text));
        return step.kind === "block_end" ? close() : [];
      }
    }
  }

  return {
    push: (step) => Buffer.concat(write(step)),
    end: () => writer.end(),
    error: (error) => writer.error(error),
  };
}

function sumOf(a: Tokens, b: Tokens): Tokens {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cachedInput: a.cachedInput + b.cachedInput,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    reasoning: a.reasoning + b.reasoning,
  };
}
