import { performance } from "node:perf_hooks";
import { Option } from "commander";
import type { MeasuredEncoder } from "../evaluation/reader.ts";
import { createEncoder } from "../inference/create.ts";
import { type EncoderOptions, encoderOptions } from "../inference/options.ts";
import { isStandIn, standInFor } from "../config/stand-in.ts";
import { accepted, readConfig } from "./config.ts";
import { Failure } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

export const encoderOption = () =>
  new Option("-c, --config <path>", "read with the encoder of this config file (default: the one of the package)");

/** The encoder of the config at the path, or the packaged one. Errors: Failure, EncoderError. */
export type OpenEncoder = (terminal: Terminal, config: string | undefined) => Promise<MeasuredEncoder>;

/** Lends an encoder for as long as `act` runs. */
export async function withEncoder<T>(
  terminal: Terminal,
  open: OpenEncoder,
  config: string | undefined,
  act: (encoder: MeasuredEncoder) => Promise<T>,
): Promise<T> {
  const encoder = await open(terminal, config);
  try {
    return await act(encoder);
  } finally {
    await encoder.close();
  }
}

export const openEncoder: OpenEncoder = async (terminal, path) => {
  const given = path === undefined ? {} : await optionsOf(terminal, path);
  // Either stage may be asked for, whatever requests use.
  const options = encoderOptions.parse({ ...given, second_stage: "always" });
  return createEncoder(options, { clock: () => performance.now() });
};

/** Of the keys in the config only the encoder's own is needed. */
async function optionsOf(terminal: Terminal, path: string): Promise<Partial<EncoderOptions>> {
  const { config } = accepted(await readConfig(terminal, path, standInFor), path);
  const options: Partial<EncoderOptions> = ("encoder" in config && config.encoder) || {};
  const key = options.embeddings?.key;
  if (key !== undefined && isStandIn(key)) throw new Failure(`${path}: the key of the encoder's endpoint is not there`);
  return options;
}
