import { z } from "zod";

const MOST_TEXT = 20_000;
const MOST_TOOLS = 1_000;
const MOST_TOKENS = 100_000_000;
const MOST_STOPS = 4;

const text = z.string().min(1).max(MOST_TEXT);
const tokens = z.int().min(1).max(MOST_TOKENS);
const mode = z
  .enum(["prepend", "append", "default"])
  .default("append")
  .describe(
    "Where the text stands: before the client's system text, behind it, or in its place where the client has none.",
  );

/** The word that stands for the text that comes with Signalbox. */
export const OWN_TEXT = "default";

/** Top-level `system`. */
export const systemOptions = z
  .strictObject({
    mode,
    labels: z
      .record(z.string().min(1).max(128), text)
      .default({})
      .describe(
        "System text by label of the domain signal, such as math; the word default stands for the text that comes with Signalbox. The domain of a conversation's first turn holds for all of it, so that what upstreams have cached stays valid.",
      ),
  })
  .describe("What models are told of the domain of a conversation. Nothing when absent.");

/** `routes.NAME.system`. */
export const routeSystemOptions = z
  .strictObject({ mode, text: text.describe("The text, the same for every request of the route.") })
  .describe("What models are told on this route.");

/** `routes.NAME.tools`. */
export const routeToolsOptions = z
  .strictObject({
    keep: z
      .int()
      .min(1)
      .max(MOST_TOOLS)
      .optional()
      .describe(
        "Of more offered tools than this, those that fit the newest human turn best are kept; tools that were called before, or are prescribed, always. All are kept when absent.",
      ),
    tools: z
      .int()
      .min(1)
      .max(MOST_TOOLS)
      .optional()
      .describe("How many tools of the catalogue (top-level tools) are added, those that fit best. None when absent."),
    max_tokens: tokens
      .min(64)
      .optional()
      .describe(
        "Longest result of a tool, in estimated tokens: of a longer one the beginning and the end are kept, with a mark between. No limit when absent.",
      ),
  })
  .describe("Which tools models of this route are offered, and how much of their results they see.");

/** Top-level `tools`. */
export const toolsOptions = z
  .record(
    z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, "a name of up to 64 letters, digits, _ or -"),
    z.strictObject({
      text: z.string().max(MOST_TEXT).default("").describe("What the tool does: models and the selection go by it."),
      parameters: z
        .record(z.string(), z.unknown())
        .default({ type: "object", properties: {} })
        .describe("JSON schema of its arguments."),
    }),
  )
  .refine((tools) => Object.keys(tools).length <= MOST_TOOLS, `at most ${MOST_TOOLS} tools`)
  .describe("Tools that routes may add to what a client offers. The client has to answer calls of them.");

/** `tiers.NAME.max_tokens`. */
export const tierMaxTokensOptions = tokens
  .optional()
  .describe("Longest reply that models of this tier are asked for, in tokens. No limit when absent.");

/** `tiers.NAME.stop`. */
export const tierStopOptions = z
  .array(z.string().min(1).max(256).regex(/\S/, "white space alone stops nothing everywhere"))
  .max(MOST_STOPS)
  .optional()
  .describe("Sequences at which replies of models of this tier stop, beside the client's own.");

export type SystemOptions = z.output<typeof systemOptions>;
export type RouteSystemOptions = z.output<typeof routeSystemOptions>;
export type RouteToolsOptions = z.output<typeof routeToolsOptions>;
export type ToolsOptions = z.output<typeof toolsOptions>;
