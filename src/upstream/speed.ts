import type { Clock, Speed } from "../contracts.ts";

/** Weight of the newest answer once there are a few; the first ones count evenly. */
const NEWEST = 0.2;
/** What is older says nothing about now. A target that is avoided for its slowness gets its second chance here. */
const STALE_MS = 600_000;
const LONGEST_TTFT_MS = 600_000;
const LONGEST_TOKEN_MS = 10_000;

/** How fast a target answers, as a moving mean of its answers. */
export interface SpeedMeter {
  /** Undefined until a whole answer was observed, and ten minutes after the last one. */
  speed(): Speed | undefined;
  /** Milliseconds that 95% of the last first tokens took at most; undefined while there are too few to say. */
  lateMs(): number | undefined;
  /**
   * Tells of one whole answer. Values that cannot be true are ignored.
   * @param ttftMs undefined where it was not streamed; then only the tokens' pace can be learned
   * @param latencyMs from sending to the last byte
   */
  observe(ttftMs: number | undefined, latencyMs: number, outputTokens: number): void;
}

/** First tokens that are remembered, and how many there must be to tell a late one. */
const REMEMBERED = 100;
const ENOUGH = 20;

export function createSpeedMeter(clock: Clock): SpeedMeter {
  const recent: number[] = [];
  let oldest = 0;
  const ttft = createMean(LONGEST_TTFT_MS);
  const perToken = createMean(LONGEST_TOKEN_MS);
  let last = Number.NEGATIVE_INFINITY;

  const isStale = () => clock() - last > STALE_MS;

  return {
    speed() {
      const ttftMs = ttft.value();
      const msPerToken = perToken.value();
      if (ttftMs === undefined || msPerToken === undefined || isStale()) return undefined;
      return { ttftMs, msPerToken };
    },
    lateMs() {
      if (recent.length < ENOUGH || isStale()) return undefined;
      return recent.toSorted((a, b) => a - b)[Math.floor(recent.length * 0.95)];
    },
    observe(ttftMs, latencyMs, outputTokens) {
      if (isStale()) {
        ttft.forget();
        perToken.forget();
        recent.length = oldest = 0;
      }
      if (ttftMs !== undefined) {
        recent[oldest] = ttftMs;
        oldest = (oldest + 1) % REMEMBERED;
      }
      const told = ttftMs === undefined ? false : ttft.add(ttftMs);
      const head = ttftMs ?? ttft.value();
      // The first token came with the head, so its time belongs to the others alone.
      const paced = head !== undefined && outputTokens >= 2 && perToken.add((latencyMs - head) / (outputTokens - 1));
      if (told || paced) last = clock();
    },
  };
}

function createMean(longest: number) {
  let mean: number | undefined;
  let count = 0;
  return {
    value: () => mean,
    add(value: number): boolean {
      if (!(value >= 0 && value <= longest)) return false;
      count += 1;
      mean = mean === undefined ? value : mean + Math.max(NEWEST, 1 / count) * (value - mean);
      return true;
    },
    forget() {
      mean = undefined;
      count = 0;
    },
  };
}
