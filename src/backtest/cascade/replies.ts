import { BadLine, type Fields, fieldsOf, has, type Line, textAt } from "../../outcomes/line.ts";
import type { Passed } from "../../outcomes/open.ts";
import { UnfitOutcomes } from "../../outcomes/outcome.ts";

/** What one model said to one row. */
export interface Reply {
  readonly text: string;
  /** Natural logarithms of its tokens' probabilities, where they were recorded. */
  readonly logprobs?: Float64Array;
}

/** By id of the row, in the order of the models; undefined for a model that has none. */
export type Replies = ReadonlyMap<string, readonly (Reply | undefined)[]>;

/** More than any recorded set has: the rest of a file is not read. */
const MOST_REPLIES = 200_000;
const MOST_LOGPROBS = 100_000;
/** Of all replies together, which bounds the memory that they take. */
const MOST_LOGPROBS_IN_ALL = 50_000_000;

/**
 * Reads JSON lines with `qid` (or `id`), `model`, `reply`, and `logprobs` where they were recorded; of a reply that
 * comes twice the later one counts.
 * @param models whose replies are wanted
 * Errors: UnfitOutcomes where there are more log-probabilities than can be held.
 */
export async function readReplies(
  lines: AsyncIterable<Line>,
  models: readonly string[],
  onto: Pick<Passed, "bad">,
): Promise<Replies> {
  const found = new Map<string, (Reply | undefined)[]>();
  let [read, held] = [0, 0];
  for await (const line of lines) {
    if (++read > MOST_REPLIES) break;
    try {
      const fields = fieldsOf(line);
      const id = textAt(fields, has(fields, "qid") ? "qid" : "id");
      const at = models.indexOf(textAt(fields, "model"));
      const reply = replyIn(fields);
      if (at < 0) continue;
      held += reply.logprobs?.length ?? 0;
      if (held > MOST_LOGPROBS_IN_ALL) throw new UnfitOutcomes(tooMany(line.number));
      const row = found.get(id) ?? models.map(() => undefined);
      row[at] = reply;
      found.set(id, row);
    } catch (error) {
      if (!(error instanceof BadLine)) throw error;
      onto.bad(line.number, error.message);
    }
  }
  return found;
}

function replyIn(fields: Fields): Reply {
  const text = textAt(fields, "reply");
  if (!has(fields, "logprobs")) return { text };
  const { logprobs } = fields;
  const isLogarithm = (one: unknown) => typeof one === "number" && one <= 0;
  if (!Array.isArray(logprobs) || !logprobs.every(isLogarithm)) {
    throw new BadLine('column "logprobs" is no list of numbers of 0 or less, one a token');
  }
  if (logprobs.length > MOST_LOGPROBS) throw new BadLine(`column "logprobs" has more than ${MOST_LOGPROBS} entries`);
  return { text, logprobs: Float64Array.from(logprobs as readonly number[]) };
}

const tooMany = (line: number) =>
  `by line ${line} the replies hold more than ${MOST_LOGPROBS_IN_ALL} log-probabilities; leave out models that are not cheap ones, or rows`;
