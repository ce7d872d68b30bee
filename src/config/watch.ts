import { stat } from "node:fs/promises";
import type { Checked } from "./check.ts";
import { loadConfig } from "./load.ts";

export interface WatchOptions {
  /** Milliseconds between two looks. A change is read once it has been still from one look to the next. */
  readonly intervalMs?: number;
  /** What the running config was read from: a change since then is told. Without it the first reading is told too. */
  readonly loaded?: Checked;
  readonly load?: (path: string) => Promise<Checked>;
}

const INTERVAL_MS = 500;

export interface Watch {
  /** Reads now, after any reading under way, and tells what was read even when its meaning is old. */
  reread(): void;
  stop(): void;
}

/**
 * Looks at the config file and the secret files it names, and reads them again when they change: by editors that
 * write in place or rename, or by the swap of a link on the way, as Kubernetes does it. `onChange` is told what was
 * read, whole or refused, when its meaning is new; what it throws is dropped. Does not keep the process alive.
 */
export function watchConfig(
  path: string,
  onChange: (checked: Checked) => void | Promise<void>,
  { intervalMs = INTERVAL_MS, loaded, load = loadConfig }: WatchOptions = {},
): Watch {
  let files = [path, ...(loaded?.files ?? [])];
  let told = loaded && meaningOf(loaded);
  let seen = "";
  let read = "";
  let stopped = false;
  let turn: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const marks = await marksOf(files);
    const still = marks === seen;
    seen = marks;
    if (!still || marks === read) return;
    // Marks from before the reading: what changes while it goes on is read again.
    read = marks;
    await inTurn(false);
  }

  /** One reading after the other, so that an old one never comes last. */
  function inTurn(always: boolean): Promise<void> {
    turn = turn.then(() => readNow(always)).catch(() => undefined);
    return turn;
  }

  async function readNow(always: boolean): Promise<void> {
    const checked = await load(path);
    files = [path, ...checked.files];
    const meaning = meaningOf(checked);
    if (stopped || (meaning === told && !always)) return;
    told = meaning;
    await onChange(checked);
  }

  function wait(): void {
    if (!stopped) timer = setTimeout(() => void look().then(wait, wait), intervalMs).unref();
  }

  wait();
  return {
    reread: () => void inTurn(true),
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

const meaningOf = (checked: Checked) => ("hash" in checked ? checked.hash : JSON.stringify(checked.problems));

/** Links are followed, so the swap of one shows as another file. */
async function marksOf(files: readonly string[]): Promise<string> {
  const marks = await Promise.all(files.map(markOf));
  return marks.join(" ");
}

async function markOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
  } catch {
    return "missing";
  }
}
