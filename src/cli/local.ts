import { performance } from "node:perf_hooks";
import type { Plan } from "../contracts.ts";
import { createChannel } from "../events.ts";
import { route } from "../route/index.ts";
import { createRuntime, type Runtime } from "../runtime.ts";
import { createState } from "../state.ts";
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
  const { config, hash } = await findConfig(terminal, options.config, { sends: false });
  const state = createState(createChannel(), config.breaker, () => performance.now());
  try {
    const runtime = await createRuntime(config, hash, state).catch((error: unknown) => {
      throw told(error);
    });
    try {
      return await act({
        runtime,
        decide: async (bytes) => route(runtime, routeInput(bytes, options, runtime.limits)),
      });
    } finally {
      runtime.release();
    }
  } finally {
    await state.shutdown();
  }
}
