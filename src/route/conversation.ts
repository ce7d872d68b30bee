import { createHash } from "node:crypto";
import type { Decision, Reason } from "../contracts.ts";
import type { Runtime } from "../runtime.ts";
import type { RouteInput } from "./input.ts";

/** How a client names its conversation, where it does. */
const HEADER = "x-signalbox-conversation";
/** For so long upstreams keep a prefix that they have seen. */
const CACHED_MS = 300_000;
/** Long prompts are told apart by their beginnings and lengths. */
const KEY_CHARACTERS = 2048;

/** The conversation that a request belongs to, and who answered it last. */
export interface Conversation {
  readonly key: string;
  readonly held?: {
    readonly model: string;
    readonly inToolLoop: boolean;
    /** Of the prompt, what its upstream has probably kept. */
    readonly cachedTokens: number;
  };
}

/** Undefined where none is kept. */
export function findConversation(runtime: Runtime, input: RouteInput): Conversation | undefined {
  const { keep } = runtime.decision;
  if (keep.length === 0) return undefined;
  const { key, isLater } = identify(input);
  const last = isLater ? runtime.conversations.recall(key) : undefined;
  const inToolLoop = keep.includes("tools") && isToolResult(input);
  if (!last || !(inToolLoop || keep.includes("turns"))) return { key };
  const isFresh = runtime.clock() - last.at <= CACHED_MS;
  const cachedTokens = isFresh ? last.inputTokens : 0;
  return { key, held: { model: last.model, inToolLoop, cachedTokens } };
}

/** Sent where somebody insisted, and not for what the conversation is. */
const INSISTED: ReadonlySet<Reason> = new Set(["guarded", "requested", "kill_switch", "observed", "not_in_rollout"]);

export function rememberConversation(
  runtime: Runtime,
  { prompt }: RouteInput,
  conversation: Conversation | undefined,
  { model, reason }: Decision,
): void {
  if (!conversation || INSISTED.has(reason)) return;
  const { inputTokens } = prompt;
  runtime.conversations.remember(conversation.key, { model, at: runtime.clock(), inputTokens });
}

/** What the conversation of a request is known by, whether or not it is kept with its model. */
export const conversationKey = (input: RouteInput): string => identify(input).key;

/**
 * What a client calls the conversation, or its prefix in the upstream's cache; else how it began, where what came
 * since shows that it goes on. Tenants never share one.
 */
function identify({ prompt, caller, headers }: RouteInput): { key: string; isLater: boolean } {
  const named = headers[HEADER] ?? prompt.cacheKey;
  const key = createHash("sha256");
  if (named) {
    key.update(JSON.stringify([caller.tenant, named]));
    return { key: key.digest("base64url"), isLater: true };
  }
  key.update(beginningOf({ prompt, caller }));
  const isLater = prompt.everything.some(({ role }) => role === "assistant" || role === "tool");
  return { key: key.digest("base64url"), isLater };
}

/** Tenant, system text and first human turn, each told apart from the next. */
export function beginningOf({ caller, prompt }: Pick<RouteInput, "caller" | "prompt">): string {
  const { system, firstTurn } = prompt;
  const short = (text: string) => `${text.length} ${text.slice(0, KEY_CHARACTERS)}`;
  return `${caller.tenant}\n${short(system)}\n${short(firstTurn)}`;
}

/** The newest that the model did was to call a tool, and its result comes now; harnesses add words of their own. */
function isToolResult({ prompt: { everything } }: RouteInput): boolean {
  const said = everything.findLastIndex(({ role }) => role === "assistant");
  return everything.slice(said + 1).some(({ origin }) => origin === "tool_result");
}
