import { performance } from "node:perf_hooks";
import type { Accepted } from "../config/check.ts";
import type { Config } from "../config/schema.ts";
import type { Plan } from "../contracts.ts";
import { createChannel } from "../events.ts";
import { route } from "../route/index.ts";
import { createRuntime, type Runtime } from "../runtime.ts";
import { createState, type State } from "../state.ts";
import { findConfig } from "./config.ts";
import { told } from "./failure.ts";
import { type InputOptions, routeInput } from "./input.ts";
import type { Terminal } from "./terminal.ts";

/** Deciding in this process: nothing is served and nothing is sent. */
export interface Local {
  readonly runtime: Runtime;
  /** Errors: those of `route`, and of a body that cannot be read. */
  decide(bytes: Uint8Array): Promise<Plan>;
}

/** Lends a runtime made from the config that the options name, for as long as `act` runs. */
export async function withLocal<T>(
  terminal: Terminal,
  options: InputOptions,
  act: (local: Local) => Promise<T>,
): Promise<T> {
  const accepted = await findConfig(terminal, options.config, { sends: false });
  return withRuntimes([accepted], ([runtime]) =>
    act({
      runtime: runtime!,
      decide: async (bytes) => route(runtime!, routeInput(bytes, options, runtime!.limits)),
    }),
  );
}

/** Lends a runtime of each config, and the state that they share, for as long as `act` runs. Errors: Failure. */
export async function withRuntimes<T>(
  configs: readonly Pick<Accepted, "config" | "hash">[],
  act: (runtimes: readonly Runtime[], state: State) => Promise<T>,
): Promise<T> {
  const state = createState(createChannel(), configs[0]!.config.breaker, () => performance.now());
  const runtimes: Runtime[] = [];
  try {
    for (const { config, hash } of configs) {
      const runtime = await createRuntime(lookingOn(config), hash, state).catch((error: unknown) => {
        throw told(error);
      });
      runtimes.push(runtime);
    }
    return await act(runtimes, state);
  } finally {
    for (const runtime of runtimes) runtime.release();
    await state.shutdown();
  }
}

/** Whether a model server is up is no part of a decision that is only looked at, and nothing is looked up or kept. */
function lookingOn(config: Config): Config {
  const upstreams = Object.entries(config.upstreams).map(([name, one]) => [name, { ...one, probe_ms: undefined }]);
  return { ...config, cache: undefined, upstreams: Object.fromEntries(upstreams) };
}
