import { DIALECTS } from "../dialect/index.ts";
import { parseBody } from "../dialect/json.ts";
import { usageEdits } from "../dialect/openai-chat/answer.ts";
import { readInputs } from "../dialect/openai-inputs.ts";
import { planPassthrough } from "../route/passthrough.ts";
import { serveAnswer } from "./answering.ts";
import type { Request, Response } from "./listen.ts";
import type { Visit } from "./record.ts";
import { plainHeaders, sendJson } from "./reply.ts";

const CHAT = DIALECTS["openai-chat"];

/**
 * `POST /v1/embeddings`, `/v1/completions`: to the model that is named, under its targets, metered. Rules and safety
 * hold; nothing else is decided.
 */
export async function passthrough(path: string, visit: Visit, request: Request, response: Response): Promise<void> {
  const door = { door: "passthrough", api: "openai-chat" } as const;
  await serveAnswer(door, visit, request, response, async ({ runtime, caller, bytes }) => {
    const body = parseBody(bytes, runtime.limits);
    // An embedding is always whole, whatever its body says of streams.
    const inputs = readInputs(body, { streams: path === "/completions" });
    const { prompt } = inputs;
    const plan = await planPassthrough(runtime, {
      ...inputs,
      caller,
      headers: plainHeaders(request),
      constraints: {},
      preview: false,
      body: bytes,
      edit: CHAT.modelEdits(bytes),
    });
    const edits = prompt.stream ? usageEdits(bytes, body) : [];
    return {
      prompt,
      plan,
      call: {
        path,
        edits,
        references: [],
        foreign: "none",
        headers: {},
        stream: prompt.stream,
        usage: edits.length === 0,
      },
    };
  });
}

/** `GET /v1/models`: what may be asked for by this caller: the routed names first, then the pool; in the form of its API. */
export function listModels(visit: Visit, request: Request, response: Response): void {
  const { runtime } = visit;
  const caller = visit.admit(request);
  const routed = runtime.aliases.flatMap((alias) => [
    alias,
    ...[...runtime.profiles.keys()].map((profile) => `${alias}:${profile}`),
  ]);
  const pool = runtime.pool.models.map(({ name }) => name).filter((name) => caller.models?.includes(name) ?? true);
  const names = [...routed, ...pool];
  if (request.headers["anthropic-version"] === undefined) {
    const data = names.map((id) => ({ id, object: "model", created: 0, owned_by: "signalbox" }));
    return sendJson(response, 200, { object: "list", data });
  }
  const data = names.map((id) => ({ type: "model", id, display_name: id, created_at: "1970-01-01T00:00:00Z" }));
  sendJson(response, 200, { data, has_more: false, first_id: names[0] ?? null, last_id: names.at(-1) ?? null });
}
