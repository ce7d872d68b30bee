import { BadLine, fieldsOf, has, type Line, textAt } from "../../outcomes/line.ts";
import type { Passed } from "../../outcomes/open.ts";

/** Texts of replies by id of the row, in the order of the models; undefined for a model that has none. */
export type Replies = ReadonlyMap<string, readonly (string | undefined)[]>;

/** More than any recorded set has: the rest of a file is not read. */
const MOST_REPLIES = 200_000;

/**
 * Reads JSON lines with `qid` (or `id`), `model` and `reply`; of a reply that comes twice the later one counts.
 * @param models whose replies are wanted
 */
export async function readReplies(
  lines: AsyncIterable<Line>,
  models: readonly string[],
  onto: Pick<Passed, "bad">,
): Promise<Replies> {
  const found = new Map<string, (string | undefined)[]>();
  let read = 0;
  for await (const line of lines) {
    if (++read > MOST_REPLIES) break;
    try {
      const fields = fieldsOf(line);
      const id = textAt(fields, has(fields, "qid") ? "qid" : "id");
      const at = models.indexOf(textAt(fields, "model"));
      const reply = textAt(fields, "reply");
      if (at < 0) continue;
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
