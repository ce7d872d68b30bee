/** What `node scripts/cache-model.ts` fitted: weights of the numbers in features.ts, in their order. */
export const MODEL = {
  /** The encoder whose cosines it was fitted to. */
  encoder: "3",
  weights: [
    0.37921, 0.65529, 0.087919, -1.2401, -1.9608, 0.15241, -0.12813, -1.8593, 1.4308, 0.30326, -0.13746, 0.076772,
    -0.31642, 1.1385, -0.33178, -0.072699, -0.20125, -0.10567, 0.57514, -0.11207,
  ],
  bias: 1.8935,
  threshold: 0.93,
} as const;
