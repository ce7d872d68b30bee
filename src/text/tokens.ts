/** Hundredths of a token that a UTF-16 unit costs, by script; what today's large vocabularies need, on the high side. */
const SCRIPTS: readonly (readonly [from: number, to: number, hundredths: number])[] = [
  [0x0000, 0xffff, 100],
  [0x0000, 0x001f, 30],
  [0x0021, 0x007e, 55],
  [0x0030, 0x0039, 50],
  [0x0041, 0x005a, 30],
  [0x0061, 0x007a, 25],
  [0x00a0, 0x00bf, 80],
  [0x00c0, 0x024f, 40],
  [0x0370, 0x052f, 42],
  [0x0590, 0x06ff, 50],
  [0x0900, 0x0dff, 60],
  [0x0e00, 0x0eff, 60],
  [0x3040, 0x30ff, 75],
  [0x3400, 0x9fff, 85],
  [0xac00, 0xd7af, 80],
  [0xff00, 0xffef, 90],
];
const SPACE = 8;

const COST = new Uint8Array(0x10000);
for (const [from, to, hundredths] of SCRIPTS) COST.fill(hundredths, from, to + 1);
COST[0x20] = SPACE;

/** About as many tokens as a model's tokenizer would count; at least 1 for any text that is not empty. */
export function estimateTokens(text: string): number {
  let hundredths = 0;
  for (let i = 0; i < text.length; i++) hundredths += COST[text.charCodeAt(i)]!;
  return Math.ceil(hundredths / 100);
}
