import { isMap, isScalar, parseDocument, stringify } from "yaml";
import { pathText, type Step } from "./problem.ts";

/** One key of the file as it shall be. */
export interface Change {
  readonly path: readonly Step[];
  readonly value: unknown;
}

/** A change beside what stands there: undefined where nothing does. */
export interface Difference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface Patched {
  /** The file with the changes made; comments and all other keys stay. */
  readonly text: string;
  /** Only what really changes. */
  readonly differences: readonly Difference[];
}

/** The text of a config that could be read, with some keys changed. Parts that are missing on the way to a key are made. */
export function patched(text: string, changes: readonly Change[]): Patched {
  const document = parseDocument(text, { uniqueKeys: false });
  if (document.contents === null) document.contents = document.createNode({}) as unknown as null;
  const differences: Difference[] = [];
  for (const { path, value } of changes) {
    const before = plain(document.getIn(path));
    if (JSON.stringify(before) === JSON.stringify(value)) continue;
    differences.push({ path: pathText(path), before, after: value });
    makeWay(document, path);
    const node = document.getIn(path, true);
    // The comment beside a value belongs to its node.
    if (isScalar(node) && typeof value !== "object") node.value = value;
    else document.setIn(path, document.createNode(value));
  }
  return { text: differences.length === 0 ? text : document.toString({ lineWidth: 0 }), differences };
}

/** The changes alone, as YAML to be pasted. */
export function patchText(changes: readonly Change[]): string {
  const document = parseDocument("{}\n");
  if (isMap(document.contents)) document.contents.flow = false;
  for (const { path, value } of changes) {
    makeWay(document, path);
    document.setIn(path, document.createNode(value));
  }
  return stringify(document.toJS(), { lineWidth: 0 });
}

/** A key without a value, such as `signals:`, holds null: nothing can be put into that. */
function makeWay(document: ReturnType<typeof parseDocument>, path: readonly Step[]): void {
  for (let length = 1; length < path.length; length++) {
    const part = path.slice(0, length);
    if (plain(document.getIn(part)) == null) document.setIn(part, document.createNode({}));
  }
}

const plain = (node: unknown): unknown =>
  typeof node === "object" && node !== null && "toJSON" in node ? (node as { toJSON(): unknown }).toJSON() : node;
