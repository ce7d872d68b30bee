/** An answer as it lies in a store: who gave it, and its body. */
export interface Written {
  readonly model: string;
  /** A whole body in the API of its entry. */
  readonly body: Uint8Array;
}

const VERSION = 1;
const LINE_END = 0x0a;
const LONGEST_HEAD = 1024;

/** One line of JSON, then the body as it is. */
export function write({ model, body }: Written): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify({ version: VERSION, model })}\n`), body]);
}

/** Undefined for what another version wrote. */
export function read(bytes: Uint8Array): Written | undefined {
  const end = bytes.subarray(0, LONGEST_HEAD).indexOf(LINE_END);
  if (end < 0) return undefined;
  try {
    const head = JSON.parse(Buffer.from(bytes.subarray(0, end)).toString()) as { version?: unknown; model?: unknown };
    if (head.version !== VERSION || typeof head.model !== "string") return undefined;
    return { model: head.model, body: bytes.subarray(end + 1) };
  } catch {
    return undefined;
  }
}
