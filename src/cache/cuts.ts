import type { Bounds } from "./store.ts";

/** What a tenant has. */
interface Total {
  readonly tenant: string;
  readonly entries: number;
  readonly bytes: number;
}

/** Who gives how much where there is too much: tenants over their share first, the largest of them before others. */
export function cutsFor(
  tenants: readonly Total[],
  bounds: Bounds,
): (Omit<Total, "tenant"> & { readonly tenant?: string })[] {
  const share = { entries: bounds.share * bounds.entries, bytes: bounds.share * bounds.bytes };
  let entries = sumOf(tenants, "entries") - bounds.entries;
  let bytes = sumOf(tenants, "bytes") - bounds.bytes;
  const cuts = [];
  for (const { tenant, ...has } of tenants.toSorted((a, b) => b.bytes - a.bytes)) {
    const cut = {
      tenant,
      entries: Math.max(0, Math.min(entries, Math.ceil(has.entries - share.entries))),
      bytes: Math.max(0, Math.min(bytes, Math.ceil(has.bytes - share.bytes))),
    };
    if (cut.entries === 0 && cut.bytes === 0) continue;
    cuts.push(cut);
    entries -= cut.entries;
    bytes -= cut.bytes;
  }
  if (entries > 0 || bytes > 0) cuts.push({ entries: Math.max(0, entries), bytes: Math.max(0, bytes) });
  return cuts;
}

const sumOf = (totals: readonly Total[], what: "entries" | "bytes"): number =>
  totals.reduce((sum, total) => sum + total[what], 0);
