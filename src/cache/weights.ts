/** What `node scripts/cache-model.ts` fitted: weights of the numbers in features.ts, in their order. */
export const MODEL = {
  /** The encoder whose cosines it was fitted to. */
  encoder: "3",
  weights: [
    -1.416, 1.6784, 1.2744, 2.2901, 2.0142, -2.8775, 3.3875, -0.60839, 0.63291, -5.9452, -4.4679, -0.37451, -0.18267,
    -0.60678, -0.4597, -1.8914, 0.82768, 1.6555, -1.1365, -1.4434, -4.4109, -0.19434,
  ],
  bias: 2.1237,
  threshold: 0.86,
} as const;
