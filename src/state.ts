import { createHmac, randomBytes } from "node:crypto";
import type { StoreEvent } from "./cache/store.ts";
import { type BreakEvens, createBreakEvens } from "./cascade/break-even.ts";
import { type Book, createBook, createDecisionBook, type DecisionBook } from "./books.ts";
import type { CacheTicket, Clock, Target } from "./contracts.ts";
import { createShares, type Shares } from "./decision/share.ts";
import { createEncoderShelf, type EncoderShelf, type LoadEncoder } from "./encoders.ts";
import type { Channel } from "./events.ts";
import { createEncoder } from "./inference/create.ts";
import { createShelf, type Shelf } from "./rewrite/pii/vault.ts";
import { createStoreShelf, type StoreShelf } from "./stores.ts";
import { createRetryBudget, type RetryBudget } from "./upstream/failover.ts";
import { type BreakerOptions, keysOf, type UpstreamOptions } from "./upstream/options.ts";
import { createSockets, socketsKey, type Sockets } from "./upstream/sockets.ts";
import { createTargetBook, type TargetState } from "./upstream/targets.ts";

/**
 * What outlives a reload: circuit breakers, live speeds, sockets, encoders, the decisions whose outcome may still be
 * told, who answers which conversation, what models were asked for us and how often they may be.
 * Each thing is known by its identity, not by the name that a configuration gives it, and is counted: what no
 * configuration holds any more is shut down.
 */
export interface State {
  readonly clock: Clock;
  readonly channel: Channel;
  readonly decisions: DecisionBook;
  /** Which target gave an answer that later requests may refer to: keys are tenant and id, values ids of targets. */
  readonly answers: Book<string>;
  readonly conversations: Book<RememberedTurn>;
  /** What models said to questions of ours, by what was asked. */
  readonly advice: Book<string>;
  readonly shares: Shares;
  /** What cascades cost and save. */
  readonly breakEvens: BreakEvens;
  /** What is hashed and sealed with where the config has no key: nobody outside this process knows it. */
  readonly secret: string;
  /** Where sealed placeholders lie for so long. */
  shelf(windowMs: number): Shelf;
  readonly encoders: EncoderShelf;
  /** Answers that may be given again. */
  readonly stores: StoreShelf;
  /** What it takes to keep the answers that gateways bring, by decision. */
  readonly tickets: Book<CacheTicket>;
  readonly retryBudget: RetryBudget;
  /** Takes hold of what a configuration needs. Call `release` once, when its last request is done. */
  hold(needs: Needs): Holding;
  /** What is held now, by however many configurations. */
  held(): { readonly targets: number; readonly sockets: number; readonly encoders: number; readonly stores: number };
  /** Shuts everything down, held or not. */
  shutdown(): Promise<void>;
}

export interface Needs {
  readonly upstreams: ReadonlyMap<string, UpstreamOptions>;
  readonly targets: readonly Target[];
  readonly breaker: BreakerOptions;
}

export interface Holding {
  sockets(upstream: string): Sockets;
  target(id: string): TargetState | undefined;
  release(): void;
}

/** The last turn of a conversation. */
interface RememberedTurn {
  readonly model: string;
  /** By the clock of the state, in milliseconds. */
  readonly at: number;
  /** Of its prompt: what the upstream may have cached. */
  readonly inputTokens: number;
}

const MOST_ADVICE = 10_000;
/** Of a few kilobytes each. */
const MOST_TICKETS = 5_000;
const MOST_CONVERSATIONS = 50_000;
/** Of placeholders of conversations. */
const SHELF = { entries: 50_000, bytes: 64 * 1024 * 1024 };

/** @param load how an encoder is loaded; the real one by default */
export function createState(channel: Channel, breaker: BreakerOptions, clock: Clock, load?: LoadEncoder): State {
  const names = new Map<string, string>();
  const targets = createTargetBook(
    breaker,
    (key, state) => channel.publish({ kind: "breaker", target: names.get(key) ?? key, state }),
    clock,
  );
  let shut = false;
  const identityOf = createIdentity();
  const shelves = new Map<number, Shelf>();
  const sockets = new Map<string, { readonly sockets: Sockets; holders: number }>();
  const encoders = createEncoderShelf(load ?? loader(channel, clock), (error) =>
    channel.publish({ kind: "fault", where: "closing an encoder", error }),
  );
  const stores = createStoreShelf(storeTeller(channel), (error) =>
    channel.publish({ kind: "fault", where: "closing a store of answers", error }),
  );

  return {
    clock,
    channel,
    decisions: createDecisionBook(clock),
    answers: createBook(clock),
    conversations: createBook(clock, MOST_CONVERSATIONS),
    advice: createBook(clock, MOST_ADVICE),
    shares: createShares(),
    breakEvens: createBreakEvens(clock),
    secret: randomBytes(32).toString("base64url"),
    shelf(windowMs) {
      const shelf = shelves.get(windowMs) ?? createShelf({ ...SHELF, windowMs, clock });
      shelves.set(windowMs, shelf);
      return shelf;
    },
    encoders,
    stores,
    tickets: createBook(clock, MOST_TICKETS),
    retryBudget: createRetryBudget(clock),
    hold(needs) {
      const socketKeys = new Map([...needs.upstreams].map(([name, options]) => [name, socketsKey(options)]));
      for (const [name, options] of needs.upstreams) {
        const key = socketKeys.get(name)!;
        const entry = sockets.get(key) ?? { sockets: createSockets(options, clock), holders: 0 };
        sockets.set(key, entry);
        entry.holders += 1;
      }
      const targetKeys = new Map(needs.targets.map((target) => [target.id, identityOf(target, needs.upstreams)]));
      for (const [id, key] of targetKeys) names.set(key, id);
      targets.acquire(targetKeys.values(), needs.breaker);

      return {
        sockets: (upstream) => sockets.get(socketKeys.get(upstream)!)!.sockets,
        target: (id) => targets.get(targetKeys.get(id) ?? ""),
        release() {
          if (shut) return; // A request that outlived its drain gives back what is gone already.
          targets.release(targetKeys.values());
          for (const key of targetKeys.values()) if (!targets.get(key)) names.delete(key);
          for (const key of socketKeys.values()) {
            const entry = sockets.get(key)!;
            entry.holders -= 1;
            if (entry.holders > 0) continue;
            sockets.delete(key);
            entry.sockets
              .close()
              .catch((error: unknown) => channel.publish({ kind: "fault", where: "closing sockets", error }));
          }
        },
      };
    },
    held: () => ({ targets: targets.size, sockets: sockets.size, encoders: encoders.size, stores: stores.size }),
    async shutdown() {
      shut = true;
      targets.shutdown();
      await Promise.all([
        encoders.shutdown(),
        stores.shutdown(),
        ...[...sockets.values()].map((entry) => entry.sockets.destroy()),
      ]);
      sockets.clear();
    },
  };
}

/** Loads encoders, and tells the channel when one of their threads dies. What was not read stands in signal reports. */
function loader(channel: Channel, clock: Clock): LoadEncoder {
  return (options) =>
    createEncoder(options, {
      clock,
      onEvent({ kind }) {
        if (kind === "worker_died") channel.publish({ kind: "encoder", worker: "died" });
        if (kind === "worker_replaced") channel.publish({ kind: "encoder", worker: "replaced" });
      },
    });
}

/** That a store is away is no fault: requests go on without it. */
const storeTeller = (channel: Channel) => (event: StoreEvent) =>
  event.kind === "fault"
    ? channel.publish({ kind: "fault", where: `the ${event.store} store of answers`, error: event.error })
    : channel.publish({
        kind: "cache",
        store: event.store,
        state: event.kind,
        ...(event.kind === "away" && { error: event.error }),
      });

/**
 * The endpoint, the way to it, who asks there, and what the endpoint calls the model: a target keeps its breaker when
 * only its names change, and one key that has run out says nothing of another. What may be secret goes in as a
 * fingerprint that means nothing outside this process.
 */
function createIdentity(): (target: Target, upstreams: Needs["upstreams"]) => string {
  const secret = randomBytes(32);
  const fingerprint = (key: string) => createHmac("sha256", secret).update(key).digest("base64url").slice(0, 16);
  return ({ upstream, upstreamModel }, upstreams) => {
    const options = upstreams.get(upstream)!;
    const { url, headers, query, ca, cert, proxy } = options;
    const asked = fingerprint(JSON.stringify([keysOf(options), headers, query, ca, cert, proxy]));
    return [url, upstreamModel, asked].join(" ");
  };
}
