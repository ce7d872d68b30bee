/**
 * Money is counted in millionths of a millionth of a US dollar. A price in USD per million tokens with up to six
 * decimals is a whole number of them for one token, so that any sum of tokens times prices is exact; and 2^63, the
 * largest integer of SQLite, is 9.2 million USD for one model, route, tenant and day.
 */
const PICO_PER_USD = 1e12;
/** The largest integer of SQLite. Sums stop there. */
export const LARGEST = 2n ** 63n - 1n;

/** Exact for amounts up to some 500 USD, where a double still tells neighbours apart; what is no amount is none. */
export function picoOf(usd: number): bigint {
  if (!(usd > 0)) return 0n;
  if (usd * PICO_PER_USD >= Number(LARGEST)) return LARGEST;
  return BigInt(Math.round(usd * PICO_PER_USD));
}

export const usdOf = (pico: bigint): number => Number(pico) / PICO_PER_USD;
