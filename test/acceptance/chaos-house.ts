/** The house of `chaos` in a process of its own, so that its memory and handles are its alone. Told by IPC; tells its events. */
import { createChannel, type RequestRecord } from "../../src/events.ts";
import { startSignalbox } from "../../src/server/start.ts";
import { config } from "../rig/house.ts";

/** To it: a config to begin with, then others; now and then how much it holds; at last the word to stop. */
export type ToHouse =
  | { readonly kind: "config"; readonly yaml: string }
  | { readonly kind: "weigh" }
  | { readonly kind: "stop" };

export type FromHouse =
  | { readonly kind: "ready"; readonly url: string }
  | { readonly kind: "applied"; readonly changed: boolean }
  /** What is in use once all garbage is collected, outside of the heap too. */
  | { readonly kind: "weight"; readonly mib: number }
  | { readonly kind: "breaker"; readonly target: string; readonly state: BreakerState; readonly at: number }
  | { readonly kind: "request"; readonly id: string; readonly attempts: RequestRecord["attempts"] }
  | { readonly kind: "fault"; readonly where: string; readonly error: string };

export type BreakerState = "open" | "half_open" | "closed";

const tell = (message: FromHouse) => void process.send!(message);
const channel = createChannel();
channel.subscribe((event) => {
  if (event.kind === "breaker") tell({ kind: "breaker", target: event.target, state: event.state, at: Date.now() });
  else if (event.kind === "request")
    tell({ kind: "request", id: event.plan?.decisionId ?? "", attempts: event.attempts });
  else if (event.kind === "fault") tell({ kind: "fault", where: event.where, error: String(event.error) });
});

let box: Awaited<ReturnType<typeof startSignalbox>> | undefined;

async function hear(message: ToHouse): Promise<void> {
  if (message.kind === "stop") {
    await box?.stop();
    process.disconnect();
  } else if (message.kind === "weigh") {
    // What is let go of by the first collection is gone with the second.
    for (let turn = 0; turn < 2; turn++) {
      globalThis.gc!();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { heapUsed, external } = process.memoryUsage();
    tell({ kind: "weight", mib: (heapUsed + external) / 2 ** 20 });
  } else if (box) {
    tell({ kind: "applied", changed: await box.apply(config(message.yaml)) });
  } else {
    box = await startSignalbox(config(message.yaml), channel);
    tell({ kind: "ready", url: box.url });
  }
}

let turn = Promise.resolve();
process.on("message", (message: ToHouse) => {
  turn = turn.then(() => hear(message));
});
// Whoever started it is gone, or heard everything.
process.on("disconnect", () => process.exit(0));
