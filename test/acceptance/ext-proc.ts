import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { setTimeout as sleep } from "node:timers/promises";
import { connectGateway } from "../fakes/ext-proc.ts";
import { play } from "../fakes/ext-proc-sequences.ts";
import { startHouse, threeModels } from "../rig/house.ts";
import { createFailures, type Figures, type Story, type StoryOptions } from "./story.ts";

/** Modes that a gateway can announce, for which there are inputs each. */
const SHARE = 5;
const AT_ONCE = 10;
/** Places in the house: one that is not given back is missed soon. */
const PLACES = 100;
/** A connection is one of a gateway; now and then another takes its place. */
const STREAMS_A_CONNECTION = 2000;
/** What the heap may grow by once everything is warm: records and decisions are kept, as many as fit. */
const GROWTH_MB = 48;
const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };

/** Streams of external processing as no gateway should send them. */
export const extProc: Story = {
  name: "ext-proc",
  says: "messages out of order, truncated, oversized and closed early, in all body modes, end with a code of ours or cleanly, and nothing of them stays",
  run,
};

async function run({ inputs, seed, at, signal, progress }: StoryOptions): Promise<Figures> {
  const failures = createFailures();
  const house = await startHouse(threeModels(urls), `  limits: { concurrent: ${PLACES} }`);
  house.channel.subscribe((event) => {
    house.events.length = 0; // They would be the leak that is looked for.
    if (event.kind === "fault") failures.add(`fault in ${event.where}: ${String(event.error)}`);
  });
  const total = at === undefined ? inputs * SHARE : 1;
  const counts = { clean: 0, typed: 0, left: 0, wrong: 0 };
  const before = handles();
  let gateway = await connectGateway(house.url);
  let warm = 0;
  let done = 0;
  while (done < total && !signal.aborted) {
    const from = at ?? done;
    const size = Math.min(AT_ONCE, total - done);
    const endings = await Promise.all(Array.from({ length: size }, (_, index) => play(gateway, seed, from + index)));
    for (const [index, { kind, about }] of endings.entries()) {
      counts[kind] += 1;
      failures.check(kind !== "wrong", `--at ${from + index}: ${about}`);
      failures.check(about !== "unavailable", `--at ${from + index}: a place was not given back`);
    }
    done += size;
    if (done % STREAMS_A_CONNECTION === 0) {
      await gateway.close();
      gateway = await connectGateway(house.url);
    }
    if (warm === 0 && done >= total / 2) warm = heapMb();
    progress(done / total, "streams");
  }
  await gateway.close();
  await sleep(100);
  const grown = heapMb() - warm;
  failures.check(total < 1000 || grown < GROWTH_MB, `the heap grew by ${grown.toFixed(1)} MB in the second half`);
  const left = handles() - before;
  failures.check(left <= 0, `${left} sockets or timers are left`);
  await house.stop();
  return {
    rows: {
      streams: done,
      "ended cleanly": counts.clean,
      "ended with a code": counts.typed,
      "left by the gateway": counts.left,
      "heap grown MB, second half": Number(grown.toFixed(1)),
      "sockets and timers left": Math.max(0, left),
    },
    failures: failures.list(),
  };
}

const handles = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap" || name === "Timeout").length;

function heapMb(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed / 2 ** 20;
}
