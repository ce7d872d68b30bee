import type { Path } from "./walk.ts";

/** Members that an API reads itself, and that no model sees: names, kinds, references, seals. */
const STRUCTURE = new Set(
  `
  model role type id call_id tool_call_id tool_use_id item_id file_id previous_response_id object status name
  server_label media_type mime_type mimeType signature encrypted_content thought_signature
  thoughtSignature cache_control
`
    .trim()
    .split(/\s+/),
);
/** Members whose value, where it is an object, is data of a tool: of its calls, or of its results. */
const DATA = new Set<unknown>(["input", "args", "arguments", "response"]);
/** Members in which base64 travels without saying so. */
const PAYLOADS = new Set(["data", "file_data"]);

/** True for a string of a body that must stay as it is for the API's sake. */
export function isStructure(path: Path): boolean {
  const key = path.at(-1);
  if (typeof key !== "string" || !STRUCTURE.has(key)) return false;
  // The one who speaks may bear a name, which the model is shown.
  return !(key === "name" && path.length === 3 && path[0] === "messages");
}

/** True for what stands inside the input or output of a tool, where every key and number may be data. */
export function standsInData(path: Path): boolean {
  return path.some((step, at) => DATA.has(step) && typeof path[at + 1] === "string");
}

export function isPayload(key: string): boolean {
  return PAYLOADS.has(key);
}

/** What is longer may be a key of another kind. */
const KEY = /^[A-Za-z_][\w-]{0,14}$/;

/** True for a name of a field that says nothing of anybody. */
export function isPlainKey(key: string): boolean {
  return KEY.test(key) && !/\d{6}/.test(key);
}
