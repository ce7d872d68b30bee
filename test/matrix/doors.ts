/** The README's table of what each door passes, translates and refuses, from what came out of the matrix. */
import { join } from "node:path";
import type { Door } from "../fakes/apis/asks.ts";
import type { Outcome } from "./cells.ts";
import type { Api } from "./world.ts";

export const README = join(import.meta.dirname, "../../README.md");

const ROWS: readonly (readonly [feature: string, label: string, note?: string])[] = [
  ["text", "text, whole and streamed, usage"],
  ["system", "system texts", "chat completions get them as one message"],
  ["turns", "several turns", "neighbours of one role are joined for Anthropic and Gemini"],
  ["tools", "tools of the client's own, a choice among them"],
  ["tool_result", "results of tools"],
  ["parallel_results", "parallel calls and their results", "results stand in the order that the API wants"],
  ["bare_call", "calls without arguments"],
  ["failed_result", "a result that is a failure", "chat completions say so in its first line, Gemini as `error`"],
  ["shown_result", "a result with an image", "chat completions show it in the user message that follows"],
  ["single_call", "at most one call an answer"],
  ["image_base64", "images in the body"],
  ["image_url", "images by URL", "Gemini fetches https only"],
  ["pdf", "PDF in the body"],
  ["audio", "sound in the body", "WAV and MP3"],
  ["thinking", "thinking", "effort, budget and level of each API become those of the others"],
  ["signature", "thoughts that their own server sealed", "kept by the client, and shown to servers of that API alone"],
  ["schema", "an answer by JSON schema", "earlier Gemini models take none beside tools"],
  ["json", "JSON without a schema"],
  ["sampling", "temperature, top-p, stop sequences", "above 1, or while it thinks, Anthropic takes no temperature"],
  ["top_k", "top-k"],
  ["penalties", "penalties"],
  ["seed", "a seed"],
  ["max_tokens", "a limit of the answer", "where there is none, Anthropic's is 4096 and the thoughts' share"],
  ["filtered", "an answer that a filter stopped"],
  ["log_probabilities", "log probabilities"],
  ["several_answers", "several answers"],
  ["citations", "citations"],
  ["server_tools", "tools that the server runs", "such as its web search"],
  ["kept_file", "files by id"],
  ["earlier_answer", "an earlier answer by id"],
  ["stored", "answers stored for later"],
  ["truncation", "automatic truncation"],
];

const COLUMNS: readonly (readonly [Door, Api])[] = [
  ["openai-chat", "anthropic-messages"],
  ["openai-chat", "gemini"],
  ["anthropic-messages", "openai-chat"],
  ["anthropic-messages", "gemini"],
  ["openai-responses", "openai-chat"],
  ["openai-responses", "anthropic-messages"],
  ["openai-responses", "gemini"],
];

const NAMES: Readonly<Record<Api, string>> = {
  "openai-chat": "chat",
  "openai-responses": "responses",
  "anthropic-messages": "messages",
  gemini: "Gemini",
};

export function tableOf(outcomes: readonly Outcome[]): string {
  const all = new Set(ROWS.map(([feature]) => feature));
  const unnamed = outcomes.find(({ feature }) => !all.has(feature));
  if (unnamed) throw new Error(`the table has no row for ${unnamed.feature}`);
  const rows = ROWS.map(([feature, label, note = ""]) => {
    const own = outcomes.filter((outcome) => outcome.feature === feature);
    const passed = own.filter(({ door, kind }) => kind.speaks.includes(door));
    const pairs = COLUMNS.map(([door, api]) =>
      own.filter((each) => each.door === door && each.kind.api === api && !each.kind.speaks.includes(door)),
    );
    return [label, passed, ...pairs].map((cell) => (typeof cell === "string" ? cell : wordOf(cell))).concat(note);
  });
  const head = ["", "same API", ...COLUMNS.map(([door, api]) => `${NAMES[door]} → ${NAMES[api]}`), ""];
  return [head, head.map(() => "---"), ...rows].map(rowOf).join("\n");
}

const rowOf = (cells: readonly string[]) => `|${cells.map((cell) => (cell === "" ? " " : ` ${cell} `)).join("|")}|`;

/** What came out for every upstream of the kind; a dash where the door cannot ask this. */
function wordOf(outcomes: readonly Outcome[]): string {
  return [...new Set(outcomes.map(({ outcome }) => outcome))].join(", ") || "–";
}

const MARKS = ["<!-- doors:begin -->\n", "\n<!-- doors:end -->"] as const;

function placeIn(markdown: string): readonly [start: number, end: number] {
  const start = markdown.indexOf(MARKS[0]) + MARKS[0].length;
  const end = markdown.indexOf(MARKS[1]);
  if (start < MARKS[0].length || end < start) throw new Error("README.md has no place for the table of doors");
  return [start, end];
}

export const tableIn = (markdown: string) => markdown.slice(...placeIn(markdown)).trim();

export function withTable(markdown: string, table: string): string {
  const [start, end] = placeIn(markdown);
  return `${markdown.slice(0, start)}\n${table}\n${markdown.slice(end)}`;
}
