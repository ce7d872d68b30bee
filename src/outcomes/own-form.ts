import { estimateTokens } from "../text/tokens.ts";
import { amountOf, BadLine, type Fields, fieldsOf, has, type Line, scoreOf, textAt } from "./line.ts";
import { type OutcomeFacts, type OutcomeRow, UnfitOutcomes } from "./outcome.ts";

/** More models than any pool has: a file that names a new one in each row is no file of outcomes. */
const MOST_MODELS = 500;

export const isOwnForm = (fields: Fields): boolean => has(fields, "prompt") && has(fields, "scores");

/** Reads the whole file once, for the models that it names and what it knows of lengths. */
export async function surveyed(lines: AsyncIterable<Line>): Promise<OutcomeFacts> {
  const models = new Set<string>();
  let lengths = false;
  for await (const line of lines) {
    const fields = tryFields(line);
    if (fields === undefined) continue;
    for (const model of Object.keys(tableAt(fields, "scores") ?? {})) models.add(model);
    lengths ||= has(fields, "output_tokens") || has(fields, "cost_usd");
    if (models.size > MOST_MODELS) {
      throw new UnfitOutcomes(`the file names more than ${MOST_MODELS} models by line ${line.number}`);
    }
  }
  return {
    models: [...models].toSorted(),
    prices: {},
    tokensCounted: true,
    lengths: lengths ? "recorded" : "assumed",
  };
}

function tryFields(line: Line): Fields | undefined {
  try {
    return fieldsOf(line);
  } catch {
    // Told when the line is read as a row.
    return undefined;
  }
}

const tableAt = (fields: Fields, column: string): Fields | undefined => {
  const value = fields[column];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
};

/** A row of our own form; `line` names one that has no id. */
export function ownRow(fields: Fields, models: readonly string[], line: number): OutcomeRow {
  const scores = byModel(fields, "scores", models, scoreOf);
  if (!has(fields, "scores")) throw new BadLine('column "scores" is missing');
  const text = promptText(fields["prompt"]);
  const costUsd = has(fields, "cost_usd") ? byModel(fields, "cost_usd", models, amountOf) : undefined;
  const latencyMs = has(fields, "latency_ms") ? byModel(fields, "latency_ms", models, amountOf) : undefined;
  return {
    id: idOf(fields, line),
    text,
    scores,
    inputTokens: has(fields, "input_tokens")
      ? amountOf(fields["input_tokens"], 'column "input_tokens"')
      : estimateTokens(text),
    outputTokens: byModel(fields, "output_tokens", models, amountOf),
    ...(costUsd && { costUsd }),
    ...(latencyMs && { latencyMs }),
    ...(has(fields, "category") && { category: textAt(fields, "category") }),
  };
}

function byModel(
  fields: Fields,
  column: string,
  models: readonly string[],
  read: (value: unknown, where: string) => number,
): Float64Array {
  const table = tableAt(fields, column);
  if (table === undefined && has(fields, column)) throw new BadLine(`column "${column}" is no object of models`);
  return Float64Array.from(models, (model) => {
    const value = table !== undefined && Object.hasOwn(table, model) ? table[model] : undefined;
    return value === undefined || value === null ? Number.NaN : read(value, `an entry of column "${column}"`);
  });
}

const MOST_ID = 256;

function idOf(fields: Fields, line: number): string {
  const id = fields["id"];
  if (id === undefined || id === null) return `line ${line}`;
  if (typeof id === "number") return String(id);
  if (typeof id === "string" && id !== "" && id.length <= MOST_ID) return id;
  throw new BadLine(`column "id" is no text of 1 to ${MOST_ID} characters`);
}

/** A text, or the newest human turn of a conversation. */
function promptText(prompt: unknown): string {
  if (typeof prompt === "string") return prompt;
  if (prompt === undefined || prompt === null) throw new BadLine('column "prompt" is missing');
  const turns = Array.isArray(prompt) ? prompt : [];
  const newest = turns.findLast((turn: unknown) => isTurn(turn) && turn.role === "user");
  if (isTurn(newest)) return newest.content;
  throw new BadLine('column "prompt" is neither a text nor a list of messages with a turn of the user');
}

function isTurn(turn: unknown): turn is { role: string; content: string } {
  if (typeof turn !== "object" || turn === null) return false;
  const { role, content } = turn as Fields;
  return typeof role === "string" && typeof content === "string";
}
