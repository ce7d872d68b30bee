import type { ReasoningFamily, WireApi } from "../contracts.ts";
import { RouterError } from "../errors.ts";
import type { AnswerForm } from "./answer.ts";
import type { ClientSide, ServerSide } from "./codec.ts";
import type { Inquiry } from "./form.ts";
import { passingMessages } from "./anthropic/answer.ts";
import { anthropicClient, anthropicServer } from "./anthropic/codec.ts";
import { geminiServer } from "./gemini/codec.ts";
import { passingChat, passingInputs } from "./openai-chat/answer.ts";
import { openaiChatClient, openaiChatServer } from "./openai-chat/codec.ts";
import { passingResponses } from "./openai-responses/answer.ts";
import { openaiResponsesClient } from "./openai-responses/codec.ts";
import { unsealFor } from "./sealed.ts";
import { readBody, unsupported } from "./shape.ts";
import { translatedAnswers } from "./translated.ts";

/** APIs that clients speak, and how what they say is understood where a model server speaks another. */
export type ClientApi = Exclude<WireApi, "gemini">;

export const CLIENTS: Readonly<Record<ClientApi, ClientSide>> = {
  "openai-chat": openaiChatClient,
  "openai-responses": openaiResponsesClient,
  "anthropic-messages": anthropicClient,
};
/** Servers of OpenAI's responses speak chat completions too. */
export const SERVERS: Readonly<Partial<Record<WireApi, ServerSide>>> = {
  "openai-chat": openaiChatServer,
  "anthropic-messages": anthropicServer,
  gemini: geminiServer,
};
const PASSING: Readonly<Record<ClientApi, (options: AnswerOptions) => AnswerForm>> = {
  "openai-chat": passingChat,
  "openai-responses": passingResponses,
  "anthropic-messages": passingMessages,
};

export interface AnswerOptions {
  /** The name that the client is told. */
  readonly model: string;
  /** Whether the client wants usage in its stream: only OpenAI chat lets it choose. */
  readonly usage: boolean;
  readonly maxEventBytes: number;
  /** Unix seconds. */
  readonly created: number;
}

/** What is sent to a target, and how its answer comes back. */
export interface Speech {
  readonly path: string;
  readonly body: Uint8Array;
  readonly answers: AnswerForm;
}

/** Where servers that speak an API take it, below their base URL. */
const PATHS: Readonly<Record<ClientApi, string>> = {
  "openai-chat": "/chat/completions",
  "openai-responses": "/responses",
  "anthropic-messages": "/messages",
};

/** A client's body for a server that speaks its API: as it is. */
export function pass(api: ClientApi, body: Uint8Array, options: AnswerOptions): Speech {
  return { path: PATHS[api], body, answers: PASSING[api](options) };
}

/** The same for what is no conversation: `path` such as `/embeddings`. */
export function passInputs(path: string, body: Uint8Array, options: AnswerOptions): Speech {
  return { path, body, answers: passingInputs(options) };
}

/** What must be known of a target to say in its API what a client asked in another. */
export interface Listener {
  /** The server's APIs, the preferred first. */
  readonly speaks: readonly WireApi[];
  /** Its chat completions know a model's earlier thoughts. */
  readonly takesThoughts: boolean;
  /** How its model is told how much to think. */
  readonly family?: ReasoningFamily;
  /** Most tokens to think with, where we decided that and the client's API has no number for it. */
  readonly budgetTokens?: number;
}

/**
 * A client's body for a server that does not speak its API.
 * Errors: unsupported_feature, with the client's field as `param`; invalid_request.
 */
export function translate(
  api: ClientApi,
  body: Uint8Array,
  { speaks, takesThoughts, family, budgetTokens }: Listener,
  upstreamModel: string,
  options: AnswerOptions,
): Speech {
  const client = CLIENTS[api];
  const spoken = speaks.find((each) => SERVERS[each] !== undefined);
  const server = spoken && SERVERS[spoken];
  if (!server)
    return unsupported("model", "its model server speaks none of the APIs that this one can be translated to");
  const asked = withBudget(unsealFor(spoken, api, client.readRequest(readBody(parsed(body)))), budgetTokens);
  const inquiry = spoken === "openai-chat" && !takesThoughts ? withoutThoughts(asked) : asked;
  const request = server.writeRequest(inquiry, upstreamModel, family);
  return {
    path: request.path,
    body: Buffer.from(JSON.stringify(request.body)),
    answers: translatedAnswers(spoken, server, client, options),
  };
}

/** Beside an effort that lets the model think, and says nothing of tokens itself. */
function withBudget(inquiry: Inquiry, budget: number | undefined): Inquiry {
  const { effort, budget: said } = inquiry.reasoning ?? {};
  if (budget === undefined || said !== undefined || effort === undefined || effort === "none") return inquiry;
  return { ...inquiry, reasoning: { ...inquiry.reasoning, budget } };
}

function withoutThoughts(inquiry: Inquiry): Inquiry {
  const turns = inquiry.turns.map((turn) => ({
    ...turn,
    blocks: turn.blocks.filter(({ kind }) => kind !== "thinking"),
  }));
  return { ...inquiry, turns: turns.filter(({ blocks }) => blocks.length > 0) };
}

/** It was parsed before, so this cannot fail but by a bug. */
function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8"));
  } catch {
    throw new RouterError("internal", "Signalbox failed on this request; the log has the cause.");
  }
}
