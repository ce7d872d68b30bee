import { isFields, refuse, spell, stringAt, stringOf, type Fields } from "./shape.ts";
import { modalityOf, textOf, type Transcript } from "./transcript.ts";

/** The parts of a message that both APIs of OpenAI know, by their `type`. */
const PARTS: Readonly<Record<string, (transcript: Transcript, part: Fields, path: string) => void>> = {
  text: readText,
  input_text: readText,
  output_text: readText,
  summary_text: readText,
  reasoning_text: readText,
  refusal: (transcript, part, path) => transcript.words(stringAt(part["refusal"], `${path}.refusal`) ?? ""),
  image_url: (transcript) => transcript.attach("image"),
  input_image: (transcript) => transcript.attach("image"),
  computer_screenshot: (transcript) => transcript.attach("image"),
  input_audio: (transcript) => transcript.attach("audio"),
  audio_url: (transcript) => transcript.attach("audio"),
  video_url: (transcript) => transcript.attach("video"),
  input_video: (transcript) => transcript.attach("video"),
  file: (transcript, part) => readFile(transcript, isFields(part["file"]) ? part["file"] : part),
  input_file: readFile,
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
  if (Object.hasOwn(PARTS, type)) PARTS[type]!(transcript, part, path);
  else if (typeof part["text"] === "string") transcript.words(part["text"]);
  else transcript.quote(spell(part));
}

function readText(transcript: Transcript, part: Fields, path: string): void {
  transcript.words(stringAt(part["text"], `${path}.text`) ?? "");
}

const DATA_URL = /^data:([\w.+-]{1,80}\/[\w.+-]{1,80})[^,]{0,80};base64,/;

/** A file that travels in the body is read where it is text. */
function readFile(transcript: Transcript, file: Fields): void {
  const url = stringOf(file["file_data"]);
  const mime = DATA_URL.exec(url);
  transcript.attach(mime ? modalityOf(mime[1]!) : "file");
  if (mime) transcript.quote(textOf(mime[1]!, url.slice(mime[0].length)));
}

/** A tool of either API: `{function: {name}}`, `{custom: {name}}`, `{name}`, or a built-in one that has only a type. */
export function readTool(transcript: Transcript, tool: unknown): void {
  if (!isFields(tool)) return;
  const inner = [tool["function"], tool["custom"]].find(isFields) ?? tool;
  const name = [inner["name"], tool["server_label"], tool["type"]].find(
    (name) => typeof name === "string" && name !== "",
  );
  transcript.tool(stringOf(name), inner);
}
