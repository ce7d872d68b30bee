import { applyEdits } from "../../dialect/json.ts";
import type { RedactionOptions } from "./options.ts";
import type { Spans } from "./places.ts";
import { createRedactor } from "./redact.ts";
import { readSheet } from "./sheet.ts";

/** A text with placeholders for the personal data in it. */
export type Shown = (text: string) => Promise<string>;

/**
 * How texts are shown to others before it is known by which rule their request is dealt with, such as classifiers that
 * help to find that out: whatever is not allowed under all circumstances is replaced. Values do not come back.
 * @param find personal data in each of several texts
 */
export function createShown(options: RedactionOptions, find: (texts: readonly string[]) => Promise<Spans>): Shown {
  const redact = createRedactor(strictest(options), "");
  const here = { route: "", tenant: "", domains: [] };
  return async (text) => {
    const body = Buffer.from(JSON.stringify({ text }));
    const sheet = readSheet(body);
    const made = redact({ sheet, spans: await find(sheet.texts), names: [], turn: "", here, body });
    // With these options nothing is refused.
    if ("blocked" in made || made.edits.length === 0) return text;
    return (JSON.parse(Buffer.from(applyEdits(body, made.edits)).toString("utf8")) as { text: string }).text;
  };
}

/** Whatever any rule acts on is replaced. */
function strictest(options: RedactionOptions): RedactionOptions {
  const all = [options, ...options.rules];
  const isActedOn = (entity: string): boolean =>
    all.some(({ entities, action }) => {
      const own = Object.hasOwn(entities, entity) ? entities[entity] : action;
      return own !== undefined && own !== "allow";
    });
  const named = all.flatMap(({ entities }) => Object.keys(entities));
  return {
    ...options,
    rules: [],
    entities: Object.fromEntries(named.map((entity) => [entity, isActedOn(entity) ? "replace" : "allow"])),
    action: all.some(({ action }) => action !== undefined && action !== "allow") ? "replace" : "allow",
  };
}
