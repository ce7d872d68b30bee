/** A word, a number as it is written, or a sign that means something (+, %, $). */
export interface Token {
  /** Folded; where a phrase was recognised, its one name for all its spellings. */
  readonly text: string;
  readonly stem: string;
  /** As it was written, accents composed. */
  readonly raw: string;
  readonly kind: "word" | "number" | "sign";
  /** Opens a sentence: a capital says nothing there. */
  readonly opens: boolean;
  /** It holds the sentence together and says nothing by itself. */
  readonly isPlain: boolean;
  /** No space lies between it and the token before. */
  readonly joined: boolean;
}

const CAPITAL = /^\p{Lu}/u;

export const isCapital = (raw: string): boolean => CAPITAL.test(raw);
