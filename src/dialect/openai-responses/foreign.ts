import { names, type Names } from "../names.ts";
import { unsupported, type Fields } from "../shape.ts";

/** Tools, items and choices of this API that no other has. Only these are named to the client: other types are its own words. */
const FOREIGN = names(`
  web_search web_search_2025_08_26 web_search_preview web_search_preview_2025_03_11 file_search computer computer_use
  computer_use_preview code_interpreter mcp image_generation local_shell shell apply_patch custom namespace tool_search
  programmatic_tool_calling allowed_tools web_search_call file_search_call computer_call computer_call_output
  code_interpreter_call image_generation_call local_shell_call local_shell_call_output shell_call shell_call_output
  apply_patch_call apply_patch_call_output mcp_list_tools mcp_approval_request mcp_approval_response mcp_call
  custom_tool_call custom_tool_call_output tool_search_call tool_search_output additional_tools compaction
  compaction_trigger program program_output input_audio
`);

/** Throws the unsupported_feature of a tool, an item, a part or a choice for its type. */
export function refuseType(type: unknown, path: string): never {
  const isForeign = typeof type === "string" && FOREIGN.has(type);
  return unsupported(path, isForeign ? `its API has nothing like ${type}` : "its type is unknown here");
}

const PLAIN_NAME = /^[A-Za-z_][\w-]{0,63}$/;

/**
 * Throws the unsupported_feature of the first member that is set and not known. A name that is no plain word is not
 * quoted: the object that holds it is named instead.
 */
export function refuseRest(fields: Fields, path: string, known: Names): void {
  for (const [name, value] of Object.entries(fields)) {
    if (known.has(name) || asksNothing(value)) continue;
    const place = PLAIN_NAME.test(name) ? [path, name].filter(Boolean).join(".") : path || "body";
    unsupported(place, "it is unknown here");
  }
}

/** Null and empty lists are how clients write that they want nothing. */
export function asksNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}
