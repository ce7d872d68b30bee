import { isIP } from "node:net";
import { z } from "zod";
import { tlsOptions } from "./tls.ts";

/** Names of models, tiers, routes and upstreams. */
const NAME = /^[a-zA-Z][a-zA-Z0-9._:/-]{0,127}$/u;
const HEADER = /^[a-z][a-z0-9-]{0,63}$/u;
const ALIAS = /^[a-zA-Z][a-zA-Z0-9._/-]{0,127}$/u;
const TENANT = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/u;
const PRINTABLE = /^[\u0021-\u007E]+$/u;
/** Headers that carry the request itself: a routing header of that name would break it. */
const TAKEN_HEADERS = new Set([
  "authorization",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "cookie",
  "host",
  "te",
  "transfer-encoding",
  "upgrade",
]);

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, `[ipv6]:port` or `localhost:port` in its two parts; undefined where it is none of these. */
export function addressOf(listen: string): Address | undefined {
  const parts = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([0-9.]{7,15}|localhost)):(\d{1,5})$/u.exec(listen);
  const [, six, four, digits] = parts ?? [];
  const host = six ?? four;
  const port = Number(digits);
  if (host === undefined || port > 65_535) return undefined;
  const right = six === undefined ? host === "localhost" || isIP(host) === 4 : isIP(six) === 6;
  return right ? { host, port } : undefined;
}

/** True where only this machine can reach the address. */
export function isLoopback({ host }: Address): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

function isNetwork(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  // A network of no bits would trust everybody.
  return /^[1-9]\d{0,2}$/u.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128);
}

const listen = z
  .string()
  .refine((text) => addressOf(text) !== undefined, "expected address:port, such as 127.0.0.1:8080 or [::1]:8080");

const headerName = z.string().regex(HEADER, "expected the name of a header in lower case, such as x-tenant");

const keyLimits = z.strictObject({
  requests_per_minute: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .meta({ description: "Most requests in a minute; those above are refused with 429." }),
  tokens_per_minute: z.int().min(1).max(1_000_000_000).optional().meta({
    description: "Tokens in a minute, in and out. They are counted when an answer ends: who is over it waits.",
  }),
  concurrent: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .meta({ description: "Most requests under way at once; those above are refused with 429." }),
});

const clientKey = z.strictObject({
  key: z
    .string()
    .min(8, "a key has at least 8 characters")
    .max(512, "a key has at most 512 characters")
    .regex(PRINTABLE, "a key is plain ASCII without spaces")
    .meta({ description: "What the client sends as its bearer token. Write ${NAME} or ${file:PATH}." }),
  tenant: z
    .string()
    .regex(TENANT, "expected a short name of letters, digits, points and dashes")
    .default("default")
    .meta({ description: "Who the client is: rules match it, and nothing learned or cached crosses it." }),
  models: z
    .array(z.string().regex(NAME, "expected the name of a model"))
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: "The models that this key may use; all of them when absent." }),
  limits: keyLimits.optional().meta({ description: "What may be asked with this key; no limit when absent." }),
});

const auth = z.union([
  z.literal("none").meta({ description: "Everybody who reaches the port may use it." }),
  z.strictObject({
    keys: z.array(clientKey).max(10_000).default([]).meta({ description: "The keys of the clients." }),
    trusted: z
      .array(z.string().refine(isNetwork, "expected an address or a network, such as 10.0.0.0/8"))
      .min(1)
      .max(64)
      .optional()
      .meta({ description: "Addresses of gateways that have already checked who asks: their headers are believed." }),
    tenant_header: headerName
      .default("x-tenant")
      .meta({ description: "The header in which such a gateway names the tenant." }),
  }),
]);

const admin = z.strictObject({
  listen: listen.default("127.0.0.1:9090").meta({ description: "Address of /metrics and the admin service." }),
  token: z
    .string()
    .min(16, "a token has at least 16 characters")
    .max(512, "a token has at most 512 characters")
    .regex(PRINTABLE, "a token is plain ASCII without spaces")
    .optional()
    .meta({ description: "Bearer token of the admin port; required when others can reach it." }),
});

const limits = z.strictObject({
  body_bytes: z
    .int()
    .min(1024)
    .max(268_435_456)
    .default(10_485_760)
    .meta({ description: "Largest request body, in bytes." }),
  concurrent: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .meta({ description: "Most requests under way at once; more are refused with 503." }),
});

export const serverOptions = z
  .strictObject({
    listen: listen
      .default("127.0.0.1:8080")
      .meta({ description: "Address of the doors: gRPC and HTTP on one port. Port 0 takes a free one." }),
    tls: tlsOptions.optional().meta({
      description: "Encrypts the port of the doors: HTTP/2 and HTTP/1.1 by ALPN. Without it both come in clear.",
    }),
    auth: auth.optional().meta({
      description: "Who may ask. none, or keys and trusted gateways. On a loopback address the default is none.",
    }),
    admin: admin.prefault({}).meta({ description: "The second port: metrics and administration." }),
    limits: limits.prefault({}).meta({
      description:
        "What one request, and all of them together, may take. Besides, a body may be 64 levels deep, hold 100,000 members and elements, and take 30 s to arrive.",
    }),
    response_headers: z
      .boolean()
      .default(true)
      .meta({ description: "Tell the decision in x-signalbox-* headers of the answer." }),
    routing_header: headerName
      .refine((name) => !TAKEN_HEADERS.has(name), "this header has another meaning already")
      .default("x-selected-model")
      .meta({ description: "The header in which a gateway finds the chosen model. Clients cannot set it." }),
    url: z
      .url({ protocol: /^https?$/u })
      .max(2_048)
      .optional()
      .meta({
        description:
          "How gateways reach this server, such as http://signalbox:8080. A route with a cascade then sends them to the answering door: where they dispatch themselves, no answer is judged.",
      }),
    drain_ms: z
      .int()
      .min(0)
      .max(600_000)
      .default(30_000)
      .meta({ description: "Time that running requests get when the process is told to stop, in milliseconds." }),
  })
  .superRefine((server, context) => {
    for (const { path, message } of exposure(server)) context.addIssue({ code: "custom", path, message });
  })
  .transform((server) => ({ ...server, auth: server.auth ?? ("none" as const) }));

interface Exposed {
  readonly listen: string;
  readonly auth?: z.output<typeof auth> | undefined;
  readonly admin: z.output<typeof admin>;
}

/** What would let strangers in, or not start. */
function* exposure({ listen, auth, admin }: Exposed): Generator<{ path: Array<string | number>; message: string }> {
  const doors = addressOf(listen);
  const back = addressOf(admin.listen);
  if (!doors || !back) return;
  const keys = auth === undefined || auth === "none" ? [] : auth.keys;
  if (!isLoopback(doors) && auth === undefined) {
    yield {
      path: ["listen"],
      message: `others can reach ${listen}: name client keys or trusted gateways in server.auth, or write server.auth: none`,
    };
  }
  if (!isLoopback(back) && admin.token === undefined) {
    yield { path: ["admin", "listen"], message: `others can reach ${admin.listen}: set server.admin.token` };
  }
  if (auth !== undefined && auth !== "none" && keys.length === 0 && auth.trusted === undefined) {
    yield { path: ["auth"], message: "this names neither keys nor trusted gateways: nobody could ask" };
  }
  if (doors.port !== 0 && doors.port === back.port) {
    yield { path: ["admin", "listen"], message: `the admin port is the port of the doors, ${listen}` };
  }
  const seen = new Map<string, number>();
  for (const [index, { key }] of keys.entries()) {
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    else yield { path: ["auth", "keys", index, "key"], message: `this is also the key of server.auth.keys[${first}]` };
  }
}

export const aliasesOptions = z
  .array(z.string().regex(ALIAS, "expected a name without a colon: the part after a colon is the profile"))
  .min(1)
  .max(32)
  .default(["auto"])
  .meta({ description: "Model names that are routed; `auto:cheap` picks the profile cheap. Others pass through." });
