import type { ContextValues } from "@connectrpc/connect";
import type { RouterError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";

/** One RPC between its head and its answer: what is known of it before its body is read. */
export interface Guest {
  /** What its method finds of it. */
  readonly values: ContextValues;
  readonly limits: Runtime["limits"];
  /**
   * There where the head did not say who asks: judges the client key of the body, before anything else of the body is
   * built. Errors: unauthenticated.
   */
  readonly admit?: (clientKey: string) => void;
  /** Told of what refused it before its method saw it. */
  refused(error: RouterError): void;
  /** Gives its place back. Once is enough, more does no harm. */
  leave(): void;
}
