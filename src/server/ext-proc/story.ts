import type { Attempt, Caller, Plan, Prompt } from "../../contracts.ts";
import type { ClientApi } from "../../dialect/speech.ts";
import { RouterError } from "../../errors.ts";
import type { Request } from "../listen.ts";
import type { Visit } from "../record.ts";
import type { FilterSettings } from "./filter.ts";
import type { Message } from "./messages.ts";
import type { Reply } from "./replies.ts";

/** One HTTP request at the gateway, both directions of it. */
export interface Exchange {
  /**
   * What is sent back for a message, in this order. One message at a time.
   * Errors: invalid_request for messages in an order that there is none.
   */
  take(message: Message): readonly Reply[] | Promise<readonly Reply[]>;
  /** No more messages come, whatever was still to come. */
  end(): void;
}

/** What an exchange needs of the house. */
export interface Surroundings {
  readonly visit: Visit;
  /** The gateway, with the metadata of its stream. */
  readonly peer: Request;
  readonly settings: FilterSettings;
  /** Aborted when the stream is over, or its verdict too late. */
  readonly over: AbortController;
}

/** What is known of the request so far, for its record. */
export interface Story {
  /** Absent for what is no conversation: it leaves no record. */
  api?: ClientApi;
  caller?: Caller;
  prompt?: Prompt;
  plan?: Plan;
  error?: RouterError;
  /** As the client is told it. */
  status?: number;
  uploadMs: number;
  /** Milliseconds from the beginning until the request went on its way. */
  sentAt?: number;
  /** Gives back what was held of the tenant's budget. */
  release?: () => void;
  attempts: readonly Attempt[];
}

export const outOfOrder = (sentence: string): RouterError => new RouterError("invalid_request", sentence);
