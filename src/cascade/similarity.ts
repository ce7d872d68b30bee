const MOST = 120;

/** One less the share of characters that must change to make one of the other, in [0,1]; of the first 120 characters. */
export function similarity(one: string, other: string): number {
  if (one === other) return 1;
  const [a, b] = [one.slice(0, MOST), other.slice(0, MOST)];
  const row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    let before = row[0]!;
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j]!;
      row[j] = Math.min(above + 1, row[j - 1]! + 1, before + Number(a[i - 1] !== b[j - 1]));
      before = above;
    }
  }
  return 1 - row[b.length]! / Math.max(a.length, b.length, 1);
}
