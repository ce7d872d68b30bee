export interface Rollout {
  /** route: decide and send; observe: decide, record, send to the default model; kill: send to it, whatever is decided. */
  readonly mode: "route" | "observe" | "kill";
  /** Share of requests that are routed in mode `route`; the rest go to the default model. */
  readonly percent: number;
  readonly default?: string;
}

/** A route may roll out on its own, but never past the global kill switch. */
export function rolloutOf(global: Rollout, route: Partial<Rollout> | undefined): Rollout {
  return global.mode === "kill" || route === undefined ? global : { ...global, ...route };
}

/** Whether a key is among the first `percent` of all keys. The same key always answers alike, and once in, a larger percentage keeps it in. */
export function inRollout(key: string, percent: number): boolean {
  return (hash(key) / 2 ** 32) * 100 < percent;
}

/** FNV-1a over UTF-16 units, then mixed until the high bits, which decide, depend on every unit. */
function hash(key: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
