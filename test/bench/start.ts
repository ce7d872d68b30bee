import { existsSync, cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { medianRow, type Bench, type Row } from "./bench.ts";
import { serve } from "./processes.ts";

const IDLE_MS = 3000;
const root = join(import.meta.dirname, "../..");

export const start: Bench = {
  name: "start",
  says: `From the start of the process to /readyz 200, and resident memory ${IDLE_MS / 1000} s later; the first start, which fills the compile cache, is not counted.`,
  async run({ runs }) {
    const rows = [await measure("clone (src)", join(root, "bin/signalbox.mjs"), runs)];
    if (!existsSync(join(root, "dist/main.js"))) {
      console.error("No dist: run `npm run build` to measure the packed form too.");
      return rows;
    }
    // The entry takes src where there is one, so the packed form needs a folder of its own.
    const folder = mkdtempSync(join(tmpdir(), "signalbox-packed-"));
    try {
      for (const part of ["bin", "dist", "package.json"])
        cpSync(join(root, part), join(folder, part), { recursive: true });
      for (const part of ["models", "node_modules"]) symlinkSync(join(root, part), join(folder, part));
      rows.push(await measure("package (dist)", join(folder, "bin/signalbox.mjs"), runs));
    } finally {
      rmSync(folder, { recursive: true });
    }
    return rows;
  },
};

async function measure(form: string, entry: string, runs: number): Promise<Row> {
  const rows: Row[] = [];
  for (let run = -1; run < runs; run++) {
    const served = await serve("http://127.0.0.1:9/v1", entry);
    await sleep(IDLE_MS);
    if (run >= 0)
      rows.push({
        form,
        "ready ms": served.readyMs,
        "start CPU ms": served.cpuSeconds() * 1000,
        "idle RSS MiB": served.residentMib(),
      });
    await served.stop();
  }
  return medianRow(rows);
}
