/** Called for each place where a term stands in the text: `term` is its index, `end` is exclusive. */
export type Found = (term: number, start: number, end: number) => void;

/** Finds any number of terms in one pass over a text, in time that depends on the text and the hits alone. */
export interface Automaton {
  scan(text: string, found: Found): void;
}

const NONE = -1;
/** Small automata have a row of next nodes for each node, for plain letters: one look-up a letter. */
const PLAIN = 128;
const MAX_ROWS = 16_384;
/** In a row, beside the number of the node: a term ends there, and the node without it. */
const HIT = 0x8000;
const NODE = HIT - 1;

/** Aho-Corasick over UTF-16 units. Empty terms are never found; equal terms are found once each. */
export function createAutomaton(terms: readonly string[]): Automaton {
  const units = terms.reduce((sum, term) => sum + term.length, 0);
  const edges = createEdges(units);
  const ends = new Int32Array(units + 1).fill(NONE);
  const twins = new Int32Array(terms.length).fill(NONE);
  const lengths = Int32Array.from(terms, (term) => term.length);
  const trie = plant(terms, edges, ends, twins);
  const { fail, nearest } = link(trie, edges, ends);
  const first = new Int32Array(0x10000);
  for (const unit of trie.firsts) first[unit] = edges.get(0, unit);
  const plain = trie.size <= MAX_ROWS ? PLAIN : 0;
  const rows = plain > 0 ? rowsOf(trie, fail, nearest) : NO_ROWS;

  function step(from: number, unit: number): number {
    let node = from;
    let child = 0;
    while (node !== 0 && (child = edges.get(node, unit)) === 0) node = fail[node]!;
    return node === 0 ? first[unit]! : child;
  }

  function tell(node: number, end: number, found: Found): void {
    for (let at = nearest[node]!; at > 0; at = nearest[fail[at]!]!) {
      for (let term = ends[at]!; term !== NONE; term = twins[term]!) found(term, end - lengths[term]!, end);
    }
  }

  return {
    scan(text, found) {
      // Looked up once: there are several automata, so that the engine takes none of this for constant.
      const { next, width, columns } = rows;
      const { length } = text;
      let node = 0;
      for (let at = 0; at < length; at++) {
        const unit = text.charCodeAt(at);
        if (unit < plain) {
          const entry = next[node * width + columns[unit]!]!;
          node = entry & NODE;
          if (entry < HIT) continue;
        } else node = step(node, unit);
        tell(node, at + 1, found);
      }
    },
  };
}

interface Trie {
  readonly size: number;
  readonly parents: Int32Array;
  readonly letters: Uint16Array;
  readonly firsts: ReadonlySet<number>;
}

function plant(terms: readonly string[], edges: Edges, ends: Int32Array, twins: Int32Array): Trie {
  const parents = new Int32Array(ends.length);
  const letters = new Uint16Array(ends.length);
  const firsts = new Set<number>();
  let size = 1;
  for (const [index, term] of terms.entries()) {
    let node = 0;
    for (let at = 0; at < term.length; at++) {
      const unit = term.charCodeAt(at);
      let child = edges.get(node, unit);
      if (child === 0) {
        child = size++;
        edges.set(node, unit, child);
        parents[child] = node;
        letters[child] = unit;
      }
      node = child;
    }
    if (node === 0) continue;
    firsts.add(term.charCodeAt(0));
    twins[index] = ends[node]!;
    ends[node] = index;
  }
  return { size, parents, letters, firsts };
}

/**
 * `fail`: the longest other suffix in the trie; `nearest`: the node itself, or else the nearest of those, that ends a
 * term; 0 where there is none.
 */
function link(trie: Trie, edges: Edges, ends: Int32Array): { fail: Int32Array; nearest: Int32Array } {
  const fail = new Int32Array(trie.size);
  const nearest = new Int32Array(trie.size);
  for (const node of byDepth(trie)) {
    const parent = trie.parents[node]!;
    const unit = trie.letters[node]!;
    if (parent !== 0) {
      let at = fail[parent]!;
      while (at !== 0 && edges.get(at, unit) === 0) at = fail[at]!;
      fail[node] = edges.get(at, unit);
    }
    nearest[node] = ends[node] === NONE ? nearest[fail[node]!]! : node;
  }
  return { fail, nearest };
}

/** Where each plain letter leads from each node, failures already followed, and whether that is a HIT. */
interface Rows {
  readonly next: Uint16Array;
  readonly width: number;
  /** Letters that no term has share a column, for they all lead to the root: narrow rows stay in the cache. */
  readonly columns: Uint8Array;
}

const NO_ROWS: Rows = { next: new Uint16Array(), width: 0, columns: new Uint8Array() };

function rowsOf(trie: Trie, fail: Int32Array, nearest: Int32Array): Rows {
  const columns = new Uint8Array(PLAIN);
  let width = 1;
  for (let node = 1; node < trie.size; node++) {
    const unit = trie.letters[node]!;
    if (unit < PLAIN && columns[unit] === 0) columns[unit] = width++;
  }
  const next = new Uint16Array(trie.size * width);
  for (let node = 1; node < trie.size; node++) {
    const unit = trie.letters[node]!;
    if (unit < PLAIN) next[trie.parents[node]! * width + columns[unit]!] = nearest[node] === 0 ? node : node | HIT;
  }
  for (const node of byDepth(trie)) {
    // The row of the failure is whole by now, for it lies nearer to the root.
    for (let column = 1; column < width; column++) next[node * width + column] ||= next[fail[node]! * width + column]!;
  }
  return { next, width, columns };
}

function byDepth({ size, parents }: Trie): number[] {
  const depths = new Int32Array(size);
  const nodes: number[] = [];
  // A child is always planted after its parent, so one pass knows every depth.
  for (let node = 1; node < size; node++) {
    depths[node] = depths[parents[node]!]! + 1;
    nodes.push(node);
  }
  return nodes.sort((a, b) => depths[a]! - depths[b]!);
}

interface Edges {
  /** The child of `node` along `unit`; 0 when there is none, for nothing leads back to the root. */
  get(node: number, unit: number): number;
  set(node: number, unit: number, child: number): void;
}

/** A hash table in flat arrays: rows of 65,536 would not fit, and a Map of numbers is several times slower. */
function createEdges(count: number): Edges {
  const bits = Math.max(4, 33 - Math.clz32(count * 2));
  const mask = 2 ** bits - 1;
  const nodes = new Int32Array(mask + 1);
  const units = new Uint16Array(mask + 1);
  const children = new Int32Array(mask + 1);

  function slot(node: number, unit: number): number {
    let at = (Math.imul(node, 0x9e3779b1) ^ Math.imul(unit + 1, 0x85ebca6b)) >>> (32 - bits);
    while (children[at] !== 0 && (nodes[at] !== node || units[at] !== unit)) at = (at + 1) & mask;
    return at;
  }
  return {
    get: (node, unit) => children[slot(node, unit)]!,
    set(node, unit, child) {
      const at = slot(node, unit);
      nodes[at] = node;
      units[at] = unit;
      children[at] = child;
    },
  };
}
