import { createReadStream } from "node:fs";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { RouterError } from "../errors.ts";
import { Failure } from "./failure.ts";
import { type Line, readLines, REASONS } from "./input.ts";

/** A row with a text of a megabyte in any spelling fits. */
const MOST_LINE_BYTES = 16 * 1024 * 1024;

/** Lines of a file of cases, one at a time; a file that is gzip inside is opened, whatever its name. Errors: Failure. */
export async function* readCases(path: string): AsyncGenerator<Line> {
  let number = 0;
  try {
    for await (const line of readLines(await unpacked(createReadStream(path)), MOST_LINE_BYTES)) {
      number = line.number;
      yield line;
    }
  } catch (error) {
    if (error instanceof RouterError) {
      throw new Failure(`${path}: the line after line ${number} is longer than ${MOST_LINE_BYTES} bytes`);
    }
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    // Other errors come from who reads the lines.
    if (code === undefined) throw error;
    const isPacked = code.startsWith("Z_");
    const reason = isPacked ? `its gzip is damaged after line ${number} (${code})` : (REASONS[code] ?? code);
    throw new Failure(`cannot read ${path}: ${reason}`, { cause: error });
  }
}

const GZIP = Buffer.from([0x1f, 0x8b]);

async function unpacked(file: Readable): Promise<AsyncIterable<Uint8Array>> {
  const chunks = file[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await chunks.next();
  const whole = rejoined(first, chunks);
  const isPacked = first.done !== true && first.value.subarray(0, GZIP.length).equals(GZIP);
  // A fault of either reaches who reads.
  return isPacked ? pipeline(whole, createGunzip(), () => undefined) : whole;
}

async function* rejoined(first: IteratorResult<Buffer>, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    // Who has read enough closes the file.
    await rest.return?.();
  }
}
