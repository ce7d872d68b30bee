import { isUtf8 } from "node:buffer";
import type { Edit } from "../../contracts.ts";
import { applyEdits } from "../../dialect/json.ts";
import { dataOf, spellBase64 } from "../../dialect/spell.ts";
import { base64Layer, type Layer, stringLayer, textOf } from "./layer.ts";
import { isPayload, isPlainKey, isStructure, standsInData } from "./structure.ts";
import { type Literal, type Path, walkJson } from "./walk.ts";

/** Another text in place of a piece of one. Positions in UTF-16 units, `end` is exclusive. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text of a body, as a model would read it: escapes are gone. */
export interface Leaf {
  readonly text: string;
  /** The same for reading: as long, but that escapes of line ends in quoted code are blanks. */
  readonly shown: string;
  /** Which of the sheet's texts it stands in, and where: in UTF-16 units. */
  readonly page: number;
  readonly at: number;
}

/**
 * All texts of a body that may hold personal data, in the order of the document. `texts` are for reading: those of a
 * message together, each on a line of its own, what JSON holds behind its key.
 */
export interface Sheet {
  readonly texts: readonly string[];
  readonly leaves: readonly Leaf[];
  /** Edits of leaves, by their place in the list, as edits of the body. Those of one leaf are sorted. */
  edit(edits: ReadonlyMap<number, readonly TextEdit[]>): readonly Edit[];
}

/** JSON inside a string inside JSON ... : deeper than this it is read as it stands. */
const MOST_NESTED = 4;
/** Shorter numbers identify nobody. */
const LEAST_DIGITS = 7;

/** A JSON document: the body, or one inside a string of it. */
interface Document {
  readonly bytes: Uint8Array;
  readonly rise: Layer["rise"];
  readonly around?: Document;
  readonly nested: number;
  readonly edits: Edit[];
}

interface Place {
  readonly document: Document;
  readonly layer: Layer;
}

/** Reads a body that is valid JSON, in whatever API it is written. */
export function readSheet(body: Uint8Array): Sheet {
  const leaves: Leaf[] = [];
  const places: Place[] = [];
  const documents: Document[] = [];
  const pages: string[][] = [];
  /** The message that is being read, and the one that the last page is of. */
  let message = "";
  let last: string | undefined;
  let units = 0;

  function line(text: string): number {
    if (message !== last) {
      pages.push([]);
      units = 0;
      last = message;
    }
    const at = units;
    pages.at(-1)!.push(text);
    units += text.length + 1;
    return at;
  }

  function add(document: Document, layer: Layer, key: string): void {
    const { text } = layer;
    if (text === "") return;
    const label = key === "" ? "" : `${key}: `;
    const shown = shownOf(text);
    const at = line(label + shown) + label.length;
    leaves.push({ text, shown, page: pages.length - 1, at });
    places.push({ document, layer });
  }

  function visit(document: Document, literal: Literal): void {
    const isRoot = document.around === undefined;
    const isData = !isRoot || standsInData(literal.path);
    if (isRoot) message = `${literal.path[0]}.${literal.path[1]}`;
    if (literal.kind === "number") {
      if (isData && literal.length >= LEAST_DIGITS)
        add(document, numberLayer(document.bytes, literal), keyOf(literal.path));
    } else if (literal.kind === "key") {
      const key = literal.path.at(-1);
      if (typeof key === "string" && !isPlainKey(key)) add(document, stringLayer(document.bytes, literal), "");
    } else if (isData || !isStructure(literal.path)) readString(document, literal, isData);
  }

  function readString(document: Document, literal: Literal, isData: boolean): void {
    const layer = stringLayer(document.bytes, literal);
    const key = keyOf(literal.path);
    if (document.nested < MOST_NESTED && holdsJson(layer.text)) {
      const bytes = Buffer.from(layer.text);
      return read({ bytes, rise: layer.rise, around: document, nested: document.nested + 1, edits: [] });
    }
    const encoded = encodedIn(layer, isPayload(key));
    if (encoded === "nothing") return;
    if (encoded) add(document, through(encoded, layer), "");
    else add(document, layer, isData ? key : "");
  }

  function read(document: Document): void {
    documents.push(document);
    walkJson(document.bytes, (literal) => visit(document, literal));
  }

  read({ bytes: body, rise: (edits) => edits, nested: 0, edits: [] });
  return {
    texts: pages.map((lines) => lines.join("\n")),
    leaves,
    edit(edits) {
      for (const [index, own] of edits) {
        const { document, layer } = places[index]!;
        for (const edit of layer.rise(inBytes(leaves[index]!.text, own))) document.edits.push(edit);
      }
      // Those inside come after those around them.
      let risen: readonly Edit[] = [];
      for (const { rise, around, edits } of documents.toReversed()) {
        risen = rise(edits.splice(0).sort((a, b) => a.offset - b.offset));
        for (const edit of risen) around?.edits.push(edit);
      }
      return risen;
    },
  };
}

/** Text may hold JSON, or code with strings in it: an `n` that ends a line there is no letter of the next word. */
function shownOf(text: string): string {
  return text.includes("\\") && text.includes('"') ? text.replaceAll(/\\[nrt]/g, "  ") : text;
}

const keyOf = (path: Path): string => path.findLast((step) => typeof step === "string") ?? "";

/** A number becomes a string where it changes. */
function numberLayer(json: Uint8Array, { offset, length }: Literal): Layer {
  const bytes = json.subarray(offset, offset + length);
  return {
    text: textOf(bytes),
    rise: (edits) =>
      edits.length === 0
        ? []
        : [{ offset, length, bytes: Buffer.from(JSON.stringify(textOf(applyEdits(bytes, edits)))) }],
  };
}

function through(inner: Layer, layer: Layer): Layer {
  return { text: inner.text, rise: (edits) => layer.rise(inner.rise(edits)) };
}

const CONTAINER = /^\s*(?:\{[^]*\}|\[[^]*\])\s*$/;

function holdsJson(text: string): boolean {
  if (!CONTAINER.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const BASE64 = /^[\w+/-]+={0,2}$/;
/** Longer text in the alphabet of base64 is no text; where base64 is due, so is this long already. */
const LONG = 2048;
const LONG_PAYLOAD = 256;

/** The text that a string holds as base64, or nothing where it holds other bytes; undefined where it is text itself. */
function encodedIn({ text }: Layer, isPayload: boolean): Layer | "nothing" | undefined {
  const url = text[4] === ":" ? dataOf(text) : undefined;
  if (url?.isBase64) return decoded(text, url.mime, url.payload);
  if ((!isPayload && text.length <= LONG) || !BASE64.test(text)) return undefined;
  const inner = decoded(text, "", text);
  return inner === "nothing" && text.length <= (isPayload ? LONG_PAYLOAD : LONG) ? undefined : inner;
}

function decoded(around: string, mime: string, payload: string): Layer | "nothing" {
  const isText = spellBase64(mime, payload) !== "" && isUtf8(Buffer.from(payload, "base64"));
  return isText ? base64Layer(around, payload) : "nothing";
}

function inBytes(text: string, edits: readonly TextEdit[]): Edit[] {
  let units = 0;
  let offset = 0;
  const to = (unit: number): number => {
    offset += Buffer.byteLength(text.slice(units, unit));
    units = unit;
    return offset;
  };
  return edits.map(({ start, end, text }) => {
    const from = to(start);
    return { offset: from, length: to(end) - from, bytes: Buffer.from(text) };
  });
}
