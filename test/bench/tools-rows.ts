import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { createEncoder } from "../../src/inference/create.ts";
import { encoderOptions } from "../../src/inference/options.ts";
import type { Embed, ToolText } from "../../src/rewrite/tool-rank.ts";
import { seeded } from "../../src/statistics/sample.ts";

const FILE = join(import.meta.dirname, "../../models/data/text/tools.jsonl.gz");

export type Split = "train" | "dev";

/** A turn, and which of the tools offered with it fit. */
interface ToolRow {
  readonly text: string;
  readonly tools: readonly ToolText[];
  readonly label: readonly string[];
  readonly split: Split;
}

/** A turn among more tools than it came with. */
export interface Pooled {
  readonly text: string;
  readonly tools: readonly ToolText[];
  readonly fitting: ReadonlySet<string>;
}

/**
 * Every row of a split that has a fitting tool, its own tools mixed with others of the same split until there are
 * `size`, no name twice. The same seed gives the same mixtures.
 */
export function pooledRows(split: Split, size: number, seed: number): readonly Pooled[] {
  const rows = readRows().filter((row) => row.split === split);
  const all = rows.flatMap(({ tools }) => tools);
  const random = seeded(seed);
  return rows
    .filter(({ label }) => label.length > 0)
    .map(({ text, tools, label }) => {
      const offered = new Map(tools.map((tool) => [tool.name, tool]));
      while (offered.size < size) {
        const other = all[Math.floor(random() * all.length)]!;
        if (!offered.has(other.name)) offered.set(other.name, other);
      }
      const mixed = [...offered.values()].map((tool) => ({ tool, at: random() })).toSorted((a, b) => a.at - b.at);
      return { text, tools: mixed.map(({ tool }) => tool), fitting: new Set(label) };
    });
}

function readRows(): readonly ToolRow[] {
  const lines = gunzipSync(readFileSync(FILE)).toString("utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as ToolRow);
}

/** The packaged encoder's static stage, as the router has it. */
export async function openEmbed(): Promise<{ readonly embed: Embed; close(): Promise<void> }> {
  const options = encoderOptions.parse({ second_stage: "never", workers: 1 });
  const encoder = await createEncoder(options, { clock: () => performance.now() });
  return {
    embed: (texts) =>
      texts.map((text) => {
        const encoding = encoder.encode(text, Infinity);
        if (encoding instanceof Promise) throw new Error("a text of the benches is too long for the calling thread");
        return encoding.vector;
      }),
    close: () => encoder.close(),
  };
}
