import type { AttemptResult, Usage } from "../../contracts.ts";
import type { AnswerStream, WholeAnswer } from "../../dialect/answer.ts";
import { pass, type ClientApi } from "../../dialect/speech.ts";
import { verdictOn } from "../../upstream/fault.ts";

/** What an answer says of itself while it passes, unchanged. */
export interface Hearing {
  hear(chunk: Uint8Array): void;
  /** The answer is whole: how the try went. */
  end(): Heard;
  /** True once a token of a stream has passed. */
  readonly began: boolean;
  /** What was told so far. */
  readonly so: Omit<Heard, "result">;
}

export interface Heard {
  readonly result: AttemptResult;
  readonly usage?: Usage;
  readonly finish?: string;
  /** UTF-16 units of what was said, where anything was. */
  readonly outputChars?: number;
}

const MAX_EVENT_BYTES = 4 * 1024 * 1024;
/** A whole answer beyond this passes unread. */
const MAX_WHOLE_BYTES = 16 * 1024 * 1024;
const EMPTY = new Uint8Array(0);
const SSE = /^text\/event-stream\b/i;

export const isEventStream = (contentType: string | undefined): boolean => SSE.test(contentType ?? "");

/** @param headers of the answer, in lower case */
export function listenTo(api: ClientApi, status: number, headers: ReadonlyMap<string, string>): Hearing {
  const verdict = verdictOn(status);
  const isCoded = (headers.get("content-encoding") ?? "identity") !== "identity";
  if (verdict !== "answered") return deaf("upstream_error");
  if (status >= 400) return deaf("refused");
  if (isCoded) return deaf("ok");
  return isEventStream(headers.get("content-type")) ? toStream(api) : toWhole(api);
}

/** Nobody is shown what these make of the bytes, so the name that they would write does not matter. */
const answersOf = (api: ClientApi) =>
  pass(api, EMPTY, { model: "", usage: true, maxEventBytes: MAX_EVENT_BYTES, created: 0 }).answers;

function deaf(result: AttemptResult): Hearing {
  return { hear() {}, end: () => ({ result }), began: false, so: {} };
}

function toStream(api: ClientApi): Hearing {
  const stream = answersOf(api).stream();
  let isReadable = true;
  const read = (act: () => unknown): void => {
    try {
      if (isReadable) act();
    } catch {
      isReadable = false; // An event beyond all measure: it passes, and so does the rest.
    }
  };
  return {
    hear: (chunk) => read(() => stream.push(chunk)),
    end() {
      read(() => stream.end());
      const isWhole = (stream.done || stream.finish !== undefined) && !stream.error;
      return { ...told(stream), result: isWhole || !isReadable ? "ok" : "broken_stream" };
    },
    get began() {
      return stream.firstToken;
    },
    get so() {
      return told(stream);
    },
  };
}

function toWhole(api: ClientApi): Hearing {
  let chunks: Uint8Array[] = [];
  let size = 0;
  return {
    hear(chunk) {
      size += chunk.length;
      if (size > MAX_WHOLE_BYTES) chunks = [];
      else if (chunk.length > 0) chunks.push(chunk);
    },
    end() {
      if (size > MAX_WHOLE_BYTES) return { result: "ok" };
      const answer = wholeIn(api, Buffer.concat(chunks));
      return answer ? { ...told(answer), result: "ok" } : { result: "upstream_error" };
    },
    began: false,
    so: {},
  };
}

const told = ({
  usage,
  finish,
  outputChars,
}: Pick<AnswerStream | WholeAnswer, "usage" | "finish" | "outputChars">): Omit<Heard, "result"> => ({
  ...(usage && { usage }),
  ...(finish !== undefined && { finish }),
  ...(outputChars !== undefined && { outputChars }),
});

/** Undefined for what is no answer of this API. */
function wholeIn(api: ClientApi, bytes: Uint8Array): WholeAnswer | undefined {
  try {
    return answersOf(api).whole(bytes);
  } catch {
    return undefined;
  }
}
