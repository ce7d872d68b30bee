/** A Signalbox in a process of its own that can be killed, stopped, and started again where it was. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Veil } from "./veil.ts";

// Processes that are killed here leave half a coverage file, which the report of all tests could not read.
delete process.env["NODE_V8_COVERAGE"];

const SIGNALBOX = join(import.meta.dirname, "../../bin/signalbox.mjs");
const READY_MS = 60_000;

export class Victim {
  readonly url: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "signalbox-victim-"));
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;

  /** The config must listen at this URL; `env` has its secrets. */
  constructor(url: string, yaml: string, env: Readonly<Record<string, string>> = {}) {
    this.url = url;
    this.#env = env;
    writeFileSync(this.#config, yaml);
  }

  get #config(): string {
    return join(this.#folder, "signalbox.yaml");
  }

  async start(): Promise<void> {
    const args = [SIGNALBOX, "serve", "--config", this.#config];
    const child = spawn(process.execPath, args, { stdio: "ignore", env: { ...process.env, ...this.#env } });
    this.#child = child;
    const isReady = () =>
      fetch(`${this.url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    for (const until = performance.now() + READY_MS; !(await isReady()); await sleep(50))
      assert.ok(performance.now() < until && child.exitCode === null, "Signalbox did not start");
  }

  signal(name: "SIGSTOP" | "SIGCONT"): void {
    this.#child?.kill(name);
  }

  async kill(): Promise<void> {
    if (!this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true });
  }
}

/** Started at the veil's address, which has it back when this is closed. `yaml` leaves its ports to the system. */
export async function inPlaceOf(veil: Veil, yaml: string, env: Readonly<Record<string, string>>): Promise<Victim> {
  await veil.weather("down");
  const victim = new Victim(veil.url, yaml.replace("127.0.0.1:0", new URL(veil.url).host), env);
  const close = victim.close.bind(victim);
  victim.close = async () => {
    await close();
    await veil.weather("clear");
  };
  await victim.start();
  return victim;
}
