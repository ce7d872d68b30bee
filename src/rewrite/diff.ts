import type { Edit } from "../contracts.ts";
import { findSpans, type Span } from "../dialect/json.ts";
import { partsOf, type Part } from "../dialect/parts.ts";
import { isFields, stringOf } from "../dialect/shape.ts";
import { endOf } from "./body.ts";
import { labelIn } from "./pii/placeholders.ts";
import { mask } from "./pii/spelling.ts";
import { isPlainKey, standsInData } from "./pii/structure.ts";

/** One change of a body. `path` such as messages[0].content; lengths in bytes. Texts only where they were asked for. */
export interface Change {
  readonly path: string;
  readonly kind: "added" | "removed" | "replaced";
  readonly before: number;
  readonly after: number;
  /** What stood there. Of the client's words nothing but the name of a model or a tool: [email] stands for an address, [120 bytes] for a text. */
  readonly textBefore?: string;
  /** What stands there instead: ours. */
  readonly textAfter?: string;
}

export interface DiffOptions {
  /** Show what changed, so many characters of it at most. Nothing of it where absent. */
  readonly textChars?: number;
  /** Entities that were taken out of the body: by them it is told what was masked. */
  readonly entities?: readonly string[];
}

const MOST_CHANGES = 200;

/**
 * What edits change in a valid JSON body, in the order of the body; of very many only the first. Elements that go are
 * one change each. Personal data is never shown, and without `textChars` nothing is but names of members.
 */
export function diffOf(before: Uint8Array, edits: readonly Edit[], options: DiffOptions = {}): readonly Change[] {
  const [whole] = findSpans(before, []);
  const first = edits.slice(0, MOST_CHANGES);
  const labels = new Set(first.map(({ bytes }) => labelIn(allOf(bytes))));
  // An entity is dealt with in one way: what has placeholders is not masked.
  const masked = options.entities?.filter((entity) => !labels.has(entity));
  const asked = { ...options, ...(masked && { entities: masked }) };
  return first.flatMap((edit) => changesOf(before, whole!, edit, asked)).slice(0, MOST_CHANGES);
}

/** Where an edit stands: the innermost value that holds all of it, and what that is made of. */
interface Place {
  readonly json: Uint8Array;
  readonly path: readonly (string | number)[];
  readonly value: Span;
  readonly parts: readonly Part[];
}

function changesOf(json: Uint8Array, whole: Span, edit: Edit, options: DiffOptions): readonly Change[] {
  const place = placeOf(json, whole, edit);
  const gone = place.parts.flatMap((part, at) => (holds(edit, part.span) && !part.key ? [{ part, at }] : []));
  if (edit.bytes.length === 0 && gone.length > 0) return gone.map(({ part, at }) => goneAt(place, part, at, options));
  const added = edit.length === 0 && isObject(place) ? memberIn(edit.bytes) : undefined;
  const kind = edit.length === 0 ? "added" : edit.bytes.length === 0 ? "removed" : "replaced";
  const path = added ? [...place.path, added.name] : place.path;
  return [
    {
      path: spelled(path),
      kind,
      before: edit.length,
      after: edit.bytes.length,
      ...shownTexts(options, () => ({
        before: beforeOf(place, edit, options),
        after: added ? added.json : afterOf(place, edit),
      })),
    },
  ];
}

function goneAt({ json, path }: Place, { value }: Part, at: number, options: DiffOptions): Change {
  const before = () => nameOf(JSON.parse(textOf(json, value))) ?? `[${value.length} bytes]`;
  return {
    path: spelled([...path, at]),
    kind: "removed",
    before: value.length,
    after: 0,
    ...shownTexts(options, () => ({ before: before(), after: "" })),
  };
}

/** What a tool is called, in any API. */
function nameOf(element: unknown): string | undefined {
  if (!isFields(element)) return undefined;
  const named = isFields(element["function"]) ? element["function"] : element;
  const name = stringOf(named["name"]);
  return /^[\w.-]{1,64}$/u.test(name) ? name : undefined;
}

function shownTexts({ textChars }: DiffOptions, texts: () => { readonly before: string; readonly after: string }) {
  if (textChars === undefined) return {};
  const { before, after } = texts();
  return { textBefore: before, textAfter: shortened(after, textChars) };
}

/** Its beginning, and how much more there is. */
function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = text
    .slice(0, most)
    .toWellFormed()
    .replace(/\uFFFD$/u, "");
  return `${head}... (${text.length} characters)`;
}

/** Numbers and the like of the request itself are told as they are, and so is the model's name. */
function beforeOf(place: Place, edit: Edit, { textChars = 0, entities }: DiffOptions): string {
  if (edit.length === 0) return "";
  const { json, path, value } = place;
  const text = textOf(json, edit);
  const after = allOf(edit.bytes);
  const label = labelIn(after) ?? maskedIn(text, after, entities);
  if (label !== undefined) return `[${label}]`;
  const isWhole = value.offset === edit.offset && value.length === edit.length;
  const isOpen = path.length === 1 && path[0] === "model";
  const isPlain = isWhole && !standsInData(path) && /^[\d.eE+-]+$|^(?:true|false|null|""|\[\]|\{\})$/u.test(text);
  if (isPlain || (isWhole && isOpen)) return shortened(text, textChars);
  const isInText = entities !== undefined && json[value.offset] === QUOTE && !/left out/u.test(after);
  return isInText ? "[personal data]" : `[${edit.length} bytes]`;
}

/** The entity of which this is the mask, where that is sure. */
function maskedIn(before: string, after: string, entities: readonly string[] = []): string | undefined {
  const [own, ...others] = entities.filter((entity) => mask(entity, plain(before)) === plain(after));
  return others.length === 0 ? own : undefined;
}

function afterOf({ json, value }: Place, { offset, bytes }: Edit): string {
  const text = allOf(bytes);
  const isPiece = json[value.offset] === QUOTE && value.offset < offset;
  return isPiece ? plain(text) : text.replace(/^,|,$/gu, "");
}

/** A piece of a JSON string as it reads. */
function plain(piece: string): string {
  try {
    return String(JSON.parse(`"${piece}"`));
  } catch {
    return piece;
  }
}

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;

const isObject = ({ json, value }: Place): boolean => json[value.offset] === OPEN_BRACE;

/** The member that an edit adds to an object. */
function memberIn(bytes: Uint8Array): { readonly name: string; readonly json: string } | undefined {
  const text = allOf(bytes);
  const found = /^,?"((?:[^"\\]|\\.){1,64})":/u.exec(text);
  return found ? { name: found[1]!, json: text.slice(found[0].length) } : undefined;
}

function placeOf(json: Uint8Array, whole: Span, edit: Edit): Place {
  const path: (string | number)[] = [];
  let value = whole;
  for (;;) {
    const parts = partsOf(json, value);
    const index = parts.findIndex((part) => isWithin(part.value, edit));
    if (index < 0) return { json, path, value, parts };
    const { key, value: inner } = parts[index]!;
    path.push(key ? textOf(json, { offset: key.offset + 1, length: key.length - 2 }) : index);
    value = inner;
  }
}

const holds = (outer: Span, inner: Span): boolean => outer.offset <= inner.offset && endOf(inner) <= endOf(outer);

/** What is put at the edge of a value stands beside it. */
function isWithin(value: Span, edit: Edit): boolean {
  return edit.length === 0 ? value.offset < edit.offset && edit.offset < endOf(value) : holds(value, edit);
}

/** Names of members are the client's too: what is no plain name is not shown, and in data of tools what could be data. */
function spelled(path: readonly (string | number)[]): string {
  return path
    .map((step, at) => {
      if (typeof step === "number") return `[${step}]`;
      const isData = standsInData(path.slice(0, at + 1));
      const isName = isData ? isPlainKey(step) : /^[A-Za-z_$][\w.-]{0,63}$/u.test(step) && !/\d{6}/u.test(step);
      return `${at === 0 ? "" : "."}${isName ? step : "?"}`;
    })
    .join("");
}

const allOf = (bytes: Uint8Array): string => textOf(bytes, { offset: 0, length: bytes.length });

const textOf = (bytes: Uint8Array, { offset, length }: Span): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString("utf8");
