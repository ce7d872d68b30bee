import type { Edit } from "../contracts.ts";
import { insertMember, joinEdits } from "../dialect/json.ts";
import { isFields, stringOf } from "../dialect/shape.ts";
import { endOf, insertion, listed, memberAt, memberIn, oneAt, type Body, type Placed } from "./body.ts";
import { composeEdits } from "./compose.ts";

export interface Limits {
  /** Longest reply, in tokens. */
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
}

/**
 * The edits that keep a reply within these limits, where the client's own are wider. `parameters` are the fields that
 * the model knows; undefined means all. The responses API has no sequences to stop at.
 */
export function limitEdits(
  body: Body,
  { maxTokens, stop = [] }: Limits,
  parameters?: readonly string[],
): readonly Edit[] {
  const form = FORMS[body.api];
  const home = form.home ? oneAt(body, ...form.home) : undefined;
  const owner: Owner = { body, form, ...(home && { home }) };
  return composeEdits(
    maxTokens === undefined ? [] : lengthEdits(owner, maxTokens, parameters),
    stop.length === 0 ? [] : stopEdits(owner, stop, parameters),
  );
}

/** How an API says its limits. */
interface Form {
  /** The member that they stand in, where it is not the body itself: as it is written where it is absent, then otherwise. */
  readonly home?: readonly [string, string];
  /** The name to use where the client uses none comes first: newer models of OpenAI's refuse `max_tokens`. */
  readonly lengths: readonly string[];
  readonly stops?: readonly string[];
  /** More sequences to stop at are refused. */
  readonly mostStops: number;
}

const FORMS: Readonly<Record<Body["api"], Form>> = {
  "openai-chat": { lengths: ["max_completion_tokens", "max_tokens"], stops: ["stop"], mostStops: 4 },
  "openai-responses": { lengths: ["max_output_tokens"], mostStops: 0 },
  "anthropic-messages": { lengths: ["max_tokens"], stops: ["stop_sequences"], mostStops: 4 },
  gemini: {
    home: ["generationConfig", "generation_config"],
    lengths: ["maxOutputTokens", "max_output_tokens"],
    stops: ["stopSequences", "stop_sequences"],
    mostStops: 5,
  },
};

/** Where limits stand in a body. */
interface Owner {
  readonly body: Body;
  readonly form: Form;
  readonly home?: Placed;
}

const find = ({ body, form, home }: Owner, name: string): Placed | undefined =>
  form.home ? home && memberIn(body, home, name) : memberAt(body, name);

/** Adds a member that is not there. */
function add({ body: { bytes }, form, home }: Owner, name: string, json: string): readonly Edit[] {
  if (!form.home) return [insertMember(bytes, name, json)];
  if (!home) return [insertMember(bytes, form.home[0], `{${JSON.stringify(name)}:${json}}`)];
  if (isFields(home.value)) return [insertMember(bytes, name, json, home.span)];
  return [replaced(home, `{${JSON.stringify(name)}:${json}}`)];
}

const replaced = ({ span }: Placed, json: string): Edit => ({ ...span, bytes: Buffer.from(json) });

function lengthEdits(owner: Owner, most: number, parameters: readonly string[] | undefined): readonly Edit[] {
  const { lengths } = owner.form;
  const cap = Math.max(most, leastFor(owner.body));
  const found = lengths.flatMap((name) => find(owner, name) ?? []);
  const said = found.filter(({ value }) => value !== null);
  const wider = said.filter(({ value }) => !isWithin(value, cap));
  if (said.length > 0) return joinEdits(wider.map((each) => replaced(each, String(cap))));
  const known = parameters && lengths.find((name) => parameters.includes(name));
  const name = known ?? lengths[0]!;
  const empty = find(owner, name);
  return empty ? [replaced(empty, String(cap))] : add(owner, name, String(cap));
}

const isWithin = (limit: unknown, cap: number): boolean => typeof limit === "number" && limit <= cap;

/** Claude refuses a limit that its budget for thoughts does not fit in. */
function leastFor({ api, value }: Body): number {
  const thinking = value["thinking"];
  if (api !== "anthropic-messages" || !isFields(thinking)) return 0;
  const budget = thinking["budget_tokens"];
  return typeof budget === "number" ? budget + 1 : 0;
}

/** Behind the client's own, whose bytes stay: something in them may be redacted. */
function stopEdits(owner: Owner, stop: readonly string[], parameters: readonly string[] | undefined): readonly Edit[] {
  const { stops: [name, other = name] = [], mostStops } = owner.form;
  if (name === undefined || (parameters && !KNOWN_STOPS.some((each) => parameters.includes(each)))) return [];
  const place = find(owner, name) ?? find(owner, other!);
  const said = place?.value ?? [];
  const own = Array.isArray(said) ? said : [stringOf(said)];
  const added = stop.filter((each) => !own.includes(each)).slice(0, Math.max(0, mostStops - own.length));
  if (added.length === 0) return [];
  const json = JSON.stringify(added);
  if (!place) return add(owner, name, json);
  const rest = json.slice(1, -1);
  if (typeof place.value === "string") return listed(owner.body, place, rest);
  if (!Array.isArray(place.value)) return [replaced(place, json)];
  return [insertion(endOf(place.span) - 1, own.length > 0 ? `,${rest}` : rest)];
}

/** What the field is called in any API, as lists of parameters name it. */
const KNOWN_STOPS = ["stop", "stop_sequences"];
