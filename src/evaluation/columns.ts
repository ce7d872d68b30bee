/** Numbers of a file of any length: eight bytes each, and nothing beside them. */
export interface Column {
  readonly length: number;
  push(value: number): void;
  /** The numbers so far. */
  values(): Float64Array;
}

export function createColumn(): Column {
  let held = new Float64Array(1024);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      if (length === held.length) {
        const longer = new Float64Array(held.length * 2);
        longer.set(held);
        held = longer;
      }
      held[length] = value;
      length += 1;
    },
    values: () => held.subarray(0, length),
  };
}

/** Names as numbers, in the order in which they came. */
export interface Names {
  numberOf(name: string): number;
  all(): readonly string[];
}

/** Beyond `most` names all further ones are one, called `rest`. */
export function createNames(first: readonly string[], most: number, rest: string): Names {
  const numbers = new Map(first.map((name, at) => [name, at]));
  return {
    numberOf(name) {
      const known = numbers.get(name);
      if (known !== undefined) return known;
      const kept = numbers.size - first.length < most ? name : rest;
      const number = numbers.get(kept) ?? numbers.size;
      numbers.set(kept, number);
      return number;
    },
    all: () => [...numbers.keys()],
  };
}

/** Which rows share a source, a language or a type. */
export interface Groups {
  /** The next row's name; a row without one is in no group. */
  push(name: string | undefined): void;
  /** By name, the rows of each group. */
  rows(): ReadonlyMap<string, Uint32Array>;
}

const MOST_GROUPS = 1000;

export function createGroups(): Groups {
  const names = createNames([], MOST_GROUPS, "(others)");
  const numbers = createColumn();
  return {
    push: (name) => numbers.push(name === undefined ? -1 : names.numberOf(name)),
    rows() {
      const own = numbers.values();
      const all = names.all();
      const sizes = new Uint32Array(all.length);
      for (const number of own) if (number >= 0) sizes[number]! += 1;
      const rows = Array.from(sizes, (size) => new Uint32Array(size));
      sizes.fill(0);
      for (let row = 0; row < own.length; row++) {
        const number = own[row]!;
        if (number >= 0) rows[number]![sizes[number]!++] = row;
      }
      return new Map(all.map((name, number) => [name, rows[number]!]));
    },
  };
}

/** Figures of each group, the largest group first; undefined where no row is in a group. */
export function perGroup<T>(groups: Groups, figures: (rows: Uint32Array) => T): Record<string, T> | undefined {
  const rows = [...groups.rows()].sort(([, a], [, b]) => b.length - a.length);
  return rows.length === 0 ? undefined : Object.fromEntries(rows.map(([name, own]) => [name, figures(own)]));
}
