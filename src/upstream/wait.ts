/** The longest that anybody is left alone because it asked for it. */
const LONGEST_WAIT_MS = 300_000;

type Headers = Readonly<Record<string, string>>;

/** Pairs of headers that tell how much is left of a limit and when it is whole again: OpenAI's and Anthropic's. */
const LIMITS = [
  ...["requests", "tokens"].map((what) => [`x-ratelimit-remaining-${what}`, `x-ratelimit-reset-${what}`] as const),
  ...["requests", "tokens", "input-tokens", "output-tokens"].map(
    (what) => [`anthropic-ratelimit-${what}-remaining`, `anthropic-ratelimit-${what}-reset`] as const,
  ),
];

/**
 * Milliseconds for which a model server asks to be left alone, at most five minutes: by Retry-After, and of a 429
 * without one by the limits that it tells. Undefined where it says nothing, or nothing that can be read.
 * @param headers names in lower case
 * @param now Unix time in milliseconds, for dates of an answer that does not tell its own time
 */
export function waitOf(status: number, headers: Headers, now: number): number | undefined {
  if (status < 400) return undefined;
  const told = Date.parse(headers["date"] ?? "");
  const asked = retryAfter(headers, Number.isNaN(told) ? now : told);
  const wait = asked ?? (status === 429 ? resetAfter(headers, Number.isNaN(told) ? now : told) : undefined);
  return wait === undefined ? undefined : Math.min(Math.max(0, wait), LONGEST_WAIT_MS);
}

function retryAfter(headers: Headers, now: number): number | undefined {
  return (
    amount(headers["retry-after-ms"], 1) ?? amount(headers["retry-after"], 1000) ?? until(headers["retry-after"], now)
  );
}

/** What is used up, until the last of it is whole again; where nothing says that it is, the first that is. */
function resetAfter(headers: Headers, now: number): number | undefined {
  const limits = LIMITS.flatMap(([remaining, reset]) => {
    const wait = amount(headers[reset], 1000) ?? duration(headers[reset]) ?? until(headers[reset], now);
    return wait === undefined ? [] : [{ wait, isSpent: headers[remaining]?.trim() === "0" }];
  });
  const spent = limits.filter(({ isSpent }) => isSpent).map(({ wait }) => wait);
  if (spent.length > 0) return Math.max(...spent);
  return limits.length > 0 ? Math.min(...limits.map(({ wait }) => wait)) : undefined;
}

function amount(text: string | undefined, unitMs: number): number | undefined {
  return text !== undefined && /^\d{1,12}(?:\.\d{1,9})?$/u.test(text.trim()) ? Number(text) * unitMs : undefined;
}

/** An HTTP date or one of RFC 3339. */
function until(text: string | undefined, now: number): number | undefined {
  if (text === undefined || !/^(?:[A-Z][a-z]{2,8}, |\d{4}-\d{2}-\d{2}T)/u.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : date - now;
}

const DURATION = /^(?:(\d{1,6})h)?(?:(\d{1,6})m(?!s))?(?:(\d{1,9}(?:\.\d{1,9})?)s)?(?:(\d{1,9}(?:\.\d{1,9})?)ms)?$/u;
const UNITS_MS = [3_600_000, 60_000, 1000, 1];

/** Such as `1m30s` or `120ms`. */
function duration(text: string | undefined): number | undefined {
  const parts = text === undefined || text === "" ? null : DURATION.exec(text);
  return parts?.slice(1).reduce((sum, part, at) => sum + Number(part ?? 0) * UNITS_MS[at]!, 0);
}
