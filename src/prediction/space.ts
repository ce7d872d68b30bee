import { BUCKETS, FORM_WIDTH, textFeatures, type TextFeatures } from "./features.ts";

/** A text as the predictor sees it, before anything was learned. */
export interface Raw extends TextFeatures {
  readonly vector: Float32Array;
}

/** How form, meaning and words of a text become numbers of one scale, learned from texts alone. */
export interface Space {
  readonly formMean: Float32Array;
  /** What a form's distance from its mean is multiplied by. */
  readonly formUnit: Float32Array;
  readonly vectorMean: Float32Array;
  readonly vectorUnit: number;
  /** How much a bucket says: the rarer the more; 0 for what was seen once or never. */
  readonly rarity: Float32Array;
}

/** One text in the space: dense numbers (form, then vector), and values of some buckets. */
export interface Point {
  readonly dense: Float32Array;
  readonly buckets: Uint32Array;
  readonly values: Float32Array;
}

/** Beyond so many standard deviations a form is as odd as it gets. */
const ODDEST = 3;

export const rawOf = (text: string, vector: Float32Array): Raw => ({ ...textFeatures(text), vector });

/** @param texts at least one, with vectors of one width */
export function spaceOf(texts: readonly Raw[]): Space {
  const forms = momentsOf(
    texts.map(({ form }) => form),
    FORM_WIDTH,
  );
  const vectors = momentsOf(
    texts.map(({ vector }) => vector),
    texts[0]!.vector.length,
  );
  const varying = forms.variance.filter((own) => own > 0).length;
  const spread = vectors.variance.reduce((sum, own) => sum + own, 0);
  // Each of form, vector and words has about length one, so that one strength of pull suits them all.
  return {
    formMean: Float32Array.from(forms.mean),
    formUnit: Float32Array.from(forms.variance, (own) => (own > 0 ? 1 / Math.sqrt(own * varying) : 0)),
    vectorMean: Float32Array.from(vectors.mean),
    vectorUnit: spread > 0 ? 1 / Math.sqrt(spread) : 0,
    rarity: rarityOf(texts),
  };
}

export function pointOf({ form, vector, buckets }: Raw, space: Space): Point {
  const { formMean, formUnit, vectorMean, vectorUnit, rarity } = space;
  const dense = new Float32Array(FORM_WIDTH + vectorMean.length);
  const most = ODDEST / Math.sqrt(Math.max(1, formUnit.filter((unit) => unit > 0).length));
  for (let at = 0; at < FORM_WIDTH; at++) {
    const value = (form[at]! - formMean[at]!) * formUnit[at]!;
    dense[at] = Math.max(-most, Math.min(most, value));
  }
  for (let at = 0; at < vectorMean.length; at++) dense[FORM_WIDTH + at] = (vector[at]! - vectorMean[at]!) * vectorUnit;
  const known = buckets.filter((bucket) => rarity[bucket]! > 0);
  const values = Float32Array.from(known, (bucket) => rarity[bucket]!);
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return { dense, buckets: known, values: length > 0 ? values.map((value) => value / length) : values };
}

function momentsOf(rows: ReadonlyArray<ArrayLike<number>>, width: number) {
  const mean = new Float64Array(width);
  const variance = new Float64Array(width);
  for (const row of rows) for (let at = 0; at < width; at++) mean[at]! += row[at]! / rows.length;
  for (const row of rows) for (let at = 0; at < width; at++) variance[at]! += (row[at]! - mean[at]!) ** 2 / rows.length;
  return { mean, variance };
}

function rarityOf(texts: readonly Raw[]): Float32Array {
  const counts = new Float64Array(BUCKETS);
  for (const { buckets } of texts) for (const bucket of buckets) counts[bucket]! += 1;
  return Float32Array.from(counts, (count) => (count < 2 ? 0 : Math.log((1 + texts.length) / (1 + count))));
}
