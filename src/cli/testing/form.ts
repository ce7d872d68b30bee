import { z } from "zod";
import type { Constraints, Prompt } from "../../contracts.ts";
import { DIALECTS } from "../../dialect/index.ts";
import { type BodyLimits, parseBody } from "../../dialect/json.ts";
import { readMessages } from "../../dialect/messages.ts";
import type { RouteInput } from "../../route/input.ts";

const MOST_NAMES = 100;
const MOST_MESSAGES = 1000;

const name = z.string().trim().min(1).max(256);
const names = z.union([name, z.array(name).min(1).max(MOST_NAMES)]);
const content = z.string().refine((text) => text.trim() !== "", "the text is empty");
const few = <T extends z.ZodType>(value: T) =>
  z.record(name, value).refine((map) => Object.keys(map).length <= MOST_NAMES, `at most ${MOST_NAMES} entries`);

const EXPECTATIONS = ["route", "model", "not_model", "tier", "blocked", "label"] as const;
const ASKED = ["prompt", "messages", "body"] as const;

/** One test as it stands in a file: what is asked, by whom, and what must come of it. */
export const testForm = z
  .strictObject({
    name: z.string().trim().min(1).max(256).optional().describe("What reports call it; its line when absent."),
    prompt: content.optional().describe("What the user says."),
    messages: z
      .array(
        z.strictObject({
          role: z.enum(["system", "user", "assistant", "tool"]).describe("Who says it."),
          content: z.string().describe("What is said."),
        }),
      )
      .min(1)
      .max(MOST_MESSAGES)
      .optional()
      .describe("A conversation, oldest first."),
    api: z
      .enum(["openai-chat", "openai-responses", "anthropic-messages", "gemini"])
      .optional()
      .describe("The API that `body` is written in."),
    body: z.record(z.string(), z.unknown()).optional().describe("A request as a client sends it."),
    tenant: name.optional().describe("Who asks; the tenant default when absent."),
    profile: name.optional().describe("The profile to decide by."),
    headers: few(z.string().max(8192)).optional().describe("Headers of the request, for rules to match."),
    route: name.optional().describe("The route that it must take."),
    model: names.optional().describe("The model that must answer, or a list of which one must."),
    not_model: names.optional().describe("Models that must not answer."),
    tier: name.optional().describe("The tier of the model that must answer."),
    blocked: z.boolean().optional().describe("Whether it must be blocked."),
    label: few(name).optional().describe("By signal, the label that it must read; none where it must find nothing."),
  })
  .superRefine((test, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    const asked = ASKED.filter((key) => test[key] !== undefined);
    if (asked.length !== 1)
      refuse([], `give one of ${ASKED.join(", ")}: there ${asked.length === 0 ? "is none" : "are several"}`);
    if ((test.body === undefined) !== (test.api === undefined)) refuse([], "api and body belong together: give both");
    if (EXPECTATIONS.every((key) => test[key] === undefined))
      refuse([], `it expects nothing: give one or more of ${EXPECTATIONS.join(", ")}`);
  });

/** A YAML file of tests. */
export const testsForm = z.strictObject({
  tests: z.array(testForm).min(1).describe("The routing tests."),
});

/** One test, and where it stands. */
export interface RoutingTest extends z.output<typeof testForm> {
  readonly name: string;
  readonly line: number;
}

const NO_LIMITS: Constraints = {};

/** The request of a test, as a trusted gateway would hand it on; it leaves no trace. Errors: those of a body that cannot be read. */
export function inputOf(test: RoutingTest, limits: BodyLimits): RouteInput {
  const headers = Object.entries(test.headers ?? {}).map(([header, value]) => [header.toLowerCase(), value]);
  return {
    prompt: promptOf(test, limits),
    caller: { tenant: test.tenant ?? "default", trusted: true },
    headers: Object.fromEntries(headers),
    constraints: NO_LIMITS,
    preview: true,
    ...(test.profile !== undefined && { profile: test.profile }),
  };
}

function promptOf({ prompt = "", messages, api, body }: RoutingTest, limits: BodyLimits): Prompt {
  if (api !== undefined) return DIALECTS[api].read(parseBody(Buffer.from(JSON.stringify(body)), limits), {});
  return readMessages({ messages: messages ?? [{ role: "user", content: prompt }] });
}

/** What a test asks, as text for who wants to see it. */
export function askedBy({ prompt, messages, body }: RoutingTest): string {
  if (prompt !== undefined) return prompt;
  return messages ? messages.map(({ role, content: said }) => `${role}: ${said}`).join("\n") : JSON.stringify(body);
}

export const listed = (some: string | readonly string[]): readonly string[] =>
  typeof some === "string" ? [some] : some;
