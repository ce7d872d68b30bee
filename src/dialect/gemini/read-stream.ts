import type { StreamReader } from "../codec.ts";
import type { BlockStart, Step } from "../form.ts";
import { isFields, stringOf, type Fields } from "../shape.ts";
import { candidateOf, errorOf, finishOf, goesOn, piecesOf, reasonOf, tokensOf, type Piece } from "./read-reply.ts";

type Said = Exclude<Piece, { kind: "media" }>;

/**
 * Each event is a GenerateContentResponse with the parts that are new. Nothing marks the end: an answer is whole when
 * one of them says why it finished, and some servers count its tokens only in one more.
 */
export function readStream(): StreamReader {
  const speech = createSpeech();
  let id: string | undefined;
  let state: "open" | "finished" | "failed" = "open";
  let counted = false;

  function fail(message: string): Step {
    state = "failed";
    return { kind: "error", message };
  }

  function begin(chunk: Fields): Step {
    id = stringOf(chunk["responseId"]);
    return { kind: "start", id, model: stringOf(chunk["modelVersion"]) };
  }

  function say(pieces: readonly Piece[], reason: string): readonly Step[] {
    const steps: Step[] = [];
    for (const piece of pieces) {
      if (piece.kind === "media") return [...steps, fail("The answer holds media, which no stream can carry.")];
      steps.push(...speech.say(piece));
    }
    if (reason === "") return steps;
    const finish = finishOf(reason, speech);
    if (finish === undefined) return [...steps, fail(`The answer ended with ${reason}.`)];
    state = "finished";
    return [...steps, ...speech.close(), { kind: "finish", finish }];
  }

  function read(chunk: Fields): readonly Step[] {
    const error = errorOf(chunk);
    if (error !== undefined) return [fail(error)];
    const tokens = tokensOf(chunk);
    const counts: readonly Step[] = tokens ? [{ kind: "tokens", tokens }] : [];
    counted = tokens !== undefined;
    if (state === "finished") return counts;
    const pieces = piecesOf(candidateOf(chunk), id ?? stringOf(chunk["responseId"]), speech.calls);
    const reason = reasonOf(chunk);
    if (pieces.length === 0 && reason === "" && !tokens) return [];
    const starts = id === undefined ? [begin(chunk)] : [];
    return [...starts, ...counts, ...say(pieces, reason)];
  }

  return {
    push(event) {
      const chunk = state === "failed" || done() ? undefined : parse(event.data);
      return chunk ? read(chunk) : [];
    },
    end: () => [],
    get done() {
      return done();
    },
  };

  function done(): boolean {
    return state === "failed" || (state === "finished" && counted);
  }
}

/** The blocks that pieces make: one is open at a time. */
function createSpeech() {
  let open: { readonly index: number; readonly kind: Said["kind"] } | undefined;
  let blocks = 0;
  let calls = 0;

  function close(): readonly Step[] {
    const ends: readonly Step[] = open ? [{ kind: "block_end", index: open.index }] : [];
    open = undefined;
    return ends;
  }

  function begin(piece: Said): readonly Step[] {
    const ends = close();
    open = { index: blocks, kind: piece.kind };
    blocks += 1;
    if (piece.kind === "tool_call") calls += 1;
    return [...ends, { kind: "block", index: open.index, block: startOf(piece) }];
  }

  return {
    get blocks() {
      return blocks;
    },
    get calls() {
      return calls;
    },
    close,
    say(piece: Said): readonly Step[] {
      const steps: Step[] = open && goesOn(open, piece) ? [] : [...begin(piece)];
      const index = blocks - 1;
      const text = piece.kind === "tool_call" ? piece.arguments : piece.text;
      if (text !== "") steps.push({ kind: "delta", index, text });
      if (piece.kind === "tool_call") return [...steps, ...close()];
      if (piece.kind === "text" || piece.signature === undefined) return steps;
      return [...steps, { kind: "signature", index, signature: piece.signature }, ...close()];
    },
  };
}

function startOf(piece: Said): BlockStart {
  if (piece.kind !== "tool_call") return { kind: piece.kind };
  const { id, name, signature } = piece;
  return { kind: "tool_call", id, name, ...(signature !== undefined && { signature }) };
}

function parse(data: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
