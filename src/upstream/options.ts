import { z } from "zod";
import { baseUrl, headersField, keyText, MOST_KEYS, proxyField, queryField } from "./fields.ts";

const location = z.enum(["internal", "external"]);

const pem = z.string().min(1).max(65_536);

const common = {
  key: z
    .union([keyText, z.array(keyText).min(1).max(MOST_KEYS)])
    .optional()
    .meta({
      description: `Sent as this kind wants its keys. Write \${NAME} or \${file:PATH} instead of the key itself. Of a list of keys, at most ${MOST_KEYS}, each is used in turn; one over its limit, or refused, is left alone for a while.`,
    }),
  connections: z
    .int()
    .min(1)
    .max(10_000)
    .default(256)
    .meta({ description: "Most sockets open to this upstream at once." }),
  headers: headersField.optional().meta({
    description: "Headers of every request there, by name. With authorization among them no key is sent.",
  }),
  query: queryField.optional().meta({ description: "Query parameters of every request there, by name." }),
  ca: pem.optional().meta({
    description:
      "The authorities that its certificate must come from, in PEM, in place of the usual ones. Write ${file:PATH}.",
  }),
  cert: pem.optional().meta({
    description:
      'Certificate that we show there, its chain and its private key (without a passphrase) behind it, in PEM. Write ${file:PATH}, or of two files "${file:PATH}\\n${file:PATH}": a new file is read.',
  }),
  probe_ms: z.int().min(100).max(3_600_000).optional().meta({
    description:
      "How often it is asked whether it is there (vLLM: /health, others: their list of models), in milliseconds; after two tries in vain no request is sent until one succeeds. Off when absent.",
  }),
  proxy: proxyField.optional().meta({
    description:
      "URL of a proxy on the way there, or none. environment: as HTTPS_PROXY, HTTP_PROXY and NO_PROXY say; the default.",
  }),
};

const apis = z
  .array(z.enum(["openai-chat", "openai-responses", "anthropic-messages", "gemini"]))
  .min(1)
  .max(4)
  .optional();

const whereabouts = (own: "internal" | "external") =>
  location
    .default(own)
    .meta({ description: "internal: a server of yours, which may see what must not leave. external: everybody else." });

const openai = z.strictObject({
  kind: z.literal("openai").meta({ description: "The OpenAI API, or a server that speaks it." }),
  url: baseUrl.default("https://api.openai.com/v1"),
  apis: apis.meta({
    description: "APIs that it takes, the one to prefer first; openai-chat and openai-responses by default.",
  }),
  ...common,
  location: whereabouts("external"),
});

const vllm = z.strictObject({
  kind: z.literal("vllm").meta({ description: "A vLLM server." }),
  url: baseUrl,
  apis: apis.meta({
    description:
      "APIs that it takes, the one to prefer first; openai-chat by default. Newer servers take openai-responses and anthropic-messages too.",
  }),
  ...common,
  location: whereabouts("internal"),
});

const gemini = z.strictObject({
  kind: z
    .literal("gemini")
    .meta({ description: "Google Gemini: its own API, or its OpenAI-compatible one where the url ends in /openai." }),
  url: baseUrl.default("https://generativelanguage.googleapis.com/v1beta"),
  ...common,
  location: whereabouts("external"),
});

const anthropic = z.strictObject({
  kind: z.literal("anthropic").meta({ description: "The Anthropic API, or a server that speaks it." }),
  url: baseUrl.default("https://api.anthropic.com/v1"),
  ...common,
  location: whereabouts("external"),
});

const azure = z.strictObject({
  kind: z.literal("azure").meta({ description: "Azure OpenAI. A target's model is the name of its deployment." }),
  url: baseUrl.meta({ description: "The resource, such as https://RESOURCE.openai.azure.com." }),
  ...common,
  query: queryField.optional().meta({
    description:
      "Query parameters of every request there, by name. With an api-version that is a date, such as 2024-10-21, it is asked below /openai/deployments; else below /openai/v1.",
  }),
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
    z.discriminatedUnion("kind", [openai, vllm, gemini, anthropic, azure]).superRefine((options, context) => {
      for (const [key, message] of contradictions(options)) context.addIssue({ code: "custom", path: [key], message });
    }),
  )
  .meta({ description: "Model servers by name." });

/** One upstream. In a checked config its `proxy` is a URL, `none`, or absent where the environment names none. */
export type UpstreamOptions = z.output<typeof upstreamsOptions>[string];

export type OptionsOf<Kind extends UpstreamOptions["kind"]> = Extract<UpstreamOptions, { kind: Kind }>;

interface Shared extends Partial<Record<"ca" | "cert", string | undefined>> {
  readonly url: string;
  readonly key?: string | readonly string[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

function* contradictions(options: Shared): Generator<readonly [key: keyof Shared, message: string]> {
  const { url, ca, cert } = options;
  if (keysOf(options).length > 0 && headerOf(options, "authorization") !== undefined)
    yield ["headers", "the header authorization stands in place of a key: give one of them"];
  if (url.startsWith("http:") && (ca ?? cert) !== undefined)
    yield [ca === undefined ? "cert" : "ca", "there are no certificates at a URL with http://"];
}

/** All keys of an upstream, each once. */
export function keysOf({ key = [] }: Pick<Shared, "key">): readonly string[] {
  return [...new Set(typeof key === "string" ? [key] : key)];
}

/** @param name in lower case */
export function headerOf({ headers }: Pick<Shared, "headers">, name: string): string | undefined {
  return Object.entries(headers ?? {}).find(([given]) => given.toLowerCase() === name)?.[1];
}

/** When a target is left alone for a while. */
export const breakerOptions = z
  .strictObject({
    percent: z
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
