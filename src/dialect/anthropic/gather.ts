import type { Gatherer, Held } from "../collect.ts";
import { parseFields } from "../event-json.ts";
import { isFields, listOf, stringOf, type Fields } from "../shape.ts";
import { BLOCKS } from "./plain.ts";

/** Which text of a block a delta adds to. */
const GROWING: ReadonlyMap<unknown, "text" | "thinking"> = new Map([
  ["text_delta", "text"],
  ["thinking_delta", "thinking"],
]);

/** Puts the events of a message together. */
export function gatherMessage(): Gatherer {
  const blocks: Record<string, unknown>[] = [];
  let message: Fields | undefined;
  let ending: Fields = {};
  let usage: Fields = {};
  let open: Record<string, unknown> | undefined;
  let done = false;

  function start({ message: begun }: Fields): Held {
    if (message || !isFields(begun) || listOf(begun["content"]).length > 0) return "lost";
    message = begun;
    usage = isFields(begun["usage"]) ? begun["usage"] : {};
    return 0;
  }

  function begin({ index, content_block: block }: Fields): Held {
    if (!message || open || index !== blocks.length || !isFields(block) || !BLOCKS.has(block["type"])) return "lost";
    open = { ...block };
    blocks.push(open);
    return JSON.stringify(block).length;
  }

  function extend({ index, delta }: Fields): Held {
    if (!open || index !== blocks.length - 1 || !isFields(delta)) return "lost";
    if (delta["type"] === "signature_delta" && open["type"] === "thinking") {
      open["signature"] = stringOf(delta["signature"]);
      return stringOf(delta["signature"]).length;
    }
    const name = GROWING.get(delta["type"]);
    if (name === undefined || open["type"] !== name) return "lost";
    const piece = stringOf(delta[name]);
    open[name] = stringOf(open[name]) + piece;
    return piece.length;
  }

  function close({ index }: Fields): Held {
    if (!open || index !== blocks.length - 1) return "lost";
    open = undefined;
    return 0;
  }

  function change(event: Fields): Held {
    const { type: _, delta, usage: spent, ...rest } = event;
    if (!message || open || !isFields(delta)) return "lost";
    const changes = { ...rest, ...delta };
    ending = { ...ending, ...changes };
    if (isFields(spent)) usage = laterUsage(usage, spent);
    return JSON.stringify(changes).length;
  }

  function stop(): Held {
    done = message !== undefined && !open && typeof ending["stop_reason"] === "string";
    return done ? 0 : "lost";
  }

  const STEPS: Readonly<Record<string, (event: Fields) => Held>> = {
    message_start: start,
    content_block_start: begin,
    content_block_delta: extend,
    content_block_stop: close,
    message_delta: change,
    message_stop: stop,
  };

  return {
    hear({ event, data }) {
      if (data.trim() === "[DONE]") return 0;
      const fields = parseFields(data);
      const type = stringOf(fields?.["type"]) || event;
      if (type === "ping") return 0;
      return fields && !done && Object.hasOwn(STEPS, type) ? STEPS[type]!(fields) : "lost";
    },
    whole() {
      if (!done) return undefined;
      return Buffer.from(JSON.stringify({ ...message, ...ending, content: blocks, usage }));
    },
  };
}

/** Counters are cumulative, and what did not change is left out. */
function laterUsage(before: Fields, after: Fields): Fields {
  const told = Object.entries(after).filter(([, value]) => value !== null);
  const later = told.map(([name, value]) => {
    const known = before[name];
    return [name, typeof known === "number" && typeof value === "number" ? Math.max(known, value) : value];
  });
  return { ...before, ...Object.fromEntries(later) };
}
