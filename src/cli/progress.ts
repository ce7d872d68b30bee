import { performance } from "node:perf_hooks";
import type { Terminal } from "./terminal.ts";

const PATIENCE_MS = 1000;
const EVERY_MS = 200;

/** One line that is overwritten, beside work that takes longer than a second; nothing where nobody looks. */
export interface Progress {
  show(text: string): void;
  end(): void;
}

export function createProgress({ interactive, stderr, screen }: Terminal): Progress {
  let next = performance.now() + PATIENCE_MS;
  let shown = false;
  return {
    show(text) {
      const now = performance.now();
      if (!interactive || now < next) return;
      next = now + EVERY_MS;
      shown = true;
      stderr.write(`\r\u001b[K${text.slice(0, screen.width - 1)}`);
    },
    end() {
      if (shown) stderr.write("\r\u001b[K");
    },
  };
}

/** Lends a signal that Ctrl-C raises; a second Ctrl-C ends the process at once. */
export async function interruptible<T>(act: (abort: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once("SIGINT", stop);
  try {
    return await act(controller.signal);
  } finally {
    process.off("SIGINT", stop);
  }
}

/** `12,345` */
export const counted = (count: number): string => count.toLocaleString("en-GB");
