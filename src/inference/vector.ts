import { EncoderError } from "./encoder.ts";

/**
 * The vector at unit length; one of zeros stays as it is.
 * @throws EncoderError `model` where it holds what is no number
 */
export function unit(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (!Number.isFinite(squares))
    throw new EncoderError("model", "The model gave a vector with a value that is no number.");
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  return vector.map((value) => value * scale);
}
