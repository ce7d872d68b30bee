import { readFile, stat } from "node:fs/promises";
import { compileCascade, type ServedCascade } from "./compile.ts";
import { readCascade, UnfitCascade } from "./learned.ts";
import type { CascadeOptions } from "./options.ts";
import type { Cascade } from "./plan.ts";

const MOST_FILE_BYTES = 16_777_216;

/** The cascades of routes, by route. Errors: UnfitCascade, which names the file. */
export async function loadCascades(
  routes: Readonly<Record<string, { readonly cascade?: CascadeOptions | undefined }>>,
): Promise<ReadonlyMap<string, ServedCascade>> {
  const loaded = Object.entries(routes).map(async ([route, { cascade }]) =>
    cascade ? [[route, await load(cascade)] as const] : [],
  );
  return new Map((await Promise.all(loaded)).flat());
}

async function load(options: CascadeOptions): Promise<ServedCascade> {
  const { path } = options;
  if (path === undefined) return compileCascade(options, undefined);
  try {
    return compileCascade(options, await learnedIn(path));
  } catch (error) {
    if (error instanceof UnfitCascade)
      throw new UnfitCascade(`The file of gates ${path} cannot be used: ${error.message}.`);
    throw error;
  }
}

async function learnedIn(path: string): Promise<Cascade> {
  let text: string;
  try {
    const found = await stat(path);
    if (!found.isFile() || found.size > MOST_FILE_BYTES) throw new UnfitCascade("it is no file, or too large");
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof UnfitCascade) throw error;
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new UnfitCascade(isMissing ? "it is not there" : "it cannot be read");
  }
  return readCascade(text);
}
