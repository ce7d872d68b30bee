import type { PiiAction, RedactionOptions } from "./options.ts";

/** What a policy goes by, beside the entity. */
export interface Circumstances {
  readonly route: string;
  readonly tenant: string;
  /** What the domain signal read; empty where it read nothing. */
  readonly domains: readonly string[];
}

/** Whether anything is done about any entity under these circumstances. */
export function actsAtAll(options: RedactionOptions, here: Circumstances): boolean {
  const actionOf = actionsFor(options, here);
  const named = [options, ...options.rules].flatMap(({ entities }) => Object.keys(entities));
  return ["", ...named].some((entity) => actionOf(entity) !== "allow");
}

/** What is done with an entity under these circumstances: the first rule that has an action for it decides. */
export function actionsFor(options: RedactionOptions, here: Circumstances): (entity: string) => PiiAction {
  const rules = options.rules.filter(
    ({ when }) =>
      (when.route === undefined || when.route.includes(here.route)) &&
      (when.tenant === undefined || when.tenant.includes(here.tenant)) &&
      (when.domain === undefined || when.domain.some((domain) => here.domains.includes(domain))),
  );
  return (entity) => {
    for (const { entities, action } of [...rules, options]) {
      const own = Object.hasOwn(entities, entity) ? entities[entity] : action;
      if (own !== undefined) return own;
    }
    return options.action;
  };
}
