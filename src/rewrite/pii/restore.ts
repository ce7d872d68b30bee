import type { Edit } from "../../contracts.ts";
import { applyEdits } from "../../dialect/json.ts";
import { type Layer, stringLayer, textOf } from "./layer.ts";
import type { Placeholders } from "../../contracts.ts";
import { createRestoring, restoreText, type Restoring } from "./text.ts";
import { type Literal, walkJson } from "./walk.ts";

/**
 * A whole answer with the values in place of their placeholders, in whatever API: texts, thoughts, refusals, arguments
 * of tools, keys. Every other byte stays; bytes that are no JSON come back as they are.
 */
export function restoreWhole(bytes: Uint8Array, placeholders: Placeholders): Uint8Array {
  if (placeholders.size === 0) return bytes;
  const restoring = createRestoring(placeholders);
  if (!restoring.matcher.mayHold(bytes) || !isJson(bytes)) return bytes;
  return restoreJson(restoring, bytes, () => undefined);
}

/**
 * Valid JSON with its strings restored.
 * @param own what a string becomes, where somebody else knows it better
 */
export function restoreJson(
  restoring: Restoring,
  json: Uint8Array,
  own: (literal: Literal, text: () => string) => string | undefined,
): Uint8Array {
  const edits: Edit[] = [];
  walkJson(json, (literal) => {
    if (literal.kind === "number") return;
    let read: Layer | undefined;
    const layer = () => (read ??= stringLayer(json, literal));
    const known = own(literal, () => layer().text);
    const raw = json.subarray(literal.offset, literal.offset + literal.length);
    if (known === undefined && !restoring.matcher.mayHold(raw)) return;
    const { text, rise } = layer();
    const after = known ?? restoreText(restoring, text);
    if (after !== text) edits.push(...rise([change(text, after)]));
  });
  return applyEdits(json, edits);
}

/** What differs, in one piece: the bytes before and after it stay as they are written. */
function change(before: string, after: string): Edit {
  const [old, now] = [Buffer.from(before), Buffer.from(after)];
  const most = Math.min(old.length, now.length);
  let head = 0;
  while (head < most && old[head] === now[head]) head += 1;
  while (head > 0 && isInside(old, head)) head -= 1;
  let tail = 0;
  while (tail < most - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  while (tail > 0 && isInside(old, old.length - tail)) tail -= 1;
  return { offset: head, length: old.length - head - tail, bytes: now.subarray(head, now.length - tail) };
}

/** True where a byte goes on with a character that began before it. */
function isInside(bytes: Uint8Array, at: number): boolean {
  return at < bytes.length && (bytes[at]! & 0xc0) === 0x80;
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(textOf(bytes));
    return true;
  } catch {
    return false;
  }
}
