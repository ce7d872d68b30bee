import type { Caller } from "../contracts.ts";
import type { Runtime } from "../runtime.ts";

/**
 * Whether what a caller says of answers is taken for true: gateways that the config trusts, and everybody where nobody
 * has to prove who he is. A client with a mere key must not speak for a model, nor shut it off for all others.
 */
export const isBelieved = ({ auth }: Pick<Runtime, "auth">, { trusted }: Caller): boolean => trusted || auth === "none";
