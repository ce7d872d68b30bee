import { randomUUID } from "node:crypto";
import { RouterError } from "../../errors.ts";
import type { StreamReader } from "../codec.ts";
import { parseFields } from "../event-json.ts";
import type { Block, Reply, Step } from "../form.ts";
import { isFields, listOf, stringOf, type Fields } from "../shape.ts";
import { callsIn, endingOf, errorIn, saidIn, tokensOf, type CallPiece, type Ending, type Said } from "./said.ts";

/** A whole answer: of several choices the first. Throws upstream_failed where it is none. */
export function readChatReply(body: Fields): Reply {
  if (errorIn(body) !== undefined) fail("an error in place of an answer");
  const choice = listOf(body["choices"]).find(isFields) ?? fail("an answer without a choice");
  const message = isFields(choice["message"]) ? choice["message"] : fail("an answer without a message");
  const ids = createIds();
  const calls = callsIn(message)
    .filter(({ name }) => name !== "")
    .map(({ id, name, arguments: input }): Block => ({ kind: "tool_call", id: ids.own(id), name, arguments: input }));
  const ending = endingOf(choice, calls.length > 0) ?? defaultEnding(calls.length > 0);
  if (ending === "failed") fail("an answer that broke off");
  const tokens = tokensOf(body["usage"]);
  return {
    id: stringOf(body["id"]),
    model: stringOf(body["model"]),
    blocks: [...saidIn(message), ...calls],
    ...ending,
    ...(tokens ? { tokens } : {}),
  };
}

function fail(what: string): never {
  throw new RouterError("upstream_failed", `The upstream sent ${what}.`);
}

function defaultEnding(hasCalls: boolean): Ending {
  return { finish: hasCalls ? "tool_calls" : "stop" };
}

/** Some servers give calls no id, or several the same. */
function createIds() {
  const taken = new Set<string>();
  return {
    has: (id: string) => taken.has(id),
    own(id: string): string {
      const own = id === "" || taken.has(id) ? `call_${randomUUID()}` : id;
      taken.add(own);
      return own;
    },
  };
}

/** Far above what any model calls at once. */
const MOST_CALLS = 1024;

/**
 * A streamed answer. `finish` is held back until the usage, `[DONE]` or the end: what a server sends behind its first
 * finish_reason is still part of the answer.
 */
export function readChatStream(): StreamReader {
  const calls = createCalls();
  let blocks = 0;
  let speaking: { kind: Said["kind"]; index: number } | undefined;
  let ending: Ending | undefined;
  let isStarted = false;
  let isFinished = false;
  let done = false;

  function start(chunk: Fields): Step[] {
    if (isStarted) return [];
    isStarted = true;
    return [{ kind: "start", id: stringOf(chunk["id"]), model: stringOf(chunk["model"]) }];
  }

  function hush(): Step[] {
    const ends: Step[] = speaking ? [{ kind: "block_end", index: speaking.index }] : [];
    speaking = undefined;
    return ends;
  }

  function say({ kind, text }: Said): Step[] {
    const steps: Step[] = [];
    if (speaking?.kind !== kind) {
      steps.push(...hush(), { kind: "block", index: blocks, block: { kind } });
      speaking = { kind, index: blocks++ };
    }
    steps.push({ kind: "delta", index: speaking.index, text });
    return steps;
  }

  function call(piece: CallPiece): Step[] {
    const steps: Step[] = [];
    let known = calls.find(piece);
    if (!known) {
      if (piece.name === "") return [];
      if (calls.size() >= MOST_CALLS) return broken(`The upstream sent more than ${MOST_CALLS} tool calls.`);
      known = calls.add(piece, blocks++);
      const { index, id } = known;
      steps.push(...hush(), { kind: "block", index, block: { kind: "tool_call", id, name: piece.name } });
    }
    if (piece.arguments !== "") steps.push({ kind: "delta", index: known.index, text: piece.arguments });
    return steps;
  }

  function broken(message: string): Step[] {
    done = true;
    return [{ kind: "error", message }];
  }

  function hear(choice: Fields): Step[] {
    const delta = [choice["delta"], choice["message"]].find(isFields) ?? {};
    const steps = saidIn(delta).flatMap(say);
    for (const piece of callsIn(delta)) if (!done) steps.push(...call(piece));
    const said = endingOf(choice, calls.size() > 0);
    if (said === "failed" && !done) return [...steps, ...broken("The upstream broke off.")];
    if (said !== "failed") ending = said ?? ending;
    return steps;
  }

  function close(): Step[] {
    return [...hush(), ...calls.close().map((index): Step => ({ kind: "block_end", index }))];
  }

  function finish(last: Ending | undefined): Step[] {
    if (isFinished || !isStarted || !last) return [];
    isFinished = true;
    return [...close(), { kind: "finish", ...last }];
  }

  function read(chunk: Fields): Step[] {
    const error = errorIn(chunk);
    if (error !== undefined) return broken(error);
    const choices = listOf(chunk["choices"]).filter(isFields);
    const choice = choices.find(({ index }) => (index ?? 0) === 0);
    const tokens = tokensOf(chunk["usage"]);
    if (!choice && !tokens) return [];
    const steps = start(chunk);
    if (choice && !isFinished) steps.push(...hear(choice));
    if (choices.length === 0) steps.push(...finish(ending));
    if (tokens && !done) steps.push({ kind: "tokens", tokens });
    return steps;
  }

  return {
    push({ event, data }) {
      if (done || data === "") return [];
      if (data.trim() === "[DONE]") {
        done = true;
        return finish(ending ?? defaultEnding(calls.size() > 0));
      }
      const chunk = parseFields(data);
      if (event === "error") return broken(stringOf(chunk?.["message"]) || (chunk && errorIn(chunk)) || data);
      return chunk ? read(chunk) : [];
    },
    end() {
      if (done) return [];
      done = true;
      return ending ? finish(ending) : close();
    },
    get done() {
      return done;
    },
  };
}

interface OpenCall {
  /** Of its block. */
  readonly index: number;
  readonly id: string;
}

/** Finds the call that a piece belongs to, by its index, else its id, else as the one that came last. */
function createCalls() {
  const ids = createIds();
  const byIndex = new Map<number, OpenCall>();
  const byId = new Map<string, OpenCall>();
  const open: OpenCall[] = [];

  /** Google's endpoint gives each of several calls the index 0. */
  function isAnother(call: OpenCall, { id, name }: CallPiece): boolean {
    return id !== "" && name !== "" && id !== call.id;
  }

  return {
    size: () => open.length,
    find(piece: CallPiece): OpenCall | undefined {
      const there = piece.index === undefined ? undefined : byIndex.get(piece.index);
      if (piece.index !== undefined) return there && isAnother(there, piece) ? byId.get(piece.id) : there;
      return byId.get(piece.id) ?? (piece.name === "" ? open.at(-1) : undefined);
    },
    add(piece: CallPiece, index: number): OpenCall {
      const call = { index, id: ids.own(piece.id) };
      open.push(call);
      byId.set(call.id, call);
      if (piece.index !== undefined) byIndex.set(piece.index, call);
      return call;
    },
    /** The blocks of all calls. */
    close: () => open.map(({ index }) => index),
  };
}
