import { isDeepStrictEqual } from "node:util";
import { type Document, isAlias, isMap, isScalar, parseDocument, stringify } from "yaml";
import { readForeign } from "./foreign.ts";
import { pathText, type Step } from "./problem.ts";
import { valueAt } from "./references.ts";
import { maskReferences, unmask } from "./secrets.ts";

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
  /**
   * The file with the changes made; comments and all other keys stay. Undefined where it cannot be read, or where a
   * change would change something else too, since an anchor shares it.
   */
  readonly text?: string;
  /** Only what really changes. */
  readonly differences: readonly Difference[];
}

/** The text of a config with some keys changed. Parts that are missing on the way to a key are made. */
export function patched(text: string, changes: readonly Change[]): Patched {
  const before = plainOf(text);
  const real = changes.filter(({ path, value }) => !isDeepStrictEqual(valueAt(before, path), value));
  const differences = real.map(({ path, value }): Difference => {
    return { path: pathText(path), before: valueAt(before, path), after: value };
  });
  if (real.length === 0) return { text, differences };
  const written = withChanges(text, real);
  const isWhole = written !== undefined && isDeepStrictEqual(plainOf(written), changed(before, real));
  return { differences, ...(isWhole && { text: written }) };
}

/** Undefined where it cannot be read. References stand in it as they are, and what anchors share stands everywhere. */
function plainOf(text: string): unknown {
  const read = readForeign(text);
  return "value" in read && read.problems.length === 0 ? read.value : undefined;
}

function withChanges(text: string, changes: readonly Change[]): string | undefined {
  // References have braces, which flow maps take for their own.
  const document = parseDocument(maskReferences(text), { uniqueKeys: false });
  if (document.errors.length > 0) return undefined;
  if (document.contents === null) document.contents = document.createNode({}) as unknown as null;
  for (const { path, value } of changes) {
    if (!makeWay(document, path)) return undefined;
    const node = document.getIn(path, true);
    // The comment beside a value belongs to its node.
    if (isScalar(node) && typeof value !== "object") node.value = value;
    else document.setIn(path, document.createNode(value));
  }
  const written = unmask(document.toString({ lineWidth: 0 }));
  return text.includes("\r\n") ? written.replaceAll(/\r?\n/gu, "\r\n") : written;
}

function changed(before: unknown, changes: readonly Change[]): unknown {
  const whole = structuredClone(before ?? {}) as Branch;
  for (const { path, value } of changes) {
    let branch = whole;
    for (const step of path.slice(0, -1)) branch = (branch[step] ??= {}) as Branch;
    branch[path.at(-1)!] = value;
  }
  return whole;
}

type Branch = { [step: Step]: unknown };

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

/** A key without a value, such as `signals:`, holds null: nothing can be put into that. False where an alias is in the way. */
function makeWay(document: Document | ReturnType<typeof parseDocument>, path: readonly Step[]): boolean {
  for (let length = 1; length < path.length; length++) {
    const part = path.slice(0, length);
    const node = document.getIn(part, true);
    if (isAlias(node)) return false;
    if (node === undefined || node === null || (isScalar(node) && node.value === null))
      document.setIn(part, document.createNode({}));
  }
  return true;
}
