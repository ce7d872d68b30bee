/** Some of the texts that were learned from, as landmarks, and how near to one of them such texts are. */
export interface Familiarity {
  /** Unit vectors, one after the other. */
  readonly landmarks: Float32Array;
  readonly width: number;
  /** Cosine to the nearest landmark that 95% of the texts reach; and where a text is as unlike as can be told. */
  readonly near: number;
  readonly far: number;
}

const MOST_LANDMARKS = 96;
/** Of the texts that were learned from this share is called somewhat unlike them. */
const ODD_SHARE = 0.05;
const MIDDLE = 0.5;

/** In [0,1]: 1 for a text that is as near to a landmark as 95% of those that were learned from. */
export function familiar({ landmarks, width, near, far }: Familiarity, vector: Float32Array): number {
  const own = nearest(landmarks, width, vector);
  return near > far ? Math.max(0, Math.min(1, (own - far) / (near - far))) : Number(own >= near);
}

/** @param vectors in an order that tells nothing of their texts */
export function familiarityOf(vectors: readonly Float32Array[]): Familiarity {
  const width = vectors[0]?.length ?? 0;
  const chosen = vectors.slice(0, Math.min(MOST_LANDMARKS, Math.ceil(vectors.length / 2)));
  const landmarks = new Float32Array(chosen.length * width);
  for (const [at, vector] of chosen.entries()) landmarks.set(vector, at * width);
  // A landmark is nearest to itself: only the others tell how near is usual.
  const others = Float64Array.from(vectors.slice(chosen.length), (vector) => nearest(landmarks, width, vector)).sort();
  const at = (share: number) => others[Math.floor(share * others.length)] ?? 0;
  const near = at(ODD_SHARE);
  return { landmarks, width, near, far: Math.max(-1, 2 * near - at(MIDDLE)) };
}

function nearest(landmarks: Float32Array, width: number, vector: Float32Array): number {
  let best = -1;
  for (let from = 0; from < landmarks.length; from += width) {
    let sum = 0;
    for (let at = 0; at < width; at++) sum += landmarks[from + at]! * vector[at]!;
    if (sum > best) best = sum;
  }
  return best;
}
