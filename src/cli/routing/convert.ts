import { createReadStream } from "node:fs";
import { Command } from "commander";
import { convertCsv } from "../../outcomes/csv.ts";
import { Failure } from "../failure.ts";
import { REASONS } from "../input.ts";
import type { Terminal } from "../terminal.ts";
import { inWords } from "./files.ts";

export function convertCommand(terminal: Terminal): Command {
  return new Command("convert")
    .description("Print a CSV file of outcomes as the JSON lines that eval routing reads.")
    .argument(
      "<file>",
      "CSV with the columns prompt, score:MODEL, and where known tokens:MODEL, cost:MODEL, latency:MODEL, input_tokens, id, category",
    )
    .action((path: string) => convert(terminal, path));
}

async function convert(terminal: Terminal, path: string): Promise<void> {
  try {
    for await (const line of convertCsv(createReadStream(path))) terminal.out(line);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    if (code !== undefined && !(error instanceof Failure)) {
      throw new Failure(`cannot read ${path}: ${REASONS[code] ?? code}`, { cause: error });
    }
    throw inWords(error, path);
  }
}
