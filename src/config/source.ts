import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { DEEPEST, LARGEST_FILE, MOST_NODES, MOST_TOKENS } from "./limits.ts";
import { hinted, pathText, type Problem, quote, type Step } from "./problem.ts";
import { maskReferences, type Secrets, unmask } from "./secrets.ts";

/** A place in the file; line and column count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The file as plain data with its references filled in, and where each part of it stands. */
export interface Source {
  readonly value: unknown;
  /** The place of a value, or of its key; of the nearest part around it where it is missing. */
  locate(steps: readonly Step[], at?: "key"): Place;
  /** What the walk itself found: keys that stand twice, references that cannot be filled. */
  readonly problems: readonly Problem[];
  /** Where something was left out for such a problem: complaints that follow from it are none. */
  readonly open: ReadonlyArray<readonly Step[]>;
}

/** What cannot even be read as YAML. */
export interface Unreadable {
  readonly place: Place | undefined;
  readonly message: string;
  readonly hint?: string;
}

const SHOWN_ERRORS = 10;

export function readSource(text: string, secrets: Secrets): Source | readonly Unreadable[] {
  const masked = maskReferences(text);
  const tooMuch = overLimit(text, masked);
  if (tooMuch !== undefined) return [{ place: undefined, message: tooMuch }];

  const lines = new LineCounter();
  // Duplicate keys are found below: the library compares each key with each other one.
  const document = parseDocument(masked, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings].slice(0, SHOWN_ERRORS);
  if (faults.length > 0)
    return faults.map(({ code, message, pos }) => unreadable(code, message, placeAt(lines, pos[0])));
  return walk(document, lines, secrets);
}

/** The lexer is linear in the text; what comes after it is not, so its tokens are counted first. */
function overLimit(text: string, masked: string): string | undefined {
  if (Buffer.byteLength(text) > LARGEST_FILE) return `the file is larger than ${LARGEST_FILE} bytes`;
  let tokens = 0;
  let depth = 0;
  for (const token of new Lexer().lex(masked)) {
    tokens += 1;
    if (token === "{" || token === "[") depth += 1;
    if (token === "}" || token === "]") depth = Math.max(0, depth - 1);
    if (depth > DEEPEST) return `more than ${DEEPEST} levels inside each other`;
    if (tokens > MOST_TOKENS) return "the file has too many parts";
  }
  return undefined;
}

/** The library's errors by code and the beginning of the sentence. Its own sentences quote the file, secrets included. */
const WORDS: ReadonlyArray<readonly [code: string, start: string, message: string, hint?: string]> = [
  ["BAD_INDENT", "Flow", "a bracket is not closed above, or what stands in it is not indented"],
  ["BAD_INDENT", "", "the indentation does not fit the lines around it"],
  ["TAB_AS_INDENT", "", "a tab cannot indent YAML", "use spaces"],
  ["MISSING_CHAR", "Missing closing", "a quote is not closed"],
  ["MISSING_CHAR", "Implicit map keys", "a key without a value", "write a colon and a space after it"],
  ["MISSING_CHAR", "", "a bracket, comma or colon is missing"],
  ["UNEXPECTED_TOKEN", "", "this does not belong here", "a bracket, comma or quote too many?"],
  ["BLOCK_AS_IMPLICIT_KEY", "", "one line holds two keys", "put the value in quotes, or on a line of its own"],
  ["BAD_SCALAR_START", "", "a value cannot begin with this character", "put it in quotes"],
  ["BAD_DQ_ESCAPE", "", "there is no such escape in double quotes", "use single quotes, or two backslashes"],
  ["BAD_ALIAS", "", "an anchor or alias (& or *) without a name", "put a text in quotes"],
  ["TAG_RESOLVE_FAILED", "", "YAML tags (!name) are not understood here", "put a text in quotes"],
  ["MULTIPLE_DOCS", "", "the file must hold one document", "remove the lines ---"],
  ["RESOURCE_EXHAUSTION", "", `more than ${DEEPEST} levels inside each other`],
];

function unreadable(code: string, message: string, place: Place): Unreadable {
  const known = WORDS.find(([name, start]) => name === code && message.startsWith(start));
  return hinted({ place, message: known?.[2] ?? "this is not YAML" }, known?.[3]);
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

interface Position {
  readonly value: number;
  readonly key: number;
}

/** Builds the plain data, remembering offsets. Aliases are followed; nodes are counted, so a bomb ends the walk. */
function walk(document: Document, lines: LineCounter, secrets: Secrets): Source | readonly Unreadable[] {
  const positions = new Map<string, Position>();
  const anchors = new Map<string, Node>();
  const problems: Problem[] = [];
  const open: Array<readonly Step[]> = [];
  let nodes = 0;

  function report(steps: readonly Step[], offset: number, message: string, hint?: string): void {
    problems.push(hinted({ path: pathText(steps), ...placeAt(lines, offset), message }, hint));
  }

  function refuse(steps: readonly Step[], offset: number, message = ""): void {
    report(steps, offset, message);
    open.push(steps);
  }

  function valueOf(node: unknown, steps: readonly Step[], keyOffset: number): unknown {
    nodes += 1;
    if (nodes > MOST_NODES) throw new TooMuch("the file has too many parts, aliases counted each time they are used");
    if (steps.length > DEEPEST) throw new TooMuch(`more than ${DEEPEST} levels inside each other`);
    const offset = offsetOf(node) ?? keyOffset;
    positions.set(keyOf(steps), { value: offset, key: keyOffset });
    if (isAlias(node)) return followed(node, steps, keyOffset);
    if (isNode(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isMap(node)) return mapOf(node, steps);
    if (isSeq(node)) return listOf(node, steps);
    return isScalar(node) ? scalarOf(node, steps, offset) : null;
  }

  function followed(alias: Alias, steps: readonly Step[], keyOffset: number): unknown {
    const node = anchors.get(alias.source);
    if (node !== undefined) return valueOf(node, steps, keyOffset);
    report(steps, offsetOf(alias) ?? keyOffset, "this alias names no anchor above it", "put a text in quotes");
    open.push(steps);
    return null;
  }

  function scalarOf(node: Scalar, steps: readonly Step[], offset: number): unknown {
    if (typeof node.value === "bigint") return Number(node.value);
    if (typeof node.value !== "string") return node.value;
    const filled = secrets.fill(node.value);
    if ("text" in filled) return filled.text;
    report(steps, offset, filled.message, filled.hint);
    open.push(steps);
    return "";
  }

  function listOf(node: YAMLSeq, steps: readonly Step[]): unknown[] {
    return node.items.map((item, index) => valueOf(item, [...steps, index], offsetOf(item) ?? offsetOf(node) ?? 0));
  }

  function mapOf(node: YAMLMap, steps: readonly Step[]): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    for (const pair of node.items) {
      const offset = offsetOf(pair.key) ?? offsetOf(node) ?? 0;
      const key = keyText(pair);
      const refusal = refusalOf(key, map);
      if (key !== undefined && refusal === undefined) map[key] = valueOf(pair.value, [...steps, key], offset);
      else refuse(key === undefined ? steps : [...steps, key], offset, refusal);
    }
    return map;
  }

  function locate(steps: readonly Step[], at?: "key"): Place {
    for (let length = steps.length; length > 0; length--) {
      const position = positions.get(keyOf(steps.slice(0, length)));
      // What is missing is shown at the name of the section that lacks it.
      if (position) return placeAt(lines, at === "key" || length < steps.length ? position.key : position.value);
    }
    return { line: 1, column: 1 };
  }

  try {
    const value = valueOf(document.contents, [], 0);
    return { value, problems, open, locate };
  } catch (error) {
    if (error instanceof TooMuch) return [{ place: undefined, message: error.message }];
    throw error;
  }
}

const LONGEST_KEY = 256;

function refusalOf(key: string | undefined, map: object): string | undefined {
  if (key === undefined) return "a key must be a short text";
  if (Object.hasOwn(map, key)) return "this key stands here twice";
  // Such a name would be found in every object of the language.
  if (key in Object.prototype) return `${quote(key)} cannot be a name`;
  return undefined;
}

function keyText({ key }: Pair): string | undefined {
  if (!isScalar(key)) return undefined;
  const { value } = key;
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return undefined;
  const text = unmask(String(value));
  return text.length > LONGEST_KEY ? undefined : text;
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

const keyOf = (steps: readonly Step[]) => JSON.stringify(steps);

class TooMuch extends Error {}
