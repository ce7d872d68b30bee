import type { ConfigInput } from "../../config/schema.ts";
import type { DraftModel } from "./draft.ts";

/** From one tier to the next the price of output grows by this much at least: models nearer to each other are of one tier. */
const STEP = 3;
/** What a tier's models are taken to be worth where nothing tells: evenly from the first to the last. */
const WORST = 0.55;
const BEST = 0.9;
const ONLY = 0.7;

const NAMES: Readonly<Record<number, readonly string[]>> = {
  1: ["standard"],
  2: ["small", "large"],
  3: ["small", "medium", "large"],
};

/** Tiers, cheapest first, and the models with their tier: the one they have on the `ladder`, else one by their price. */
export function rankTiers(
  drafts: ReadonlyMap<string, DraftModel>,
  ladder: readonly string[] | undefined,
  totalMs: number | undefined,
): Pick<ConfigInput, "tiers" | "models"> {
  const placed = ladder ? onLadder(drafts, ladder) : byPrice(drafts);
  const used = placed.names.filter((name) => [...placed.tierOf.values()].includes(name));
  const tiers = used.map((name, at) => [
    name,
    { quality: qualityAt(at, used.length), ...(totalMs !== undefined && { timeouts: { total_ms: totalMs } }) },
  ]);
  const models = [...drafts].map(([name, { tier: _known, price, targets, ...rest }]) => [
    name,
    { tier: placed.tierOf.get(name)!, price: price ?? { input: 0, output: 0 }, ...rest, targets },
  ]);
  return {
    tiers: Object.fromEntries(tiers) as ConfigInput["tiers"],
    models: Object.fromEntries(models) as ConfigInput["models"],
  };
}

interface Placed {
  readonly names: readonly string[];
  readonly tierOf: ReadonlyMap<string, string>;
}

/** A model that stands on no rung is taken for one of the lowest: nothing says that it is better. */
function onLadder(drafts: ReadonlyMap<string, DraftModel>, ladder: readonly string[]): Placed {
  const free = ladder.map((name) => (drafts.has(name) ? `tier-${name}` : name));
  const tierOf = [...drafts].map(([name, { tier }]) => {
    const at = tier === undefined ? 0 : ladder.indexOf(tier);
    return [name, free[at]!] as const;
  });
  return { names: free, tierOf: new Map(tierOf) };
}

function byPrice(drafts: ReadonlyMap<string, DraftModel>): Placed {
  const priced = [...drafts]
    .flatMap(([name, { price }]) => (price ? [{ name, output: price.output }] : []))
    .toSorted((a, b) => a.output - b.output);
  const groups: { name: string; output: number }[][] = [];
  for (const model of priced) {
    const group = groups.at(-1);
    if (group && model.output <= STEP * group[0]!.output) group.push(model);
    else groups.push([model]);
  }
  const count = Math.max(1, groups.length);
  const usual = NAMES[count] ?? Array.from({ length: count }, (_, at) => `tier-${at + 1}`);
  const names = usual.map((name) => (drafts.has(name) ? `tier-${name}` : name));
  const rank = new Map(groups.flatMap((group, at) => group.map(({ name }) => [name, at] as const)));
  // A model without a price is one of one's own as a rule: the first tier's.
  const tierOf = [...drafts.keys()].map((name) => [name, names[rank.get(name) ?? 0]!] as const);
  return { names, tierOf: new Map(tierOf) };
}

function qualityAt(at: number, count: number): number {
  if (count === 1) return ONLY;
  return Number((WORST + ((BEST - WORST) * at) / (count - 1)).toFixed(2));
}
