import type { Api, Edit, Prompt } from "../contracts.ts";
import type { RouterError } from "../errors.ts";
import type { EffortEdits } from "./effort.ts";

/** What a request says outside its body: Gemini names the model, and whether to stream, in the path. */
export interface Facts {
  readonly model?: string;
  readonly stream?: boolean;
}

/** An API that requests are written in. One file each. */
export interface Dialect {
  readonly api: Api;
  /**
   * Reads a parsed body far enough to decide. Fields, roles and kinds of content that it does not know are tolerated,
   * and read all the same: whatever is sent on and could be text stands in `everything`. What makes a decision
   * impossible, or would be read otherwise by the next server, is an invalid_request whose `param` names the field.
   */
  read(body: unknown, facts: Facts): Prompt;
  /** The edits that put a model's name into this body, wherever it names one. */
  modelEdits(bytes: Uint8Array): (model: string) => readonly Edit[];
  /** The edits that tell a model how much to think, in a body that says nothing of it. */
  effortEdits(bytes: Uint8Array): EffortEdits;
  /** The JSON body that clients of this API expect for an error. */
  errorBody(error: RouterError): string;
}
