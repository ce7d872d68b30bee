import { type Listed, type UpstreamBody, UpstreamFailure } from "./upstream.ts";

const LIST_BYTES = 8_388_608;
/** A thousand models each: more than anybody has. */
const MOST_PAGES = 10;

/** What is found at a path below the base URL. */
export type GetJson = (path: string) => Promise<unknown>;

/** The list of OpenAI's API, in one piece. */
export async function listOpenAi(get: GetJson): Promise<readonly Listed[]> {
  return listedOn(await get("/models"), "data", "id");
}

/**
 * A list that comes in pages.
 * @param pathOf the path of a page; of the first one without `after`
 * @param modelsOn the models on a page
 * @param next what leads to the page after this one; undefined on the last one
 */
export async function listPages(
  get: GetJson,
  pathOf: (after?: string) => string,
  modelsOn: (page: unknown) => readonly Listed[],
  next: (page: Readonly<Record<string, unknown>>) => unknown,
): Promise<readonly Listed[]> {
  const models: Listed[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await get(pathOf(after));
    models.push(...modelsOn(page));
    const token = next(fieldsOf(page));
    if (typeof token !== "string" || token === "" || token === after) break;
    after = token;
  }
  return models;
}

/** Models of the list called `list`, known by `name`. Entries of another form, or that are not `wanted`, are left out. */
export function listedOn(
  page: unknown,
  list: string,
  name: string,
  wanted: (entry: Readonly<Record<string, unknown>>) => boolean = () => true,
): Listed[] {
  const entries: unknown = fieldsOf(page)[list];
  if (!Array.isArray(entries)) throw new UpstreamFailure("upstream_error", "GET /models answered without a list");
  return entries.flatMap((entry: unknown) => {
    const fields = fieldsOf(entry);
    const id = fields[name];
    return typeof id === "string" && wanted(fields) ? [listedAs(id, fields)] : [];
  });
}

/** The names that servers have for the same thing: vLLM, Gemini, and those that speak OpenAI's API in their own way. */
const CONTEXT = ["max_model_len", "inputTokenLimit", "context_window", "context_length", "max_context_length"];
const MAX_OUTPUT = ["outputTokenLimit", "max_completion_tokens"];

function listedAs(id: string, fields: Readonly<Record<string, unknown>>): Listed {
  const { parent, owned_by: owner } = fields;
  const context = tokensIn(fields, CONTEXT);
  const maxOutput = tokensIn(fields, MAX_OUTPUT);
  return {
    id,
    ...(context !== undefined && { context }),
    ...(maxOutput !== undefined && { maxOutput }),
    ...(typeof parent === "string" && parent !== id && { base: parent }),
    ...(typeof owner === "string" && { owner }),
  };
}

function tokensIn(fields: Readonly<Record<string, unknown>>, names: readonly string[]): number | undefined {
  const found = names.map((name) => fields[name]).find((value) => Number.isSafeInteger(value) && Number(value) > 0);
  return found === undefined ? undefined : Number(found);
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

export async function readJson(body: UpstreamBody): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > LIST_BYTES)
      throw new UpstreamFailure("upstream_error", `GET /models answered over ${LIST_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new UpstreamFailure("upstream_error", "GET /models answered something that is not JSON");
  }
}
