import { z } from "zod";

const location = z.enum(["internal", "external"]);

/** What is wrong with a base URL, without repeating it: somebody may have put a secret there. */
function faultOf(text: string): string | undefined {
  if (!URL.canParse(text)) return "not a URL";
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return "the URL must begin with http:// or https://";
  if (url.username || url.password) return "no credentials in the URL; the key has its own field";
  if (url.search || url.hash) return "the URL takes no query and no fragment";
  return undefined;
}

/** `HTTPS://Host:443/v1//` and `https://host/v1` are one base URL. */
function normalised(text: string): string {
  return faultOf(text) === undefined ? new URL(text).href.replace(/\/+$/u, "") : text;
}

const baseUrl = z
  .string({ error: (issue) => (issue.input === undefined ? "an upstream of this kind needs its url" : undefined) })
  .max(2048)
  .superRefine((text, context) => {
    const fault = faultOf(text);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  })
  .overwrite(normalised)
  .meta({ description: "Base URL, up to and with the version, such as http://127.0.0.1:8000/v1." });

const common = {
  key: z
    .string()
    .trim()
    .min(1, "the key is empty")
    .max(4096)
    .regex(/^[\x21-\x7e]*$/u, "the key may hold visible ASCII only")
    .optional()
    .meta({ description: "Sent as a bearer token. Write ${NAME} or ${file:PATH} instead of the key itself." }),
  connections: z
    .int()
    .min(1)
    .max(10_000)
    .default(256)
    .meta({ description: "Most sockets open to this upstream at once." }),
};

const whereabouts = (own: "internal" | "external") =>
  location
    .default(own)
    .meta({ description: "internal: a server of yours, which may see what must not leave. external: everybody else." });

const openai = z.strictObject({
  kind: z.literal("openai").meta({ description: "The OpenAI API, or a server that speaks it." }),
  url: baseUrl.default("https://api.openai.com/v1"),
  ...common,
  location: whereabouts("external"),
});

const vllm = z.strictObject({
  kind: z.literal("vllm").meta({ description: "A vLLM server." }),
  url: baseUrl,
  ...common,
  location: whereabouts("internal"),
});

const gemini = z.strictObject({
  kind: z.literal("gemini").meta({ description: "Google Gemini, through its OpenAI-compatible endpoint." }),
  url: baseUrl.default("https://generativelanguage.googleapis.com/v1beta/openai"),
  ...common,
  location: whereabouts("external"),
});

/** Name -> model server. */
export const upstreamsOptions = z
  .record(
    z
      .string()
      .regex(
        /^[a-zA-Z][a-zA-Z0-9._:/-]{0,127}$/u,
        "a name begins with a letter and has at most 128 of a-z A-Z 0-9 . _ : / -",
      ),
    z.discriminatedUnion("kind", [openai, vllm, gemini]),
  )
  .meta({ description: "Model servers by name." });

export type UpstreamOptions = z.output<typeof upstreamsOptions>[string];

/** When a target is left alone for a while. */
export const breakerOptions = z
  .strictObject({
    error_percentage: z
      .number()
      .min(1)
      .max(100)
      .default(50)
      .meta({ description: "Share of failed requests in the window, in percent, at which the circuit opens." }),
    minimum_requests: z
      .int()
      .min(1)
      .max(100_000)
      .default(5)
      .meta({ description: "Fewer finished requests than this in the window never open the circuit." }),
    window_ms: z
      .int()
      .min(100)
      .max(3_600_000)
      .default(10_000)
      .meta({ description: "Length of the window that failures are counted in, in milliseconds." }),
    reset_ms: z.int().min(10).max(3_600_000).default(5000).meta({
      description: "How long an open circuit lets nothing through before one request may probe, in milliseconds.",
    }),
  })
  .prefault({})
  .meta({
    description: "Circuit breaker of every target. A reload with other values applies to targets that are new.",
  });

export type BreakerOptions = z.output<typeof breakerOptions>;
