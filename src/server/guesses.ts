import ipaddr from "ipaddr.js";
import type { Clock } from "../contracts.ts";
import { RouterError } from "../errors.ts";

/** Client keys that were not known, by where they came from: whoever guesses must wait. It outlives reloads. */
export interface Guesses {
  /** Errors: rate_limited for an address that has guessed too often, whatever it shows now. */
  heed(address: string | undefined): void;
  /** A key that this address showed is not known. */
  missed(address: string | undefined): void;
}

const MOST_MISSES = 20;
const MINUTE_MS = 60_000;
/** More addresses than this are not remembered; the one that has been known longest is forgotten. */
const MOST_ADDRESSES = 10_000;
/** What one subscriber of IPv6 has for his own. */
const SUBSCRIBER_BYTES = 8;

/** Twenty unknown keys within a minute, and the address waits for one. */
export function createGuesses(clock: Clock): Guesses {
  const known = new Map<string, { misses: number; until: number }>();
  return {
    heed(address) {
      // Nearly always nobody has guessed, and to read an address takes time.
      const entry = known.size === 0 ? undefined : known.get(neighbourhood(address));
      const now = clock();
      if (!entry || entry.misses < MOST_MISSES || entry.until <= now) return;
      throw new RouterError("rate_limited", "Too many unknown client keys came from this address.", {
        retryAfterMs: entry.until - now,
      });
    },
    missed(address) {
      const from = neighbourhood(address);
      const now = clock();
      const last = known.get(from);
      const misses = last && last.until > now ? last.misses + 1 : 1;
      const until = misses === 1 || misses === MOST_MISSES ? now + MINUTE_MS : last!.until;
      known.delete(from);
      known.set(from, { misses, until });
      if (known.size > MOST_ADDRESSES) known.delete(known.keys().next().value!);
    },
  };
}

function neighbourhood(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return "";
  const parsed = ipaddr.process(address);
  return parsed.kind() === "ipv4"
    ? parsed.toString()
    : Buffer.from(parsed.toByteArray().slice(0, SUBSCRIBER_BYTES)).toString("hex");
}
