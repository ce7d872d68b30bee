import { UnfitOutcomes } from "./outcome.ts";

/** A field longer than this is a quote that was never closed. */
const MOST_CHARACTERS = 16 * 1024 * 1024;
const MOST_COLUMNS = 2000;

interface Record {
  /** On which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Records of a CSV file as RFC 4180 has them; line breaks and commas may stand in quotes. Errors: UnfitOutcomes. */
async function* readCsv(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Record> {
  const decoder = new TextDecoder();
  const machine = createMachine();
  for await (const chunk of bytes) yield* machine.read(decoder.decode(chunk, { stream: true }));
  yield* machine.read(decoder.decode());
  yield* machine.end();
}

function createMachine() {
  let [line, began] = [1, 1];
  let cells: string[] = [];
  let cell = "";
  /** `closed`: after the quote that may have ended the cell; a second one right behind it is a letter. */
  let state: "open" | "quoted" | "closed" = "open";

  const endCell = () => {
    cells.push(cell);
    cell = "";
    if (cells.length > MOST_COLUMNS) throw new UnfitOutcomes(`line ${line} has more than ${MOST_COLUMNS} columns`);
  };
  const endRecord = (): Record | undefined => {
    endCell();
    const record = { line: began, cells };
    cells = [];
    state = "open";
    return record.cells.length === 1 && record.cells[0] === "" ? undefined : record;
  };

  function* read(text: string): Generator<Record> {
    for (const letter of text) {
      if (letter === "\n") line += 1;
      if (state === "quoted" && letter !== '"') cell += letter;
      else if (state === "quoted") state = "closed";
      else if (letter === '"' && state === "closed") {
        cell += '"';
        state = "quoted";
      } else if (letter === '"' && cell === "") state = "quoted";
      else if (letter === ",") {
        endCell();
        state = "open";
      } else if (letter === "\n") {
        const record = endRecord();
        began = line;
        if (record) yield record;
      } else if (state === "closed" && letter !== "\r") {
        throw new UnfitOutcomes(`line ${line}: something stands between a closing quote and the next comma`);
      } else if (letter !== "\r" && letter !== "\ufeff") cell += letter;
      if (cell.length > MOST_CHARACTERS) throw new UnfitOutcomes(`line ${began}: a quote is not closed`);
    }
  }
  function* end(): Generator<Record> {
    if (state === "quoted") throw new UnfitOutcomes(`line ${began}: a quote is not closed`);
    const record = endRecord();
    if (record) yield record;
  }
  return { read, end };
}

const PREFIXES = { score: "scores", tokens: "output_tokens", cost: "cost_usd", latency: "latency_ms" } as const;
const PLAIN: readonly string[] = ["prompt", "id", "category", "input_tokens"];

/** Where each column's cells go: a place of the row, or under a model's name within it. */
type Place = { readonly at: string; readonly model?: string };

const HELP =
  "columns are prompt, score:MODEL, and where known tokens:MODEL, cost:MODEL, latency:MODEL, input_tokens, id, category";

/** CSV as rows of our own form, one JSON text a row. Errors: UnfitOutcomes, which names the line. */
export async function* convertCsv(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let places: readonly Place[] | undefined;
  for await (const { line, cells } of readCsv(bytes)) {
    if (places === undefined) places = placesOf(cells);
    else yield JSON.stringify(rowOf(cells, places, line));
  }
  if (places === undefined) throw new UnfitOutcomes(`the file is empty; ${HELP}`);
}

function placesOf(head: readonly string[]): Place[] {
  const places = head.map((name): Place => {
    const column = name.trim();
    if (PLAIN.includes(column)) return { at: column };
    const colon = column.indexOf(":");
    const prefix = column.slice(0, Math.max(0, colon));
    const model = column.slice(colon + 1).trim();
    if (!Object.hasOwn(PREFIXES, prefix) || model === "") {
      throw new UnfitOutcomes(`line 1: no column is called ${JSON.stringify(column.slice(0, 80))}; ${HELP}`);
    }
    return { at: PREFIXES[prefix as keyof typeof PREFIXES], model };
  });
  const has = (at: string) => places.some((place) => place.at === at);
  if (!has("prompt") || !has("scores")) throw new UnfitOutcomes(`line 1: no prompt, or no score:MODEL; ${HELP}`);
  const keys = places.map(({ at, model = "" }) => `${at}:${model}`);
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined) throw new UnfitOutcomes(`line 1: two columns say the same`);
  return places;
}

function rowOf(cells: readonly string[], places: readonly Place[], line: number): object {
  if (cells.length !== places.length) {
    throw new UnfitOutcomes(`line ${line} has ${cells.length} columns where the head has ${places.length}`);
  }
  const row: { [at: string]: unknown } = {};
  for (const [column, { at, model }] of places.entries()) {
    const cell = cells[column]!;
    if (at === "prompt") row[at] = cell;
    else if (cell.trim() === "") continue;
    else if (at === "id" || at === "category") row[at] = cell;
    else if (model === undefined) row[at] = numberIn(cell, column, line);
    else row[at] = { ...(row[at] as object | undefined), [model]: numberIn(cell, column, line) };
  }
  if (row["scores"] === undefined) throw new UnfitOutcomes(`line ${line}: no model has a score`);
  return row;
}

function numberIn(cell: string, column: number, line: number): number {
  const number = Number(cell);
  if (Number.isFinite(number)) return number;
  throw new UnfitOutcomes(`line ${line}: column ${column + 1} is no number`);
}
