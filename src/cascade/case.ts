import type { Answer, Asked } from "./answer.ts";
import { type FinalAnswer, finalAnswer } from "./final-answer.ts";
import { answerFeatures, askedFeatures, type Features, pairFeatures } from "./features.ts";

/** One answer to be judged, with those that other models gave to the same. What is found out of it is found once. */
export interface Case {
  readonly asked: Asked;
  readonly answer: Answer;
  readonly others: readonly Answer[];
  /** The answer's text, or its beginning and its end. */
  readonly read: string;
  readonly final: FinalAnswer;
  readonly finalsOfOthers: readonly FinalAnswer[];
  readonly features: Features;
}

/** Of a longer text the beginning and the end are read: what a model came to stands at the end. In UTF-16 units. */
const MOST_READ = 8_192;
const READ_OF_START = 2_048;

export function readable(text: string): string {
  if (text.length <= MOST_READ) return text;
  return `${text.slice(0, READ_OF_START)}\n${text.slice(READ_OF_START - MOST_READ + 1)}`;
}

export function createCase(asked: Asked, answer: Answer, others: readonly Answer[] = []): Case {
  const read = readable(answer.text);
  const once = <T>(make: () => T) => {
    let made: { readonly value: T } | undefined;
    return () => (made ??= { value: make() }).value;
  };
  const final = once(() => finalAnswer(read));
  const finals = once(() => others.map(({ text }) => finalAnswer(readable(text))));
  const features = once((): Features => ({
    ...askedFeatures(readable(asked.turn)),
    ...answerFeatures(answer, read, final()),
    ...pairFeatures(
      { answer, read, final: final() },
      others.map((other, at) => ({ answer: other, read: readable(other.text), final: finals()[at]! })),
    ),
  }));
  return {
    asked,
    answer,
    others,
    read,
    get final() {
      return final();
    },
    get finalsOfOthers() {
      return finals();
    },
    get features() {
      return features();
    },
  };
}
