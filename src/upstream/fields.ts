import { z } from "zod";

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

export const baseUrl = z
  .string({ error: (issue) => (issue.input === undefined ? "an upstream of this kind needs its url" : undefined) })
  .max(2048)
  .superRefine((text, context) => {
    const fault = faultOf(text);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  })
  .overwrite(normalised)
  .meta({ description: "Base URL, up to and with the version, such as http://127.0.0.1:8000/v1." });

export const MOST_KEYS = 16;

export const keyText = z
  .string()
  .trim()
  .min(1, "the key is empty")
  .max(4096)
  .regex(/^[\x21-\x7e]*$/u, "the key may hold visible ASCII only");

const MOST_PAIRS = 32;

/** Of the connection, of the body, or ours: a value of one's own would break the request or lie about who asks. */
const REFUSED_HEADERS = new Set(
  `connection keep-alive proxy-connection proxy-authorization proxy-authenticate transfer-encoding te trailer upgrade
   expect host content-length content-type content-encoding accept-encoding`.split(/\s+/u),
);

export const headersField = z
  .record(
    z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/u, "not the name of a header"),
    z
      .string()
      .trim()
      .max(8192)
      .regex(/^[\x20-\x7e\t]*$/u, "the value of a header may hold visible ASCII only"),
  )
  .superRefine((headers, context) => {
    const names = Object.keys(headers);
    const refuse = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
    if (names.length > MOST_PAIRS) refuse([], `at most ${MOST_PAIRS} headers`);
    const seen = new Set<string>();
    for (const name of names) {
      const lower = name.toLowerCase();
      if (REFUSED_HEADERS.has(lower) || lower.startsWith("x-signalbox-"))
        refuse([name], "this header is not yours to set");
      if (seen.has(lower)) refuse([name], "this header stands here twice");
      seen.add(lower);
    }
  });

export const queryField = z
  .record(z.string().regex(/^[\x21-\x7e]{1,128}$/u, "not the name of a parameter"), z.string().max(4096))
  .refine((query) => Object.keys(query).length <= MOST_PAIRS, `at most ${MOST_PAIRS} parameters`);

/** What is wrong with the URL of a proxy, without repeating it: it may hold a password. */
export function proxyFault(text: string): string | undefined {
  if (!URL.canParse(text)) return "not a URL";
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return "a proxy's URL begins with http:// or https://";
  if (url.pathname !== "/" || url.search || url.hash) return "a proxy's URL has no path, no query and no fragment";
  return undefined;
}

export const proxyField = z
  .string()
  .max(2048)
  .superRefine((text, context) => {
    const fault = text === "none" || text === "environment" ? undefined : proxyFault(text);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  });
