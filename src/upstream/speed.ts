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
  /**
   * Tells of one whole answer. Values that cannot be true are ignored.
   * @param ttftMs undefined where it was not streamed; then only the tokens' pace can be learned
   * @param latencyMs from sending to the last byte
   */
  observe(ttftMs: number | undefined, latencyMs: number, outputTokens: number): void;
}

export function createSpeedMeter(clock: Clock): SpeedMeter {
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
    observe(ttftMs, latencyMs, outputTokens) {
      if (isStale()) {
        ttft.forget();
        perToken.forget();
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
