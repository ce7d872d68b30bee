import { type UpstreamBody, UpstreamFailure } from "./upstream.ts";

const LIST_BYTES = 8_388_608;
/** A thousand models each: more than anybody has. */
const MOST_PAGES = 10;

/** What is found at a path below the base URL. */
export type GetJson = (path: string) => Promise<unknown>;

/** The list of OpenAI's API, in one piece. */
export async function listOpenAi(get: GetJson): Promise<readonly string[]> {
  return idsOf(await get("/models"), "data", "id");
}

/**
 * A list that comes in pages.
 * @param pathOf the path of a page; of the first one without `after`
 * @param idsOn the models on a page
 * @param next what leads to the page after this one; undefined on the last one
 */
export async function listPages(
  get: GetJson,
  pathOf: (after?: string) => string,
  idsOn: (page: unknown) => readonly string[],
  next: (page: Readonly<Record<string, unknown>>) => unknown,
): Promise<readonly string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await get(pathOf(after));
    ids.push(...idsOn(page));
    const token = next(fieldsOf(page));
    if (typeof token !== "string" || token === "" || token === after) break;
    after = token;
  }
  return ids;
}

/** Texts called `name` of the entries of the list called `list`. Entries of another form, or that are not `wanted`, are left out. */
export function idsOf(
  page: unknown,
  list: string,
  name: string,
  wanted: (entry: Readonly<Record<string, unknown>>) => boolean = () => true,
): string[] {
  const entries: unknown = fieldsOf(page)[list];
  if (!Array.isArray(entries)) throw new UpstreamFailure("upstream_error", "GET /models answered without a list");
  return entries.flatMap((entry: unknown) => {
    const fields = fieldsOf(entry);
    const id = fields[name];
    return typeof id === "string" && wanted(fields) ? [id] : [];
  });
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
