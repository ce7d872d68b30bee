import type { Case } from "./corpus.ts";

/** The ways in which a request can reach Signalbox through somebody else's program. */
export type Way = "envoy" | "litellm" | "litellm-systemone" | "kong" | "portkey";

/** What a way cannot do as RouteRequest does it, and why. What is not listed here must be the same. */
export interface Difference {
  readonly way: Way;
  /** What differs: which model, what its body holds, or whether and how the request is refused. */
  readonly part: "model" | "body" | "verdict";
  readonly reason: string;
  concerns(one: Case): boolean;
}

const inBoth = (ways: readonly Way[], differences: readonly Omit<Difference, "way">[]): Difference[] =>
  ways.flatMap((way) => differences.map((each) => ({ ...each, way })));

const DIFFERENCES: readonly Difference[] = [
  {
    way: "kong",
    part: "verdict",
    reason: "A request without a body passes as it is, whatever its path: there is nothing to decide on.",
    concerns: ({ body }) => body === "",
  },
  ...inBoth(
    ["litellm", "litellm-systemone"],
    [
      {
        part: "body",
        reason: "LiteLLM translates a message of Anthropic's API for a server of OpenAI's.",
        concerns: ({ api }) => api === "anthropic-messages",
      },
      {
        part: "body",
        reason: "LiteLLM asks for the usage of every streamed chat, and the client gets it only where it asked.",
        concerns: ({ api, stream }) => api === "openai-chat" && stream,
      },
      {
        part: "body",
        reason: "LiteLLM keeps a chat's metadata for itself, and leaves out what is null.",
        concerns: ({ api, body }) => api === "openai-chat" && /"metadata":|:null/u.test(body),
      },
      {
        part: "verdict",
        reason: "LiteLLM sends only to models of its own list, and refuses other names.",
        concerns: ({ about, name }) => about === "named" && name.endsWith("nobody knows"),
      },
      {
        part: "verdict",
        reason:
          "LiteLLM parses before any hook: nothing is an empty object, what is no object its own failure, and of a key that stands twice the last is left.",
        concerns: ({ name }) => /no body$|a list$|a number$|null$|a key twice$/u.test(name),
      },
    ],
  ),
  {
    way: "litellm-systemone",
    part: "model",
    reason: "A decision service is told texts alone: it does not know of a picture that not every model can see.",
    concerns: ({ about }) => about === "image",
  },
  {
    way: "litellm-systemone",
    part: "body",
    reason: "As above: the body names another model.",
    concerns: ({ about }) => about === "image",
  },
  {
    way: "litellm-systemone",
    part: "verdict",
    reason: "LiteLLM tells everything that a guardrail blocks with the status 400.",
    concerns: ({ about }) => about === "blocked",
  },
  {
    way: "litellm-systemone",
    part: "verdict",
    reason: "A profile is one model more in LiteLLM's list, or LiteLLM refuses its name.",
    concerns: ({ name }) => /a profile(?: that is none)?$/u.test(name),
  },
  {
    way: "litellm-systemone",
    part: "verdict",
    reason: "No guardrail is asked about a message of Anthropic's API that LiteLLM fails on itself.",
    concerns: ({ api, about }) => api === "anthropic-messages" && (about === "malformed" || about === "empty"),
  },
  ...(["model", "body", "verdict"] as const).map((part) => ({
    way: "portkey" as const,
    part,
    reason: "Portkey calls no hook for Responses: they go on as they are.",
    concerns: ({ api }: Case) => api === "openai-responses",
  })),
  {
    way: "portkey",
    part: "verdict",
    reason: "Portkey sends messages only to servers of Anthropic's API, and fails with others before they are asked.",
    concerns: ({ api }) => api === "anthropic-messages",
  },
  {
    way: "portkey",
    part: "verdict",
    reason: "Portkey has one status for all that a hook refuses, 446; our code stands in its body.",
    concerns: ({ about, name }) => /blocked|malformed|empty/u.test(about) || name.endsWith("a profile that is none"),
  },
  {
    way: "portkey",
    part: "body",
    reason: "Portkey leaves out fields that it does not know.",
    concerns: ({ name }) => name.endsWith("fields that nobody knows"),
  },
];

/** The parts in which a case may differ there. */
export function allowed(way: Way, one: Case): ReadonlySet<Difference["part"]> {
  return new Set(DIFFERENCES.filter((each) => each.way === way && each.concerns(one)).map(({ part }) => part));
}
