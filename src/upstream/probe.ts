import type { Upstream } from "./upstream.ts";

/** Asks a model server again and again whether it is there, so that no request has to find out. */
export interface Probe {
  /** True after two tries in vain, until one succeeds. */
  isDown(): boolean;
  stop(): void;
}

const MOST_PATIENCE_MS = 5000;
/** One try in vain may be chance. */
const FAILURES = 2;

/** @param onState told when it is found down, and when it is found well again */
export function startProbe(
  upstream: Pick<Upstream, "isWell">,
  everyMs: number,
  onState: (state: "down" | "up") => void,
): Probe {
  const stopped = new AbortController();
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const limit = AbortSignal.timeout(Math.min(everyMs, MOST_PATIENCE_MS));
    const isWell = await upstream.isWell(AbortSignal.any([stopped.signal, limit]));
    if (stopped.signal.aborted) return;
    const wasDown = failures >= FAILURES;
    if (isWell !== undefined) failures = isWell ? 0 : failures + 1;
    if (failures >= FAILURES !== wasDown) onState(wasDown ? "up" : "down");
    plan();
  }
  function plan(): void {
    timer = setTimeout(() => void look(), everyMs).unref();
  }
  plan();

  return {
    isDown: () => failures >= FAILURES,
    stop() {
      stopped.abort();
      clearTimeout(timer);
    },
  };
}
