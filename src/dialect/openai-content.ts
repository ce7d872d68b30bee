import { names, readRest, type Names } from "./names.ts";
import { isFields, refuse, stringAt, stringOf, type Fields } from "./shape.ts";
import { dataOf, spell, spellBase64 } from "./spell.ts";
import { modalityOf, type Transcript } from "./transcript.ts";

/** What is done with a part, and which of its members that takes. */
interface PartReader {
  readonly takes: Names;
  read(transcript: Transcript, part: Fields, path: string): void;
}

const text: PartReader = {
  takes: names("type text"),
  read: (transcript, part, path) => transcript.words(stringAt(part["text"], `${path}.text`) ?? ""),
};
const refusal: PartReader = {
  takes: names("type refusal"),
  read: (transcript, part, path) => transcript.words(stringAt(part["refusal"], `${path}.refusal`) ?? ""),
};
const image: PartReader = { takes: names("type"), read: (transcript) => transcript.attach("image") };
const video: PartReader = { takes: names("type"), read: (transcript) => transcript.attach("video") };
const sound: PartReader = { takes: names("type input_audio"), read: readSound };
const file: PartReader = { takes: names("type file file_data"), read: readFile };

/** The parts of a message that both APIs of OpenAI know, by their `type`. */
const PARTS: Readonly<Record<string, PartReader>> = {
  text,
  input_text: text,
  output_text: text,
  summary_text: text,
  reasoning_text: text,
  refusal,
  image_url: image,
  input_image: image,
  computer_screenshot: image,
  input_audio: sound,
  audio_url: sound,
  video_url: video,
  input_video: video,
  file,
  input_file: file,
};

/** The content of a message: a string, parts, or nothing. Any other form is an invalid_request. */
export function readContent(transcript: Transcript, content: unknown, path: string): void {
  if (content === undefined || content === null) return;
  if (typeof content === "string") return transcript.words(content);
  if (!Array.isArray(content)) return refuse(path, "a string or an array of parts");
  content.forEach((part: unknown, index) => readPart(transcript, part, `${path}.${index}`));
}

function readPart(transcript: Transcript, part: unknown, path: string): void {
  if (typeof part === "string") return transcript.words(part);
  if (!isFields(part)) return refuse(path, "a part with a type");
  const type = stringOf(part["type"]);
  const reader = Object.hasOwn(PARTS, type) ? PARTS[type]! : undefined;
  if (reader) {
    reader.read(transcript, part, path);
    readRest(transcript, part, reader.takes);
  } else if (typeof part["text"] === "string") {
    transcript.words(part["text"]);
    readRest(transcript, part, TEXT_ALONE);
  } else {
    transcript.quote(spell(part));
  }
}

const TEXT_ALONE = names("text");
const SOUND = names("data");

function readSound(transcript: Transcript, part: Fields): void {
  transcript.attach("audio");
  const sound = part["input_audio"];
  if (!isFields(sound)) return transcript.aside("input_audio", sound);
  transcript.quote(spellBase64("audio/*", sound["data"]));
  readRest(transcript, sound, SOUND);
}

const FILE = names("file_data");

/** A file that travels in the body is read where it is text. Its members stand in `file`, or in the part. */
function readFile(transcript: Transcript, part: Fields): void {
  const inner = part["file"];
  const bytes = [part["file_data"], isFields(inner) ? inner["file_data"] : undefined];
  const mime = bytes.map((url) => dataOf(stringOf(url))?.mime).find((mime) => mime !== undefined);
  transcript.attach(mime === undefined ? "file" : modalityOf(mime));
  for (const url of bytes) if (url !== undefined) transcript.quote(spellFile(url));
  if (isFields(inner)) readRest(transcript, inner, FILE);
  else transcript.aside("file", inner);
}

function spellFile(url: unknown): string {
  return typeof url === "string" && !dataOf(url) ? spellBase64("", url) : spell(url);
}

const TOOL = names("type function custom");

/** A tool of either API: `{function: {name}}`, `{custom: {name}}`, `{name}`, or a built-in one that has only a type. */
export function readTool(transcript: Transcript, tool: Fields): void {
  const inner = [tool["function"], tool["custom"]].filter(isFields);
  for (const definition of inner) transcript.tool(nameOf(definition) || nameOf(tool), definition);
  if (inner.length === 0) transcript.tool(nameOf(tool), tool);
  else readBesideKind(transcript, tool, TOOL);
}

function nameOf(tool: Fields): string {
  const name = [tool["name"], tool["server_label"], tool["type"]].find(
    (name) => typeof name === "string" && name !== "",
  );
  return stringOf(name);
}

const KINDS = new Set<unknown>(["function", "custom", undefined]);

/** What a tool, or a call of one, has beside its `function` and its `custom`. */
export function readBesideKind(transcript: Transcript, fields: Fields, known: Names): void {
  if (!KINDS.has(fields["type"])) transcript.aside("type", fields["type"]);
  for (const kind of ["function", "custom"]) if (!isFields(fields[kind])) transcript.aside(kind, fields[kind]);
  readRest(transcript, fields, known);
}
