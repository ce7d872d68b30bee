/** A stretch of a text that was given a type. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly type: string;
}

/** What one type's spans came to: found exactly, true ones, and given ones. */
export interface SpanCount {
  right: number;
  truth: number;
  given: number;
}

/** Compares the spans of one text: only the same start, end and type count as found. The same span twice counts once. */
export function compareSpans(truth: readonly Span[], given: readonly Span[]): Map<string, SpanCount> {
  const counts = new Map<string, SpanCount>();
  const countOf = (type: string) => {
    const count = counts.get(type) ?? { right: 0, truth: 0, given: 0 };
    counts.set(type, count);
    return count;
  };
  const open = new Map(truth.map((span) => [keyOf(span), span]));
  for (const { type } of open.values()) countOf(type).truth += 1;
  for (const [key, { type }] of new Map(given.map((span) => [keyOf(span), span]))) {
    const count = countOf(type);
    count.given += 1;
    if (open.has(key)) count.right += 1;
  }
  return counts;
}

const keyOf = ({ start, end, type }: Span) => `${start}-${end} ${type}`;
