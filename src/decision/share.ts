/** How often something costly may be done, as a share of what comes. Kept by key, such as a tenant. */
export interface Shares {
  /** One more came, of which this share in [0,1] may have it. */
  count(key: string, share: number): void;
  /** Whether it may be had now. */
  isLeft(key: string): boolean;
  /** It was had: call it where `isLeft`. */
  take(key: string): void;
}

/** What was not used is kept for a burst: the share of so many that came. */
const WINDOW = 100;
/** More keys than this are not told apart for long: the one that came longest ago is forgotten. */
const MOST_KEYS = 10_000;

/**
 * Of any n that come one after the other, no more than `share * (n + 100)` have it, one at least. The first one may,
 * so that little traffic is not without it.
 */
export function createShares(): Shares {
  const saved = new Map<string, number>();
  return {
    count(key, share) {
      const left = saved.get(key) ?? 1;
      saved.delete(key);
      saved.set(key, share <= 0 ? 0 : Math.min(left + share, Math.max(1, share * WINDOW)));
      if (saved.size > MOST_KEYS) saved.delete(saved.keys().next().value!);
    },
    isLeft: (key) => (saved.get(key) ?? 1) >= 1,
    take(key) {
      saved.set(key, (saved.get(key) ?? 1) - 1);
    },
  };
}
