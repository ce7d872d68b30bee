import type { Block, Source } from "../form.ts";
import { names } from "../names.ts";
import { fieldsAt, refuse, stringAt, unsupported, type Fields } from "../shape.ts";
import { dataOf } from "../spell.ts";
import { asksNothing, refuseRest, refuseType } from "./foreign.ts";

// Marks for caches, and how probable an earlier answer was, are no part of what is asked.
const TEXT = names("type text annotations prompt_cache_breakpoint logprobs");
const REFUSAL = names("type refusal");
const IMAGE = names("type image_url file_id detail prompt_cache_breakpoint");
const FILE = names("type file_data file_url file_id filename detail prompt_cache_breakpoint");

/** The content of a message, or the output of a call: a string or parts. */
export function readContent(content: unknown, path: string): Block[] {
  if (typeof content === "string") return [{ kind: "text", text: content }];
  if (!Array.isArray(content)) return refuse(path, "a string or an array of parts");
  return content.map((part: unknown, index) => readPart(fieldsAt(part, `${path}.${index}`), `${path}.${index}`));
}

function readPart(part: Fields, path: string): Block {
  switch (part["type"]) {
    case "input_text":
    case "output_text":
      refuseRest(part, path, TEXT);
      if (!asksNothing(part["annotations"])) unsupported(`${path}.annotations`, "its API takes no citations");
      return { kind: "text", text: requiredString(part["text"], `${path}.text`) };
    case "refusal":
      refuseRest(part, path, REFUSAL);
      return { kind: "refusal", text: requiredString(part["refusal"], `${path}.refusal`) };
    case "input_image":
      refuseRest(part, path, IMAGE);
      return { kind: "media", modality: "image", source: imageSource(part, path), ...detailOf(part, path) };
    case "input_file":
      return readFile(part, path);
    default:
      return refuseType(part["type"], path);
  }
}

function readFile(part: Fields, path: string): Block {
  refuseRest(part, path, FILE);
  const name = stringAt(part["filename"], `${path}.filename`);
  const source = fileSource(part, path, name);
  return { kind: "media", modality: "file", source, ...(name && { name }), ...detailOf(part, path) };
}

/** `auto` is what a server does when it is told nothing. */
function detailOf(part: Fields, path: string): { detail?: string } {
  const detail = stringAt(part["detail"], `${path}.detail`);
  return detail === undefined || detail === "auto" ? {} : { detail };
}

function imageSource(part: Fields, path: string): Source {
  const url = stringAt(part["image_url"], `${path}.image_url`);
  const id = stringAt(part["file_id"], `${path}.file_id`);
  if (url !== undefined && id === undefined) return urlSource(url, `${path}.image_url`);
  if (id !== undefined && url === undefined) return { kind: "file_id", id };
  return refuse(path, "an image with either image_url or file_id");
}

function fileSource(part: Fields, path: string, name: string | undefined): Source {
  const data = stringAt(part["file_data"], `${path}.file_data`);
  const url = stringAt(part["file_url"], `${path}.file_url`);
  const id = stringAt(part["file_id"], `${path}.file_id`);
  if ([data, url, id].filter((each) => each !== undefined).length !== 1) {
    return refuse(path, "a file with one of file_data, file_url and file_id");
  }
  if (data !== undefined) return dataSource(data, `${path}.file_data`, name);
  return url === undefined ? { kind: "file_id", id: id! } : urlSource(url, `${path}.file_url`);
}

/** Bare base64 does not say what it is; only of PDF files does their name suffice. */
function dataSource(data: string, path: string, name: string | undefined): Source {
  if (dataOf(data)) return urlSource(data, path);
  if (name && /\.pdf$/i.test(name)) return { kind: "base64", mime: "application/pdf", data };
  return unsupported(path, "a file that is no PDF must be a data: URL, which tells its type");
}

function urlSource(url: string, path: string): Source {
  const inline = dataOf(url);
  if (inline?.isBase64) return { kind: "base64", mime: inline.mime, data: inline.payload };
  if (/^https?:\/\//i.test(url)) return { kind: "url", url };
  return refuse(path, "an http(s) URL, or a data: URL in base64");
}

export function requiredString(value: unknown, path: string): string {
  return stringAt(value, path) ?? refuse(path, "a string");
}
