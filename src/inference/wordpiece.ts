import {
  ACCENT,
  DROPPED,
  foldOf,
  foldPoint,
  foldSigma,
  HAN,
  isPairAt,
  kindOf,
  LETTER,
  PUNCTUATION,
  SIGMA,
  SPACE,
} from "./folding.ts";
import { step, type Vocabulary } from "./vocabulary.ts";

/** Tokens of a text, without the special ones. Positions in UTF-16 units of the text. */
export interface Tokens {
  readonly ids: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Where reading stopped; the length of the text where all of it was read. */
  readonly next: number;
  /** True where the text has more tokens than `limit`. */
  readonly cut: boolean;
}

export interface Reach {
  /** Most tokens; the last word may be cut short. No limit by default. */
  readonly limit?: number;
  /** Where to begin: 0, or `next` of the slice before. */
  readonly from?: number;
  /** Stop between two words once this many units were read. No limit by default. */
  readonly units?: number;
}

/** Linear in the text, whatever it holds, and never throws. */
export interface WordPiece {
  encode(text: string, reach?: Reach): Tokens;
}

/** A longer word is unknown as a whole, as it is to every BERT tokenizer. In code points. */
const LONGEST_WORD = 100;

/** A text of at most so many UTF-16 units is kept with its tokens: it is read for its meaning, then for what it holds. */
const KEPT_UNITS = 4096;

/**
 * The uncased BERT tokenizer, with positions. Tokens are those of the usual implementations but for one thing: the
 * names of special tokens in a text, such as `[SEP]`, are plain characters, since whoever writes a prompt must not
 * write control tokens.
 */
export function createWordPiece(vocabulary: Vocabulary): WordPiece {
  const output = createOutput();
  const word = createWord(vocabulary, output);
  let kept: { readonly text: string; readonly tokens: Tokens } | undefined;
  return {
    encode(text, { limit = Infinity, from = 0, units = Infinity } = {}) {
      const isWhole = from === 0 && text.length <= units;
      if (isWhole && kept?.text === text && kept.tokens.ids.length <= limit) return kept.tokens;
      output.back(0);
      word.begin(limit);
      const next = read(text, from, units, word);
      const tokens = { ...output.taken(), next: next < 0 ? -1 - next : next, cut: next < 0 };
      if (isWhole && !tokens.cut && text.length <= KEPT_UNITS) kept = { text, tokens };
      return tokens;
    },
  };
}

/** Where reading stopped; below zero, as -1 - position, where it stopped at the limit. */
function read(text: string, from: number, units: number, word: Word): number {
  const { length } = text;
  let at = from;
  while (at < length) {
    const unit = text.charCodeAt(at);
    const kind = kindOf(unit);
    if (kind === LETTER) {
      word.add(foldOf(unit), at, at + 1, 1);
      at++;
    } else if (kind === SPACE) {
      if (!word.end()) return -1 - word.rest();
      at++;
      if (at - from >= units) return at;
    } else if (kind === PUNCTUATION) {
      if (!word.end()) return -1 - word.rest();
      word.add(foldOf(unit), at, at + 1, 1);
      if (!word.end()) return -1 - word.rest();
      at++;
      if (at - from >= units) return at;
    } else if (kind === DROPPED) {
      at++;
    } else if (kind === ACCENT) {
      word.extend(++at);
    } else if (kind === SIGMA) {
      word.add(foldSigma(text, at), at, at + 1, 1);
      at++;
    } else {
      const end = isPairAt(text, at) ? at + 2 : at + 1;
      if (!addPoint(text.codePointAt(at)!, kind === HAN, at, end, word)) return -1 - word.rest();
      at = end;
      if (kind === HAN && at - from >= units) return at;
    }
  }
  return word.end() ? length : -1 - word.rest();
}

function addPoint(point: number, isHan: boolean, start: number, end: number, word: Word): boolean {
  const { units, isAccent, isPunctuation } = foldPoint(point);
  if (isAccent) word.extend(end);
  if (units === "") return true;
  const isAlone = isHan || isPunctuation;
  if (isAlone && !word.end()) return false;
  for (let at = 0; at < units.length; at++) {
    // The second half of a pair is no character of its own.
    const isSecond = at > 0 && isPairAt(units, at - 1);
    word.add(units.charCodeAt(at), start, end, isSecond ? 0 : 1);
  }
  return !isAlone || word.end();
}

/** The word that is being read, folded. */
interface Word {
  /** Begins a text of at most so many tokens. */
  begin(limit: number): void;
  /** Adds one folded unit, which stands for `start` to `end` of the text. `characters` is 0 or 1. */
  add(unit: number, start: number, end: number, characters: number): void;
  /** Lets its last character reach to `end`: an accent followed. */
  extend(end: number): void;
  /** Ends the word, if there is one, and gives its tokens out. False where they exceed the limit. */
  end(): boolean;
  /** Where the first token begins that exceeded the limit. */
  rest(): number;
}

function createWord(vocabulary: Vocabulary, output: Output): Word {
  const { letters, tokens, unknown, inside } = vocabulary;
  const folded = new Uint16Array(2 * LONGEST_WORD);
  const starts = new Int32Array(2 * LONGEST_WORD);
  const ends = new Int32Array(2 * LONGEST_WORD);
  let limit = 0;
  let length = 0;
  let characters = 0;
  let begin = 0;
  let finish = 0;
  let rest = -1;

  function give(id: number, start: number, end: number): boolean {
    if (output.count() < limit) {
      output.add(id, start, end);
      return true;
    }
    if (rest < 0) rest = start;
    return false;
  }

  /** The longest token first, then the longest that continues it, and so on; all of it or none. */
  function split(): boolean {
    const before = output.count();
    let exceeded = false;
    for (let at = 0; at < length;) {
      let node = at === 0 ? 0 : inside;
      let id = -1;
      let after = at;
      for (let ahead = at; ahead < length; ahead++) {
        node = step(vocabulary, node, letters[folded[ahead]!]!);
        if (node < 0) break;
        if (tokens[node]! >= 0) {
          id = tokens[node]!;
          after = ahead + 1;
        }
      }
      if (id < 0) {
        output.back(before);
        rest = -1;
        return give(unknown, begin, finish);
      }
      // Goes on past the limit: a word with an unknown end is one token, whatever its beginning.
      exceeded ||= !give(id, starts[at]!, ends[after - 1]!);
      at = after;
    }
    return !exceeded;
  }

  return {
    begin(most) {
      limit = most;
      length = 0;
      characters = 0;
      rest = -1;
    },
    add(unit, start, end, count) {
      if (characters === 0) begin = start;
      finish = end;
      characters += count;
      if (characters > LONGEST_WORD || length === folded.length) return;
      folded[length] = unit;
      starts[length] = start;
      ends[length++] = end;
    },
    extend(end) {
      if (characters === 0) return;
      finish = end;
      if (characters <= LONGEST_WORD) ends[length - 1] = end;
    },
    end() {
      if (characters === 0) return true;
      const isWhole = characters > LONGEST_WORD ? give(unknown, begin, finish) : split();
      length = 0;
      characters = 0;
      return isWhole;
    },
    rest: () => rest,
  };
}

/** Tokens given out so far, in arrays that grow and serve the next text too. */
interface Output {
  count(): number;
  add(id: number, start: number, end: number): void;
  /** Forgets all tokens but the first `count`. */
  back(count: number): void;
  taken(): Pick<Tokens, "ids" | "starts" | "ends">;
}

/** Tokens that there is room for from the beginning. */
const FIRST_ROOM = 2048;

function createOutput(): Output {
  let ids = new Int32Array(FIRST_ROOM);
  let starts = new Int32Array(FIRST_ROOM);
  let ends = new Int32Array(FIRST_ROOM);
  let count = 0;
  function grow(): void {
    const larger = (values: Int32Array) => {
      const grown = new Int32Array(2 * values.length);
      grown.set(values);
      return grown;
    };
    [ids, starts, ends] = [larger(ids), larger(starts), larger(ends)] as [typeof ids, typeof ids, typeof ids];
  }
  return {
    count: () => count,
    add(id, start, end) {
      if (count === ids.length) grow();
      ids[count] = id;
      starts[count] = start;
      ends[count++] = end;
    },
    back: (to) => void (count = to),
    taken: () => ({ ids: ids.slice(0, count), starts: starts.slice(0, count), ends: ends.slice(0, count) }),
  };
}
