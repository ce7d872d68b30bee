import { readFileSync, statSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Checked, checkConfig } from "./check.ts";
import { LARGEST_FILE, LARGEST_SECRET_FILE } from "./limits.ts";
import type { Surroundings } from "./secrets.ts";

/** Reads the config file at `path`, with this process's environment unless another is given. Never throws. */
export async function loadConfig(path: string, around: Partial<Omit<Surroundings, "readFile">> = {}): Promise<Checked> {
  try {
    const { size } = await regular(path);
    if (size > LARGEST_FILE) return refused(`the file is larger than ${LARGEST_FILE} bytes`);
    const checked = checkConfig(await readFile(path, "utf8"), {
      env: process.env,
      ...around,
      readFile: (secret) => readSecret(path, secret),
    });
    return { ...checked, files: checked.files.map((file) => secretPath(path, file)) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "not a file";
    return refused(`the file cannot be read: ${code === "ENOENT" ? "there is none" : code}`);
  }
}

/** Secret files are named from where the config file lies. */
function secretPath(config: string, secret: string): string {
  return resolve(dirname(config), secret);
}

/** A pipe or a device would never end. */
async function regular(path: string): Promise<{ size: number }> {
  const found = await stat(path);
  if (!found.isFile()) throw new Error("not a file");
  return found;
}

function readSecret(config: string, secret: string): string {
  const path = secretPath(config, secret);
  const found = statSync(path);
  if (!found.isFile() || found.size > LARGEST_SECRET_FILE) throw new Error("not a small file");
  return readFileSync(path, "utf8");
}

function refused(message: string): Checked {
  return { problems: [{ path: "", line: 0, column: 0, message }], files: [] };
}
