/** Work that waits to be read together with other work. */
export interface Batchable {
  /** Tokens, or an estimate of them. */
  readonly size: number;
  /** Milliseconds on the caller's clock. */
  readonly endsAt: number;
}

const MOST_TEXTS = 8;
/** Tokens of a batch, padding counted. */
const MOST_TOKENS = 1024;
/** Texts are read together where the longest has at most this many tokens more than the shortest, or half more. */
const LIKE_TOKENS = 16;
const LIKE_SHARE = 1.5;
/** How much faster than usual a text may be hoped to be read. */
const HOPE = 0.5;
/** Milliseconds for a token before any was measured: a small model on one core. */
const FIRST_GUESS = 0.08;
/** How much of an estimate the newest measurement makes up, and what is left of it each time it stopped a run. */
const NEWEST = 0.2;
const DOUBT = 0.9;

/** Chooses what is read next, by what reading has cost so far. */
export interface Batches {
  /**
   * The oldest text that can still be read in time, with others of like length that delay none of them beyond its
   * deadline. Empty where there is none. Does not change `waiting`, which is oldest first.
   */
  choose<W extends Batchable>(waiting: readonly W[], now: number): W[];
  /** Tells what reading that many tokens, padding counted, took. */
  measured(tokens: number, ms: number): void;
}

export function createBatches(): Batches {
  let msPerToken = FIRST_GUESS;
  const took = (texts: number, size: number) => texts * size * msPerToken;

  function choose<W extends Batchable>(waiting: readonly W[], now: number): W[] {
    const first = waiting.find(({ size, endsAt }) => now + HOPE * took(1, size) < endsAt);
    // What keeps all from being read must not be believed for ever.
    if (first === undefined && waiting.length > 0) msPerToken *= DOUBT;
    if (first === undefined) return [];
    const others = waiting.filter((work) => work !== first && isLike(work.size, first.size));
    others.sort((a, b) => Math.abs(a.size - first.size) - Math.abs(b.size - first.size));
    const batch = [first];
    let longest = first.size;
    let earliest = first.endsAt;
    for (const work of others) {
      if (batch.length === MOST_TEXTS) break;
      const size = Math.max(longest, work.size);
      const end = Math.min(earliest, work.endsAt);
      if ((batch.length + 1) * size > MOST_TOKENS || now + took(batch.length + 1, size) > end) continue;
      batch.push(work);
      longest = size;
      earliest = end;
    }
    return batch;
  }

  return {
    choose,
    measured(tokens, ms) {
      msPerToken += NEWEST * (ms / tokens - msPerToken);
    },
  };
}

function isLike(a: number, b: number): boolean {
  const [less, more] = a < b ? [a, b] : [b, a];
  return more - less <= LIKE_TOKENS || more <= less * LIKE_SHARE;
}
