import { textOf } from "./layer.ts";
import type { Placeholders } from "../../contracts.ts";

/** A placeholder in an answer as it is written or nearly so, in JSON too. */
const FORM =
  /(?:<|＜|&lt;|\\+u003c)[\s*]{0,3}([a-z]+(?:\\{0,2}_[a-z]+){0,7})\\{0,2}_(\d{1,9})[\s*]{0,3}\\{0,2}(?:>|＞|&gt;|u003e)/giu;

/** What in a whole answer looks like a placeholder, whoever gave it out; each once, in the form in which it is given out. */
export function placeholdersIn(bytes: Uint8Array): readonly string[] {
  const found = Array.from(
    textOf(bytes).matchAll(FORM),
    ([, label, number]) => `<${label!.replaceAll("\\", "").toUpperCase()}_${Number(number)}>`,
  );
  return [...new Set(found)];
}

/** Whether an answer that was kept holds no placeholder but those of this request. Where it does, it is somebody else's. */
export function resolves(placeholders: Placeholders, bytes: Uint8Array): boolean {
  const found = placeholdersIn(bytes);
  if (found.length === 0) return true;
  const own = new Set(placeholders.reveal().map(({ placeholder }) => placeholder));
  return found.every((placeholder) => own.has(placeholder));
}
