/** Marks the place of a secret that is not there; long enough for any key that the schema asks for. */
const UNSET = "signalbox-unset-";

export const standInFor = (reference: string): string => UNSET + reference;
/** True for a text that a secret is missing in. */
export const isStandIn = (value: string): boolean => value.includes(UNSET);
