/**
 * The examples of one route in one vector space: groups of like examples, each known by its mean. Few examples are
 * groups of one, so that the nearest example is found; many are gathered by k-means, so that reading stays quick.
 */
export interface Prototypes {
  readonly dimensions: number;
  /** For each example the group that it is in. */
  readonly groupOf: readonly number[];
  readonly examples: readonly Float32Array[];
  readonly groups: readonly Group[];
  /** All examples together. */
  readonly whole: Group;
}

/** Unit vectors added up, and the sum at unit length. */
interface Group {
  readonly sum: Float64Array;
  readonly count: number;
  readonly mean: Float32Array;
}

/** Cosines in [-1,1] with the nearest group and with the mean of all examples. */
export interface Closeness {
  readonly nearest: number;
  readonly centre: number;
}

const MOST_GROUPS = 32;
const ROUNDS = 8;

export function createPrototypes(examples: readonly Float32Array[]): Prototypes {
  const dimensions = examples[0]!.length;
  const groupOf = examples.length <= MOST_GROUPS ? examples.map((_, index) => index) : gathered(examples);
  const members = new Map<number, Float32Array[]>();
  for (const [index, group] of groupOf.entries()) members.set(group, [...(members.get(group) ?? []), examples[index]!]);
  // Groups may have run empty: those that are left are numbered anew.
  const numbers = new Map([...members.keys()].map((group, number) => [group, number]));
  return {
    dimensions,
    examples,
    groupOf: groupOf.map((group) => numbers.get(group)!),
    groups: [...members.values()].map((some) => groupFrom(some, dimensions)),
    whole: groupFrom(examples, dimensions),
  };
}

export function closeness(vector: Float32Array, { groups, whole }: Prototypes): Closeness {
  let nearest = -1;
  for (const { mean } of groups) nearest = Math.max(nearest, dot(vector, mean));
  return { nearest, centre: dot(vector, whole.mean) };
}

/** How close one of the examples is to the others; undefined where there are none. */
export function closenessOfOne(index: number, prototypes: Prototypes): Closeness | undefined {
  const { examples, groupOf, groups, whole } = prototypes;
  if (examples.length < 2) return undefined;
  const vector = examples[index]!;
  let nearest = -1;
  for (const [number, group] of groups.entries()) {
    const mean = number === groupOf[index] ? meanWithout(group, vector) : group.mean;
    if (mean) nearest = Math.max(nearest, dot(vector, mean));
  }
  return { nearest, centre: dot(vector, meanWithout(whole, vector)!) };
}

function meanWithout({ sum, count }: Group, vector: Float32Array): Float32Array | undefined {
  if (count < 2) return undefined;
  return unit(sum.map((value, at) => value - vector[at]!));
}

function groupFrom(vectors: readonly Float32Array[], dimensions: number): Group {
  const sum = new Float64Array(dimensions);
  for (const vector of vectors) for (let at = 0; at < dimensions; at++) sum[at]! += vector[at]!;
  return { sum, count: vectors.length, mean: unit(sum) };
}

/** K-means on the sphere. It starts from vectors that lie far apart and draws no lots: the same examples, the same groups. */
function gathered(vectors: readonly Float32Array[]): number[] {
  let means = farApart(vectors);
  let groupOf: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const next = vectors.map((vector) => closest(vector, means));
    if (next.every((group, index) => group === groupOf[index])) return next;
    groupOf = next;
    means = means.map((mean, group) => {
      const members = vectors.filter((_, index) => groupOf[index] === group);
      return members.length === 0 ? mean : groupFrom(members, mean.length).mean;
    });
  }
  return groupOf;
}

function farApart(vectors: readonly Float32Array[]): Float32Array[] {
  const chosen = [vectors[0]!];
  const near = vectors.map((vector) => dot(vector, chosen[0]!));
  while (chosen.length < MOST_GROUPS) {
    const next = vectors[near.indexOf(Math.min(...near))]!;
    chosen.push(next);
    for (const [index, vector] of vectors.entries()) near[index] = Math.max(near[index]!, dot(vector, next));
  }
  return chosen;
}

function closest(vector: Float32Array, means: readonly Float32Array[]): number {
  let best = 0;
  let highest = -Infinity;
  for (const [group, mean] of means.entries()) {
    const cosine = dot(vector, mean);
    if (cosine > highest) [best, highest] = [group, cosine];
  }
  return best;
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

function unit(vector: Float64Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return Float32Array.from(vector, (value) => (length > 0 ? value / length : 0));
}
