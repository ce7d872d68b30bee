import type { Caller } from "../../contracts.ts";
import type { ClientApi } from "../../dialect/speech.ts";
import { RouterError } from "../../errors.ts";
import type { Request } from "../listen.ts";
import type { Visit } from "../record.ts";
import type { Message } from "./messages.ts";

/** The head of the client's request as the gateway sends it. */
export interface Head {
  /** Undefined for what is no conversation: it passes. */
  readonly api: ClientApi | undefined;
  /** Lower-case names; without the pseudo headers, and without those that only we may set. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names of ours that the client sent: they lead nobody astray who comes after us. */
  readonly ours: readonly string[];
}

/** What conversations are asked under, whatever the gateway puts before it. */
const PATHS: ReadonlyArray<readonly [path: RegExp, api: ClientApi]> = [
  [/\/chat\/completions\/*$/, "openai-chat"],
  [/\/v1\/+responses\/*$/, "openai-responses"],
  [/\/v1\/+messages\/*$/, "anthropic-messages"],
];
const OURS = "x-signalbox-";
const JSON_TYPE = /^application\/json(?:\s*;|$)/i;

export function readHead(all: ReadonlyMap<string, string>, routingHeader: string): Head {
  const headers: Record<string, string> = {};
  const ours: string[] = [];
  for (const [name, value] of all) {
    if (name.startsWith(OURS) || name === routingHeader) ours.push(name);
    else if (!name.startsWith(":")) headers[name] = value;
  }
  return { api: all.get(":method") === "POST" ? apiOf(all.get(":path") ?? "") : undefined, headers, ours };
}

function apiOf(target: string): ClientApi | undefined {
  const path = decoded(target.split("?", 1)[0]!);
  return PATHS.find(([pattern]) => pattern.test(path))?.[1];
}

/** What stands behind us may read an escaped letter as the letter. */
function decoded(path: string): string {
  try {
    return path.includes("%") ? decodeURIComponent(path) : path;
  } catch {
    return path;
  }
}

/** Errors: unsupported_media_type for a body that we could not read. */
export function refuseUnreadable({ headers }: Head): void {
  if (!JSON_TYPE.test(headers["content-type"] ?? ""))
    throw new RouterError("unsupported_media_type", "This path takes JSON: send content-type: application/json.");
  if ((headers["content-encoding"] ?? "identity") !== "identity")
    throw new RouterError("unsupported_media_type", "Send the body uncompressed: behind this gateway none is taken.");
}

/**
 * Who asks. The gateway says it in the stream's own metadata, or in what its other filters found out and it forwards
 * (`signalbox.tenant`); only where it says nothing the client's own key counts.
 * Errors: unauthenticated, forbidden, rate_limited.
 */
export function admitCaller(visit: Visit, peer: Request, { tenant }: Message, { headers }: Head): Caller {
  const { auth } = visit.runtime;
  const own = auth === "none" ? [] : ["authorization", "x-api-key", auth.tenant_header];
  const isNamed = tenant !== "" || own.some((name) => peer.headers[name] !== undefined);
  return visit.admit(peer, { tenant, key: isNamed ? "" : keyIn(headers) });
}

function keyIn(headers: Head["headers"]): string {
  return /^bearer\s+(\S+)$/i.exec(headers["authorization"] ?? "")?.[1] ?? headers["x-api-key"] ?? "";
}
