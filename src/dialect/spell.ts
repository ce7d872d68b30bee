import { isUtf8 } from "node:buffer";
import { repeatsKeys } from "./json.ts";
import { isFields } from "./shape.ts";

/** Shown each member and element in the order of the document; `value` is undefined for an object or array. */
type Visit = (key: string, value: unknown) => void;

/** `key` is empty for elements of arrays. */
function walk(key: string, value: unknown, visit: Visit): void {
  // Stacks of our own: bodies may be nested deeper than ours may grow.
  const keys = [key];
  const values = [value];
  while (keys.length > 0) {
    const key = keys.pop()!;
    const value = values.pop();
    if (Array.isArray(value)) {
      visit(key, undefined);
      for (let i = value.length - 1; i >= 0; i--) {
        keys.push("");
        values.push(value[i]);
      }
    } else if (isFields(value)) {
      visit(key, undefined);
      for (const name of Object.keys(value).reverse()) {
        keys.push(name);
        values.push(value[name]);
      }
    } else {
      visit(key, value ?? null);
    }
  }
}

/**
 * Any JSON value as the words in it, one `key: value` a line, in the order of the document.
 * Escapes are gone, so that what is read is what a model would see.
 */
export function spell(value: unknown): string {
  if (typeof value === "string") return spellScalar("", value);
  const lines: string[] = [];
  walk("", value, (key, value) => {
    const text = spellScalar(key, value);
    if (text !== "") lines.push(lineOf(key, text));
    else if (key !== "" && (value === undefined || !isPlainKey(key))) lines.push(`${key}:`);
  });
  return lines.join("\n");
}

/** Arguments of a tool call, which OpenAI writes as JSON inside a string. As written too, where parsing loses something. */
export function spellArguments(value: unknown): string {
  if (typeof value !== "string" || !value.includes("\\")) return spell(value);
  try {
    const parsed: unknown = JSON.parse(value);
    // Of a key that repeats the last value stays, of a long number the first digits.
    return repeatsKeys(value, parsed) || /\d{16}/.test(value) ? `${spell(parsed)}\n${value}` : spell(parsed);
  } catch {
    return value;
  }
}

/** How much a line of what stands beside the conversation says. */
type Weight = "nothing" | "word" | "text";

/**
 * Shows each line of a member that no reader knows, with its weight. Switches and small numbers are not shown, nor are
 * names of objects, unless the key is no plain name and so may hold words itself.
 */
export function spellAside(key: string, value: unknown, visit: (line: string, weight: Weight) => void): void {
  walk(key, value, (key, value) => {
    const text = spellScalar(key, value);
    const weight = weigh(text, value);
    if (!isPlainKey(key)) visit(lineOf(key, text), "text");
    else if (weight !== "nothing") visit(lineOf(key, text), weight);
  });
}

function lineOf(key: string, text: string): string {
  if (key === "") return text;
  return text === "" ? `${key}:` : `${key}: ${text}`;
}

/** A value of an enumeration, such as `auto` or `json_object`; or a media type. */
const WORD = /^[a-z]{1,16}(?:_[a-z]{1,12}|\/[a-z.+-]{1,12})?$/;
/** What the APIs give out as identifiers. */
const ID = /^(?:call|toolu|srvtoolu|fc|rs|msg|ctc|ws|mcp|resp)_[A-Za-z0-9]{1,64}$/;
const SMALL = 1_000_000;

function weigh(text: string, value: unknown): Weight {
  if (text === "" || typeof value === "boolean") return "nothing";
  if (typeof value === "number") return Math.abs(value) < SMALL && text.length < 8 ? "nothing" : "text";
  if (text.length <= 80 && ID.test(text)) return "nothing";
  return text.length <= 32 && WORD.test(text) ? "word" : "text";
}

const KEY = /^[A-Za-z][A-Za-z0-9]{0,23}(?:[_-][A-Za-z0-9]{1,23}){0,2}$/;

/** True for the name of a field: too plain to say anything. */
function isPlainKey(key: string): boolean {
  return key === "" || (key.length <= 32 && KEY.test(key) && !/\d{6}/.test(key));
}

function spellScalar(key: string, value: unknown): string {
  if (typeof value === "string") return OPAQUE.has(key) && isEncoded(value) ? "" : spellString(value);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** Members in which an API keeps bytes of its own. */
const OPAQUE = new Set("signature encrypted_content thought_signature thoughtSignature".split(" "));

const BASE64 = /^[\w+/-]+={0,2}$/;
/** Digits that are no chance, and words set apart by slashes: somebody writes in the alphabet of base64. */
const WRITTEN = /\d{12}|(?:[+/](?:[A-Za-z][a-z]{2,}|[A-Z]{3,})){4}/;
const LONG = 2048;

/** True for base64 in which nobody hides words. */
function isEncoded(text: string): boolean {
  return BASE64.test(text) && !WRITTEN.test(text);
}

const DATA_URL = /^data:([^,;]{0,160})((?:;[^,;]{0,160}){0,8}),/i;
const URL_LIKE = /^[a-z][a-z0-9+.-]{1,20}:/i;

function spellString(text: string): string {
  if (URL_LIKE.test(text)) return spellUrl(text);
  return text.length > LONG && isEncoded(text) ? "" : text;
}

function spellUrl(url: string): string {
  const data = dataOf(url);
  if (data?.isBase64) return spellBase64(data.mime, data.payload);
  const open = url.replace(/(?:%[0-9a-f]{2}){1,1000}/gi, (escaped) =>
    Buffer.from(escaped.replaceAll("%", ""), "hex").toString(),
  );
  return open === url ? url : `${url}\n${open}`;
}

/** A data: URL in its pieces; undefined for any other text. The media type is in lower case. */
export function dataOf(url: string): { mime: string; isBase64: boolean; payload: string } | undefined {
  const head = DATA_URL.exec(url);
  if (!head) return undefined;
  const isBase64 = /;\s*base64\s*$/i.test(head[2]!);
  return { mime: head[1]!.trim().toLowerCase() || "text/plain", isBase64, payload: url.slice(head[0].length) };
}

const BINARY_MIME = /^(?:image|audio|video)\/(?!svg)/i;
const TEXT_MIME = /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml|yaml|x-yaml|x-ndjson|csv|javascript|sql))/i;
/** Control characters, which no text has. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x08\x0e-\x1a]/;

/**
 * What a model may read in bytes that travel as base64: their text where they are text, whatever the media type says,
 * and nothing of pictures, sound and other bytes. What is no base64 is read as it stands.
 */
export function spellBase64(mime: string, payload: unknown): string {
  if (typeof payload !== "string") return spell(payload);
  if (!BASE64.test(payload)) return payload;
  if (BINARY_MIME.test(mime)) return "";
  const bytes = Buffer.from(payload, "base64");
  if (isUtf8(bytes)) {
    const text = bytes.toString("utf8");
    if (!CONTROL.test(text)) return text;
  }
  // Text in another encoding: the letters of Latin scripts come through.
  return TEXT_MIME.test(mime) ? bytes.toString("latin1").replaceAll("\0", "") : "";
}
