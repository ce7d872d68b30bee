import type { Caller, Constraints, Edit, Prompt } from "../contracts.ts";

/** One request as the first act needs it, whichever door it came through. */
export interface RouteInput {
  readonly prompt: Prompt;
  readonly caller: Caller;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Overrides what the model name asks for. */
  readonly profile?: string;
  readonly constraints: Constraints;
  /** The answer will be ours to fetch: nobody else dispatches it. */
  readonly answering?: boolean;
  /** Leave no trace. */
  readonly preview: boolean;
  /** The edits that make the client's body ask for a model; absent where there is no body. */
  readonly edit?: (upstreamModel: string) => readonly Edit[];
}
