import type { Edit } from "../contracts.ts";
import { foreignIn } from "../dialect/foreign.ts";
import { DIALECTS } from "../dialect/index.ts";
import { parseBody } from "../dialect/json.ts";
import { usageEdits } from "../dialect/openai-chat/answer.ts";
import { referencesIn } from "../dialect/references.ts";
import { isFields, unsupported } from "../dialect/shape.ts";
import type { ClientApi } from "../dialect/speech.ts";
import type { RequestRecord } from "../events.ts";
import { route } from "../route/index.ts";
import { editsOf } from "../route/input.ts";
import { serveAnswer } from "./answering.ts";
import { askFor } from "./asking.ts";
import type { Request, Response } from "./listen.ts";
import type { Visit } from "./record.ts";
import { plainHeaders } from "./reply.ts";

/** What the doors of conversations differ in. */
interface Custom {
  readonly door: RequestRecord["door"];
  /** The edits that make a streamed answer tell its usage, where that is the client's choice. */
  readonly askUsage?: (bytes: Uint8Array, body: unknown) => readonly Edit[];
  /** Refuses what could not be answered here. Errors: unsupported_feature. */
  readonly refuse?: (body: unknown) => void;
  /** Headers of the client that are part of what it asks. */
  readonly headers: readonly string[];
}

const CUSTOMS: Readonly<Record<ClientApi, Custom>> = {
  "openai-chat": { door: "openai", askUsage: usageEdits, headers: [] },
  "openai-responses": { door: "openai", refuse: refuseBackground, headers: [] },
  "anthropic-messages": { door: "anthropic", headers: ["anthropic-version", "anthropic-beta"] },
};

/** Its answer would have to be fetched, and paid for, where nobody here looks. */
function refuseBackground(body: unknown): void {
  if (isFields(body) && body["background"] === true)
    unsupported("background", "its answer would have to be fetched from its own server later");
}

/** `POST /v1/chat/completions`, `/v1/responses`, `/v1/messages`: decides, then lets the models of the plan answer. */
export async function converse(api: ClientApi, visit: Visit, request: Request, response: Response): Promise<void> {
  const { door, askUsage, refuse, headers: own } = CUSTOMS[api];
  const dialect = DIALECTS[api];
  await serveAnswer({ door, api }, visit, request, response, async ({ runtime, caller, bytes, abort }) => {
    const body = parseBody(bytes, runtime.limits);
    const prompt = dialect.read(body, {});
    refuse?.(body);
    const headers = plainHeaders(request);
    const plan = await route(runtime, {
      prompt,
      caller,
      headers,
      constraints: {},
      preview: false,
      answering: true,
      cache: true,
      ask: askFor(visit, caller, abort),
      ...editsOf(dialect, bytes),
    });
    const edits = (prompt.stream && askUsage?.(bytes, body)) || [];
    return {
      prompt,
      plan,
      call: {
        edits,
        references: referencesIn(api, body),
        foreign: foreignIn(api, body, bytes),
        headers: Object.fromEntries(own.flatMap((name) => (headers[name] ? [[name, headers[name]]] : []))),
        stream: prompt.stream,
        usage: edits.length === 0,
      },
    };
  });
}
