/** Makes the parts of an answer, one after the other; an answer in one piece is one part. Ends early when aborted. */
export type Work<P> = (abort: AbortSignal) => AsyncIterable<P>;

/**
 * One answer for all who ask the same at the same time. The first to ask leads: its work is done, and every part goes
 * to all, who may come later and still get the parts from the first one on. The work goes on as long as anybody waits
 * for it, whoever has left. If it fails before its first part, the work of the next who waits is done instead.
 */
export interface Flights<P> {
  readonly size: number;
  /**
   * Parts by themselves, or the failure that ended them; iterate once. Whoever stops iterating, or is aborted, has
   * left. Parts are shared: nobody may change them.
   */
  join(key: string, work: Work<P>, abort?: AbortSignal): Passenger<P>;
}

export interface Passenger<P> extends AsyncIterable<P> {
  /** Whether its own work made, or is making, the answer. */
  readonly leads: boolean;
}

export interface FlightOptions<P> {
  /** Kept of one answer for those who come later or read slowly. Beyond it nobody can join; who is behind fails. */
  readonly bytes: number;
  readonly sizeOf: (part: P) => number;
}

/** A passenger has fallen so far behind that the parts it needs are gone. */
export class FlightError extends Error {
  override readonly name = "FlightError";
}

const MOST_FLIGHTS = 10_000;
const MOST_PASSENGERS = 10_000;
/** Works that are tried for one answer; each has repeats and fallbacks of its own. */
const MOST_LEADERS = 3;
/** Parts that even the fastest passenger has not read: then the work waits. */
const AHEAD = 64;

interface Seat<P> {
  readonly work: Work<P>;
  /** Parts read. */
  at: number;
  leads: boolean;
  /** Why it got nothing while others wait on. */
  failed?: { readonly error: unknown };
}

interface Flight<P> {
  /** In the order in which they came. */
  readonly seats: Set<Seat<P>>;
  readonly abort: AbortController;
  readonly parts: P[];
  /** Number of the first of the parts that are kept. */
  from: number;
  bytes: number;
  ended?: { readonly failed?: { readonly error: unknown } };
  /** For passengers: there is another part, or an end. For the work: somebody read, or left. */
  news: PromiseWithResolvers<void>;
  room: PromiseWithResolvers<void>;
}

export function createFlights<P>(options: FlightOptions<P>): Flights<P> {
  const flights = new Map<string, Flight<P>>();

  function flightFor(key: string): Flight<P> {
    const known = flights.get(key);
    if (known && isOpen(known)) return known;
    const flight = newFlight<P>();
    if (known !== undefined || flights.size < MOST_FLIGHTS) flights.set(key, flight);
    return flight;
  }

  return {
    get size() {
      return flights.size;
    },
    join(key, work, abort) {
      const flight = flightFor(key);
      const seat: Seat<P> = { work, at: 0, leads: flight.seats.size === 0 };
      flight.seats.add(seat);
      const left = () => leave(flight, seat);
      abort?.addEventListener("abort", left, { once: true });
      if (seat.leads)
        void fly(flight, options).then(() => {
          if (flights.get(key) === flight) flights.delete(key);
        });
      return {
        get leads() {
          return seat.leads;
        },
        async *[Symbol.asyncIterator]() {
          try {
            yield* ride(flight, seat, abort);
          } finally {
            abort?.removeEventListener("abort", left);
            left();
          }
        },
      };
    },
  };
}

function newFlight<P>(): Flight<P> {
  return {
    seats: new Set(),
    abort: new AbortController(),
    parts: [],
    from: 0,
    bytes: 0,
    news: Promise.withResolvers(),
    room: Promise.withResolvers(),
  };
}

/** Whether another can join and get all of it. */
function isOpen<P>({ from, seats, abort, ended }: Flight<P>): boolean {
  return from === 0 && seats.size < MOST_PASSENGERS && !abort.signal.aborted && !ended;
}

/** The work of one passenger after the other, until one makes a part; never rejects. */
async function fly<P>(flight: Flight<P>, options: FlightOptions<P>): Promise<void> {
  for (let leaders = 1; !flight.ended; leaders++) {
    // Those who came first have waited longest.
    const [seat] = flight.seats;
    if (!seat) break;
    seat.leads = true;
    try {
      await pump(flight, seat.work, options);
      flight.ended = {};
    } catch (error) {
      const isTold = flight.from + flight.parts.length > 0;
      seat.failed = { error };
      flight.seats.delete(seat);
      if (isTold || leaders === MOST_LEADERS) flight.ended = { failed: { error } };
    }
    tell(flight, "news");
  }
  flight.ended ??= {};
}

async function pump<P>(flight: Flight<P>, work: Work<P>, options: FlightOptions<P>): Promise<void> {
  for await (const part of work(flight.abort.signal)) {
    flight.parts.push(part);
    flight.bytes += options.sizeOf(part);
    while (flight.bytes > options.bytes && flight.from < furthest(flight)) {
      flight.bytes -= options.sizeOf(flight.parts.shift()!);
      flight.from += 1;
    }
    tell(flight, "news");
    while (flight.seats.size > 0 && flight.from + flight.parts.length - furthest(flight) >= AHEAD)
      await flight.room.promise;
    if (flight.seats.size === 0) return;
  }
}

/** How many parts the passenger has read who has read most. */
function furthest<P>({ seats, from }: Flight<P>): number {
  let most = from;
  for (const { at } of seats) most = Math.max(most, at);
  return most;
}

async function* ride<P>(flight: Flight<P>, seat: Seat<P>, abort: AbortSignal | undefined): AsyncGenerator<P> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => undefined);
  const onAbort = () => reject(abort?.reason);
  abort?.addEventListener("abort", onAbort, { once: true });
  try {
    for (;;) {
      abort?.throwIfAborted();
      if (seat.failed) throw seat.failed.error;
      if (seat.at < flight.from) throw new FlightError("The answer went on without the one who read too slowly.");
      if (seat.at < flight.from + flight.parts.length) {
        seat.at += 1;
        tell(flight, "room");
        yield flight.parts[seat.at - 1 - flight.from]!;
      } else if (flight.ended) {
        if (flight.ended.failed) throw flight.ended.failed.error;
        return;
      } else {
        await Promise.race([flight.news.promise, aborted]);
      }
    }
  } finally {
    abort?.removeEventListener("abort", onAbort);
  }
}

/** The work of a flight that nobody waits for is ended. */
function leave<P>(flight: Flight<P>, seat: Seat<P>): void {
  flight.seats.delete(seat);
  if (flight.seats.size === 0 && !flight.ended) flight.abort.abort();
  tell(flight, "room");
}

function tell<P>(flight: Flight<P>, what: "news" | "room"): void {
  flight[what].resolve();
  flight[what] = Promise.withResolvers();
}
