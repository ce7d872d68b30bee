import type { StreamListener, StreamWriter } from "./codec.ts";
import { parseFields } from "./event-json.ts";
import { stringOf } from "./shape.ts";
import { createSseReader, type SseEvent } from "./sse.ts";

/** Words beyond this are too many to be sent again. UTF-16 units. */
const MOST_WORDS = 256 * 1024;
/** No API closes a text with more events. */
const MOST_HELD = 8;

/** Follows a stream on its way to the client, so that it can go on from another server where it breaks off. */
export interface Follower {
  /**
   * Whole events of the client's API, given back to be handed on. Held back are the error that ends a stream which may
   * go on, and what closes its text before that.
   */
  push(bytes: Uint8Array): Uint8Array;
  /** What is held back still. */
  end(): Uint8Array;
  /** The words so far of an answer that broke off and holds nothing else; undefined for any other. */
  readonly said: string | undefined;
  /** Writes on behind the words so far, whose block is open and has the number 0. */
  resume(): StreamWriter;
  /** The answer goes on: what is held back is for nobody. */
  reopen(): void;
}

export function createFollower(listener: StreamListener, limits: { readonly maxEventBytes: number }): Follower {
  const events = createSseReader(limits);
  let held: Uint8Array[] = [];
  let said = "";
  let broken = false;
  /** More than words was told, or the end of them: nobody can go on from there. */
  let beyond = false;

  function follow(event: SseEvent): Uint8Array[] {
    if (beyond) return [event.raw];
    const heard = broken ? "ending" : hear(event);
    broken ||= heard === "error";
    if (heard === "error" || heard === "ending") {
      held.push(event.raw);
      beyond = held.length > MOST_HELD;
      return beyond ? held.splice(0) : [];
    }
    if (typeof heard === "object") said += heard.words;
    // What closed the text is handed on now.
    beyond = heard === "beyond" || held.length > 0 || said.length > MOST_WORDS;
    return [...held.splice(0), event.raw];
  }

  function hear({ event, data }: SseEvent): ReturnType<StreamListener["hear"]> {
    if (data === "") return "nothing";
    const fields = parseFields(data);
    return fields ? listener.hear(fields, stringOf(fields["type"]) || event) : "beyond";
  }

  return {
    push(bytes) {
      if (beyond) return Buffer.concat([...events.end().map(({ raw }) => raw), bytes]);
      return Buffer.concat(events.push(bytes).flatMap(follow));
    },
    end: () => Buffer.concat([...held.splice(0), ...events.end().map(({ raw }) => raw)]),
    get said() {
      return broken && !beyond && said.trim() !== "" ? said : undefined;
    },
    resume: () => listener.resume(said),
    reopen() {
      held = [];
      broken = false;
    },
  };
}
