import { DOMAIN_TEXTS } from "./domain-texts.ts";
import { OWN_TEXT, type RouteSystemOptions, type SystemOptions } from "./options.ts";
import type { SystemText } from "./system.ts";

/**
 * What a conversation's models are told: the text of the route, then that of the domain. `label` is the domain that
 * holds for the whole conversation (`holdLabel`), never that of a later turn.
 */
export function systemTexts(
  system: SystemOptions | undefined,
  route: RouteSystemOptions | undefined,
  label: string | undefined,
): readonly SystemText[] {
  const said = label !== undefined && system && Object.hasOwn(system.labels, label) ? system.labels[label] : undefined;
  const text = said === OWN_TEXT ? ownText(label!) : said;
  return [
    ...(route ? [{ mode: route.mode, text: route.text }] : []),
    ...(text === undefined ? [] : [{ mode: system!.mode, text }]),
  ];
}

/** The text that comes with Signalbox; undefined for a label that has none. */
export function ownText(label: string): string | undefined {
  return Object.hasOwn(DOMAIN_TEXTS, label) ? DOMAIN_TEXTS[label] : undefined;
}
