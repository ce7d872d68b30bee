import type { Edit } from "../contracts.ts";
import { insertMember, joinEdits } from "../dialect/json.ts";
import { isFields, stringOf, type Fields } from "../dialect/shape.ts";
import { estimateTokens } from "../text/tokens.ts";
import { endOf, memberIn, type Body, type Placed } from "./body.ts";
import { offeredIn } from "./tool-lists.ts";
import { callsNone, namesCalled, namesPrescribed } from "./tool-use.ts";
import type { Question, ToolRanker, ToolText } from "./tool-rank.ts";

/** A tool of the config. */
export interface CatalogueTool extends ToolText {
  readonly parameters: Fields;
}

export interface ToolsAsk {
  /** Of the client's functions those that fit best, so many; all where absent. */
  readonly keep?: number;
  /** So many of the catalogue beside them. */
  readonly add?: number;
  readonly catalogue: readonly CatalogueTool[];
  readonly question: Question;
}

/** What became of the tools of a body. `moved`: marks of a cache that now stand on another tool. */
export interface ToolsRewritten {
  readonly edits: readonly Edit[];
  readonly offered: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly moved: number;
  /** Estimated tokens of what was taken out, less those of what was added. */
  readonly savedTokens: number;
}

/**
 * Takes the functions out that fit least, and adds those of the catalogue that fit best. Their order stays. What was
 * called before or is prescribed stays, and so do tools that a server runs itself, which are not counted.
 */
export function toolsEdits(body: Body, ranker: ToolRanker, ask: ToolsAsk): ToolsRewritten {
  const { tools: offered, takesMore, remove, add } = offeredIn(body);
  const texts = offered.map(({ value }) => functionOf(body.api, value));
  const used = new Set([...namesCalled(body), ...namesPrescribed(body)]);
  const isKept = chooseOffered(texts, used, ranker, ask);
  const gone = offered.filter((_, index) => !isKept[index]);
  const added = takesMore ? chooseAdded(body, texts, used, ranker, ask) : [];
  const moves = isKept.includes(false) ? moveMarks(body, offered, isKept) : [];
  const definitions = added.map((tool) => JSON.stringify(DEFINE[body.api](tool)));
  return {
    edits: joinEdits(remove(isKept), moves, added.length > 0 ? add(definitions, isKept) : []),
    offered: offered.length,
    removed: texts.flatMap((text, index) => (text && !isKept[index] ? [text.name] : [])),
    added: added.map(({ name }) => name),
    moved: moves.length,
    savedTokens: tokensOf(gone.map(({ value }) => JSON.stringify(value))) - tokensOf(definitions),
  };
}

const tokensOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + estimateTokens(text), 0);

/** What a function says of itself; undefined for tools of other kinds, which are never chosen among. */
function functionOf(api: Body["api"], tool: unknown): ToolText | undefined {
  if (!isFields(tool)) return undefined;
  const type = tool["type"] ?? (api === "anthropic-messages" ? "custom" : undefined);
  const definition = api === "openai-chat" ? tool["function"] : tool;
  const wanted = { "openai-chat": "function", "openai-responses": "function", "anthropic-messages": "custom" };
  // What Gemini declares is a function.
  if ((api !== "gemini" && type !== wanted[api]) || !isFields(definition)) return undefined;
  return { name: stringOf(definition["name"]), description: stringOf(definition["description"]) };
}

function chooseOffered(
  texts: readonly (ToolText | undefined)[],
  used: ReadonlySet<string>,
  ranker: ToolRanker,
  { keep = Infinity, question }: ToolsAsk,
): readonly boolean[] {
  const functions = texts.flatMap((text, index) => (text ? [{ text, index }] : []));
  if (functions.length <= keep) return texts.map(() => true);
  const scores = ranker.rank(
    question,
    functions.map(({ text }) => text),
  );
  const isUsed = ({ text }: { text: ToolText }) => Number(used.has(text.name));
  const ranked = functions
    .map((each, at) => ({ ...each, score: scores[at]! }))
    .toSorted((a, b) => isUsed(b) - isUsed(a) || b.score - a.score || a.index - b.index);
  const most = Math.max(keep, functions.filter((each) => isUsed(each) === 1).length);
  const kept = new Set(ranked.slice(0, most).map(({ index }) => index));
  return texts.map((text, index) => text === undefined || kept.has(index));
}

/** In the order of the catalogue. What was called before is offered again, whether or not it fits now. */
function chooseAdded(
  body: Body,
  texts: readonly (ToolText | undefined)[],
  used: ReadonlySet<string>,
  ranker: ToolRanker,
  { add = 0, catalogue, question }: ToolsAsk,
): readonly CatalogueTool[] {
  if (add === 0 || callsNone(body)) return [];
  const own = new Set(texts.map((text) => text?.name));
  const free = catalogue.filter(({ name }) => !own.has(name));
  const scores = free.length > add ? ranker.rank(question, free) : free.map(() => 0);
  const best = free.map((_, index) => index).toSorted((a, b) => scores[b]! - scores[a]! || a - b);
  const chosen = new Set(best.slice(0, add));
  return free.filter(({ name }, index) => chosen.has(index) || used.has(name));
}

const MARK = "cache_control";

/** The mark of a cached prefix on a removed tool goes to the last kept tool before it, where that has none itself. */
function moveMarks(body: Body, elements: readonly Placed[], isKept: readonly boolean[]): readonly Edit[] {
  const moves = new Map<number, Edit>();
  for (let at = elements.length - 1; at >= 0; at--) {
    const mark = isKept[at] ? undefined : markOf(body, elements[at]!);
    const to = isKept.lastIndexOf(true, at);
    if (!mark || to < 0 || moves.has(to) || markOf(body, elements[to]!)) continue;
    const json = Buffer.from(body.bytes.subarray(mark.span.offset, endOf(mark.span))).toString("utf8");
    moves.set(to, insertMember(body.bytes, MARK, json, elements[to]!.span));
  }
  return [...moves.values()];
}

const markOf = (body: Body, element: Placed): Placed | undefined =>
  isFields(element.value) ? memberIn(body, element, MARK) : undefined;

/** Functions of the responses API keep to their schemas unless they say otherwise, which few schemas allow. */
const DEFINE: Readonly<Record<Body["api"], (tool: CatalogueTool) => object>> = {
  "openai-chat": ({ name, description, parameters }) => ({
    type: "function",
    function: { name, description, parameters },
  }),
  "openai-responses": ({ name, description, parameters }) => ({
    type: "function",
    name,
    description,
    parameters,
    strict: false,
  }),
  "anthropic-messages": ({ name, description, parameters }) => ({ name, description, input_schema: parameters }),
  gemini: ({ name, description, parameters }) => ({ name, description, parametersJsonSchema: parameters }),
};
