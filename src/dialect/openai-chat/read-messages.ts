import type { Block, Source, Turn } from "../form.ts";
import { names, type Names } from "../names.ts";
import {
  fieldsAt,
  filledListAt,
  isFields,
  listOf,
  oneOf,
  refuse,
  stringAt,
  stringOf,
  unsupported,
  type Fields,
} from "../shape.ts";
import { dataOf } from "../spell.ts";

interface Conversation {
  readonly system: readonly string[];
  readonly turns: readonly Turn[];
}

/** Where in the body a message stands, and which call by `function_call` came last before it. */
interface Place {
  readonly path: string;
  readonly index: number;
  readonly lastCall: string | undefined;
}

interface Role {
  readonly turn: Turn["role"];
  readonly takes: Names;
  read(message: Fields, place: Place): Block[];
}

const TEXT = names("text");
const SAID = names("text refusal");
const ANY = names("text image_url audio_url video_url input_audio file");

const system: Role = {
  turn: "system",
  takes: names("role content"),
  read: (message, { path }) => readContent(message["content"], `${path}.content`, TEXT),
};

const ROLES: Readonly<Record<string, Role>> = {
  system,
  developer: system,
  user: {
    turn: "user",
    takes: names("role content"),
    read: (message, { path }) => readContent(message["content"], `${path}.content`, ANY),
  },
  assistant: {
    turn: "assistant",
    // Annotations come with an answer and say nothing to a model that gets them back.
    takes: names("role content reasoning_content reasoning refusal tool_calls function_call annotations"),
    read: readAssistant,
  },
  tool: { turn: "user", takes: names("role content tool_call_id name"), read: readResult },
  function: { turn: "user", takes: names("role content name"), read: readFunctionResult },
};

/** Messages as leading system texts, one a text part, and turns. What says nothing is no turn. */
export function readMessages(value: unknown): Conversation {
  const system: string[] = [];
  const turns: Turn[] = [];
  let lastCall: string | undefined;
  filledListAt(value, "messages").forEach((value, index) => {
    const path = `messages.${index}`;
    const message = fieldsAt(value, path);
    const name = stringOf(message["role"]);
    if (!Object.hasOwn(ROLES, name)) refuse(`${path}.role`, Object.keys(ROLES).join(", "));
    const role = ROLES[name]!;
    const blocks = role.read(message, { path, index, lastCall });
    refuseRest(message, role.takes, path);
    if (isFields(message["function_call"])) lastCall = functionCallId(index);
    if (role.turn === "system" && turns.length === 0) system.push(...blocks.map(textOf));
    else if (blocks.length > 0) turns.push({ role: role.turn, blocks });
  });
  return { system, turns };
}

/** A name that is no plain word may be anything, prompts too: the object that has it is named instead. */
const PLAIN_NAME = /^[A-Za-z_][\w-]{0,63}$/;

/** Throws unsupported_feature for a member that is set and that nobody takes. `path` is empty for the body itself. */
export function refuseRest(fields: Fields, takes: Names, path = ""): void {
  for (const [name, value] of Object.entries(fields)) {
    if (takes.has(name) || value === null || (Array.isArray(value) && value.length === 0)) continue;
    const place = PLAIN_NAME.test(name) ? [path, name].filter(Boolean).join(".") : path || "body";
    unsupported(place, "the API of its server has nothing like it");
  }
}

function readAssistant(message: Fields, { path, index }: Place): Block[] {
  const thought = stringAt(oneOf(message, "reasoning_content", "reasoning"), `${path}.reasoning_content`);
  const refusal = stringAt(message["refusal"], `${path}.refusal`);
  return [
    ...(thought ? [{ kind: "thinking", text: thought } as const] : []),
    ...readContent(message["content"], `${path}.content`, SAID),
    ...(refusal ? [{ kind: "refusal", text: refusal } as const] : []),
    ...readCalls(message["tool_calls"], `${path}.tool_calls`),
    ...readFunctionCall(message["function_call"], `${path}.function_call`, index),
  ];
}

const CALL = names("id type index function extra_content");
const CALLED = names("name arguments");

function readCalls(value: unknown, path: string): Block[] {
  if (value !== undefined && value !== null && !Array.isArray(value)) refuse(path, "an array");
  return listOf(value).map((element, index) => {
    const at = `${path}.${index}`;
    const call = fieldsAt(element, at);
    if ((call["type"] ?? "function") !== "function") unsupported(`${at}.type`, "only calls of functions can be told");
    refuseRest(call, CALL, at);
    const id = stringAt(call["id"], `${at}.id`) || refuse(`${at}.id`, "a string");
    const signature = signatureOf(call);
    return {
      kind: "tool_call",
      id,
      ...readCalled(call["function"], `${at}.function`),
      ...(signature === undefined ? {} : { signature }),
    };
  });
}

/** Where Google's own chat completions keep what Gemini wants back with a call. */
function signatureOf(call: Fields): string | undefined {
  const extra = call["extra_content"];
  const google = isFields(extra) ? extra["google"] : undefined;
  return (isFields(google) ? stringOf(google["thought_signature"]) : "") || undefined;
}

function readCalled(value: unknown, path: string): { name: string; arguments: string } {
  const called = fieldsAt(value, path);
  refuseRest(called, CALLED, path);
  return {
    name: stringAt(called["name"], `${path}.name`) || refuse(`${path}.name`, "the name of a function"),
    arguments: stringAt(called["arguments"], `${path}.arguments`) ?? "",
  };
}

function readFunctionCall(value: unknown, path: string, index: number): Block[] {
  if (value === undefined || value === null) return [];
  return [{ kind: "tool_call", id: functionCallId(index), ...readCalled(value, path) }];
}

/** Calls by `function_call` have no id. */
function functionCallId(index: number): string {
  return `function_call_${index}`;
}

function readResult(message: Fields, { path }: Place): Block[] {
  const id = stringAt(message["tool_call_id"], `${path}.tool_call_id`) || refuse(`${path}.tool_call_id`, "a string");
  return [resultOf(id, message, path)];
}

function readFunctionResult(message: Fields, { path, lastCall }: Place): Block[] {
  return [resultOf(lastCall ?? refuse(`${path}.role`, "that of an answer to an earlier function_call"), message, path)];
}

function resultOf(id: string, message: Fields, path: string): Block {
  const name = stringAt(message["name"], `${path}.name`);
  const content = readContent(message["content"], `${path}.content`, ANY);
  return { kind: "tool_result", id, ...(name ? { name } : {}), content, isError: false };
}

function textOf(block: Block): string {
  return block.kind === "text" ? block.text : "";
}

/** What a kind of part has beside its type and the marks of caches, and the block that it is. */
interface Part {
  readonly takes: Names;
  read(part: Fields, path: string): Block;
}

const PARTS: Readonly<Record<string, Part>> = {
  text: { takes: part("text"), read: (part, path) => ({ kind: "text", text: filled(part["text"], `${path}.text`) }) },
  refusal: {
    takes: part("refusal"),
    read: (part, path) => ({ kind: "refusal", text: filled(part["refusal"], `${path}.refusal`) }),
  },
  image_url: linked("image"),
  audio_url: linked("audio"),
  video_url: linked("video"),
  input_audio: { takes: part("input_audio"), read: readSound },
  file: { takes: part("file"), read: readFile },
};

function part(member: string): Names {
  return names(`type prompt_cache_breakpoint cache_control ${member}`);
}

function filled(value: unknown, path: string): string {
  return stringAt(value, path) ?? refuse(path, "a string");
}

function readContent(content: unknown, path: string, allowed: Names): Block[] {
  if (content === undefined || content === null || content === "") return [];
  if (typeof content === "string") return [{ kind: "text", text: content }];
  if (!Array.isArray(content)) return refuse(path, "a string or an array of parts");
  const blocks = content.map((part: unknown, index) => readPart(part, `${path}.${index}`, allowed));
  return blocks.filter((block) => block.kind !== "text" || block.text !== "");
}

function readPart(value: unknown, path: string, allowed: Names): Block {
  const fields = fieldsAt(value, path);
  const type = filled(fields["type"], `${path}.type`);
  if (!Object.hasOwn(PARTS, type)) unsupported(`${path}.type`, "the API of its server has no part like it");
  if (!allowed.has(type)) refuse(`${path}.type`, "one that a message of this role may have");
  const { takes, read } = PARTS[type]!;
  refuseRest(fields, takes, path);
  return read(fields, path);
}

const LINK = names("url detail");

/** A part that names where something is, or holds it as a data: URL. */
function linked(modality: "image" | "audio" | "video"): Part {
  const member = `${modality}_url`;
  return {
    takes: part(member),
    read(part, path) {
      const at = `${path}.${member}`;
      const link = fieldsAt(part[member], at);
      refuseRest(link, LINK, at);
      const detail = stringAt(link["detail"], `${at}.detail`);
      const source = sourceOf(filled(link["url"], `${at}.url`), `${at}.url`);
      return { kind: "media", modality, source, ...(detail && detail !== "auto" ? { detail } : {}) };
    },
  };
}

function sourceOf(url: string, path: string): Source {
  const data = dataOf(url);
  if (data?.isBase64) return { kind: "base64", mime: data.mime, data: data.payload };
  if (url === "" || /^data:/i.test(url)) return refuse(path, "a URL, or a data: URL in base64");
  return { kind: "url", url };
}

const SOUND = names("data format");
const SOUNDS: Readonly<Record<string, string>> = { wav: "audio/wav", mp3: "audio/mpeg" };

function readSound(part: Fields, path: string): Block {
  const at = `${path}.input_audio`;
  const sound = fieldsAt(part["input_audio"], at);
  refuseRest(sound, SOUND, at);
  const format = filled(sound["format"], `${at}.format`);
  if (!Object.hasOwn(SOUNDS, format)) refuse(`${at}.format`, Object.keys(SOUNDS).join(" or "));
  const data = filled(sound["data"], `${at}.data`);
  return { kind: "media", modality: "audio", source: { kind: "base64", mime: SOUNDS[format]!, data } };
}

const FILE = names("file_data file_id filename");

function readFile(part: Fields, path: string): Block {
  const at = `${path}.file`;
  const file = fieldsAt(part["file"], at);
  refuseRest(file, FILE, at);
  const name = stringAt(file["filename"], `${at}.filename`);
  return { kind: "media", modality: "file", source: fileSource(file, at), ...(name ? { name } : {}) };
}

function fileSource(file: Fields, path: string): Source {
  const data = stringAt(file["file_data"], `${path}.file_data`);
  // Base64 alone names no media type; PDF is what the API takes so.
  if (data) return /^data:/i.test(data) ? sourceOf(data, `${path}.file_data`) : pdf(data);
  const id = stringAt(file["file_id"], `${path}.file_id`);
  return id ? { kind: "file_id", id } : refuse(path, "an object with file_data or file_id");
}

function pdf(data: string): Source {
  return { kind: "base64", mime: "application/pdf", data };
}
