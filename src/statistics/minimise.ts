/** A smooth function: answers its value at a point and writes the gradient there. */
export type Smooth = (point: Float64Array, gradient: Float64Array) => number;

/** Steps that are remembered to tell the curvature. */
const MEMORY = 10;
/** A step that gains less than this share of the value is the last. */
const ENOUGH = 1e-5;
/** Of the gain that the slope promises, a step must bring this much. */
const ARMIJO = 1e-4;
const HALVINGS = 20;

interface Move {
  readonly step: Float64Array;
  readonly turn: Float64Array;
  readonly curvature: number;
}

/** Finds a lowest point by L-BFGS with halved steps, in at most `steps` of them; yields the value after each. */
export function* minimise(start: Float64Array, smooth: Smooth, steps: number): Generator<number, Float64Array> {
  let point = start;
  let gradient = new Float64Array(start.length);
  let value = smooth(point, gradient);
  const moves: Move[] = [];
  for (let step = 0; step < steps; step++) {
    const direction = directionOf(gradient, moves);
    const slope = dot(direction, gradient);
    if (slope >= 0) break;
    const next = walk({ point, value, slope, direction, smooth }, moves.length === 0 ? 1 / norm(gradient) : 1);
    if (next === undefined) break;
    remember(moves, difference(next.point, point), difference(next.gradient, gradient));
    const gain = value - next.value;
    ({ point, gradient, value } = next);
    yield value;
    if (gain <= ENOUGH * Math.max(Math.abs(value), ENOUGH)) break;
  }
  return point;
}

interface Place {
  readonly point: Float64Array<ArrayBuffer>;
  readonly gradient: Float64Array<ArrayBuffer>;
  readonly value: number;
}

interface Walk {
  readonly point: Float64Array;
  readonly value: number;
  readonly slope: number;
  readonly direction: Float64Array;
  readonly smooth: Smooth;
}

/** The first place along the direction that is low enough, or undefined. */
function walk({ point, value, slope, direction, smooth }: Walk, longest: number): Place | undefined {
  const gradient = new Float64Array(point.length);
  for (let halving = 0, length = longest; halving < HALVINGS; halving++, length /= 2) {
    const there = Float64Array.from(point, (at, index) => at + length * direction[index]!);
    const found = smooth(there, gradient);
    if (found <= value + ARMIJO * length * slope) return { point: there, gradient, value: found };
  }
  return undefined;
}

function remember(moves: Move[], step: Float64Array, turn: Float64Array): void {
  const curvature = dot(step, turn);
  if (curvature <= 0) return;
  moves.push({ step, turn, curvature });
  if (moves.length > MEMORY) moves.shift();
}

/** Downhill, corrected by the curvature that the remembered moves have shown (the two loops of L-BFGS). */
function directionOf(gradient: Float64Array, moves: readonly Move[]): Float64Array {
  const direction = gradient.map((slope) => -slope);
  const shares: number[] = [];
  for (const { step, turn, curvature } of moves.toReversed()) {
    const share = dot(step, direction) / curvature;
    shares.unshift(share);
    add(direction, -share, turn);
  }
  const last = moves.at(-1);
  if (last !== undefined) {
    const length = last.curvature / dot(last.turn, last.turn);
    for (let at = 0; at < direction.length; at++) direction[at]! *= length;
  }
  for (const [index, { step, turn, curvature }] of moves.entries()) {
    add(direction, shares[index]! - dot(turn, direction) / curvature, step);
  }
  return direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

const norm = (a: Float64Array) => Math.sqrt(dot(a, a));
const difference = (a: Float64Array, b: Float64Array) => a.map((value, at) => value - b[at]!);

function add(to: Float64Array, times: number, what: Float64Array): void {
  for (let at = 0; at < to.length; at++) to[at]! += times * what[at]!;
}
