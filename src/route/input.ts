import type { Ask, Caller, Constraints, Edit, Prompt } from "../contracts.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { EffortEdits } from "../dialect/effort.ts";

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
  /** Who asks can give out an answer that is at hand: without it nothing is looked up. */
  readonly cache?: boolean;
  /** Leave no trace, and ask nobody. */
  readonly preview: boolean;
  /** How models are asked, at the cost of this request; absent where none may be. */
  readonly ask?: Ask;
  /** The client's body; absent where there is none. */
  readonly body?: Uint8Array;
  /** The edits that make the client's body ask for a model; absent where there is no body. */
  readonly edit?: (upstreamModel: string) => readonly Edit[];
  /** The edits that tell a model how much to think; absent where there is no body. */
  readonly effortEdit?: EffortEdits;
}

/** The edits of a body, as its dialect makes them. */
export function editsOf(dialect: Dialect, bytes: Uint8Array): Pick<RouteInput, "body" | "edit" | "effortEdit"> {
  return { body: bytes, edit: dialect.modelEdits(bytes), effortEdit: dialect.effortEdits(bytes) };
}
