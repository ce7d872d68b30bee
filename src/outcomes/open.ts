import { columnarForm, readMeta } from "./columnar.ts";
import { BadLine, fieldsOf, type Line } from "./line.ts";
import { type OutcomeFacts, type OutcomeRow, UnfitOutcomes } from "./outcome.ts";
import { isOwnForm, ownRow, surveyed } from "./own-form.ts";

/** A file of recorded outcomes, whatever its form. It can be read as often as it is asked for. */
export interface OutcomeFile {
  readonly facts: OutcomeFacts;
  /** One row after the other, in the order of the file; what is no row is told and passed over. */
  rows(onto: Passed): AsyncGenerator<OutcomeRow>;
}

/** What becomes of lines that are no rows. */
export interface Passed {
  bad(line: number, problem: string): void;
  /** A row that the published figures of its set leave out. */
  leftOut(): void;
}

const FORMS =
  'it is neither JSON lines with "prompt" and "scores", nor one of the columnar sets with "qid" and a NAME.meta.json beside it';

/**
 * @param lines the file, from its start each time
 * @param meta the JSON beside a columnar file
 * Errors: UnfitOutcomes, and whatever the lines throw.
 */
export async function openOutcomes(lines: () => AsyncIterable<Line>, meta: unknown): Promise<OutcomeFile> {
  const first = await firstRow(lines());
  if (isOwnForm(first.fields)) {
    const facts = await surveyed(lines());
    return { facts, rows: (onto) => read(lines(), onto, (line) => ownRow(fieldsOf(line), facts.models, line.number)) };
  }
  const form = columnarForm(first.fields);
  if (form === undefined) throw new UnfitOutcomes(`line ${first.line} is no row of outcomes: ${FORMS}`);
  if (meta === undefined) throw new UnfitOutcomes(`it is columnar, and no NAME.meta.json lies beside it`);
  const { models, prices } = readMeta(meta);
  return {
    facts: { models, prices, tokensCounted: false, lengths: form.lengths },
    rows: (onto) => read(lines(), onto, (line) => form.row(fieldsOf(line), models)),
  };
}

async function firstRow(lines: AsyncIterable<Line>) {
  let bad = "";
  for await (const line of lines) {
    try {
      return { line: line.number, fields: fieldsOf(line) };
    } catch (error) {
      if (!(error instanceof BadLine)) throw error;
      bad ||= `; line ${line.number} ${error.message}`;
    }
  }
  throw new UnfitOutcomes(bad === "" ? "the file holds no rows" : `no line is a row${bad}`);
}

async function* read(
  lines: AsyncIterable<Line>,
  onto: Passed,
  parse: (line: Line) => OutcomeRow | undefined,
): AsyncGenerator<OutcomeRow> {
  for await (const line of lines) {
    let row: OutcomeRow | undefined;
    try {
      row = parse(line);
    } catch (error) {
      if (!(error instanceof BadLine)) throw error;
      onto.bad(line.number, error.message);
      continue;
    }
    if (row === undefined) onto.leftOut();
    else yield row;
  }
}
