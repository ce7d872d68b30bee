/** Answers in the form in which Google sends them. */

export const WHOLE = {
  candidates: [
    {
      content: { parts: [{ text: "Blue light scatters most.", thoughtSignature: "EjQKMgEM" }], role: "model" },
      finishReason: "STOP",
      index: 0,
      safetyRatings: [{ category: "HARM_CATEGORY_HARASSMENT", probability: "NEGLIGIBLE" }],
    },
  ],
  usageMetadata: {
    promptTokenCount: 1200,
    candidatesTokenCount: 6,
    totalTokenCount: 1420,
    cachedContentTokenCount: 1024,
    promptTokensDetails: [{ modality: "TEXT", tokenCount: 1200 }],
    cacheTokensDetails: [{ modality: "TEXT", tokenCount: 1024 }],
    thoughtsTokenCount: 214,
  },
  modelVersion: "gemini-2.5-flash",
  responseId: "Il0taoSYJ5Cez7IP8aGx2Ak",
};

export const CALLS = {
  candidates: [
    {
      content: {
        parts: [
          { text: "**Looking it up**\n\n", thought: true },
          { functionCall: { name: "weather", args: { city: "Bonn" }, id: "fc_1" }, thoughtSignature: "CiQB0e2Kb" },
          { functionCall: { name: "weather", args: { city: "Köln" } } },
          { functionCall: { name: "now" } },
        ],
        role: "model",
      },
      finishReason: "STOP",
      index: 0,
    },
  ],
  usageMetadata: { promptTokenCount: 80, candidatesTokenCount: 30, totalTokenCount: 160, thoughtsTokenCount: 50 },
  modelVersion: "gemini-3.1-pro-preview",
  responseId: "resp-2",
};

const rest = (counts: object) => ({
  usageMetadata: { promptTokenCount: 9, ...counts },
  modelVersion: "gemini-3.1-pro-preview",
  responseId: "resp-3",
});
const chunk = (parts: readonly object[], counts: object, finishReason?: string) => ({
  candidates: [{ content: { parts, role: "model" }, ...(finishReason !== undefined && { finishReason }), index: 0 }],
  ...rest(counts),
});

export const STREAM: readonly object[] = [
  chunk([{ text: "Let me ", thought: true }], { totalTokenCount: 19, thoughtsTokenCount: 10 }),
  chunk([{ text: "think.", thought: true }], { totalTokenCount: 29, thoughtsTokenCount: 20 }),
  chunk([{ text: "It is " }], { candidatesTokenCount: 2, totalTokenCount: 31, thoughtsTokenCount: 20 }),
  chunk([{ text: "12 °C – " }, { text: "I will check." }], { candidatesTokenCount: 9, thoughtsTokenCount: 20 }),
  chunk([{ functionCall: { name: "weather", args: { city: "Bonn" } }, thoughtSignature: "CiQB0e2Kb" }], {
    candidatesTokenCount: 21,
    thoughtsTokenCount: 20,
  }),
  chunk([{ text: "" }], { candidatesTokenCount: 21, totalTokenCount: 50, thoughtsTokenCount: 20 }, "STOP"),
];
