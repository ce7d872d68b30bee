import type { ConfigInput } from "../../config/schema.ts";

type UpstreamInput = ConfigInput["upstreams"][string];

/** A reference to a secret of the environment. The secret itself never moves from file to file. */
export const secretOf = (name: string): string => `\${${name}}`;

/** `OPENAI_API_KEY` for what is called openai. */
export const variableFor = (name: string): string => `${name.toUpperCase().replaceAll(/[^A-Z0-9]+/gu, "_")}_API_KEY`;

/** The base URL with its version where it has no path; undefined for what is no URL. */
export function baseUrlOf(text: string, path = "/v1"): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  return `${url.origin}${url.pathname === "/" ? path : url.pathname.replace(/\/+$/u, "")}`;
}

/** A server that speaks OpenAI's chat completions, and whose it is is not said: vLLM where it is not on the internet. */
export function chatServer(url: string, key: string | undefined): UpstreamInput {
  const { hostname } = new URL(url);
  const credential = key !== undefined && { key };
  if (hostname === "api.openai.com") return { kind: "openai", ...credential };
  return {
    kind: "openai",
    url,
    apis: ["openai-chat"],
    ...credential,
    ...(isOurs(hostname) && { location: "internal" }),
  };
}

/** A machine of one's own, by its address or name. */
function isOurs(hostname: string): boolean {
  return (
    /^(?:localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[(?:::1|f[cd]))/iu.test(hostname) ||
    !hostname.includes(".") ||
    /\.(?:local|internal|lan|svc|cluster\.local|docker\.internal)$/iu.test(hostname)
  );
}
