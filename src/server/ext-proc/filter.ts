import { RouterError } from "../../errors.ts";
import type { Request } from "../listen.ts";

/**
 * What the config of the gateway's filter says to us, as metadata of the gRPC stream (`grpc_service.initial_metadata`),
 * where no client can write.
 */
export interface FilterSettings {
  /** `upstream`: the filter stands where requests go which another server failed, in front of one model. */
  readonly role: "listener" | "upstream";
  /** The model of the pool that is there, of such a filter. */
  readonly model?: string;
  /** How long a decision may take once the request is there. */
  readonly deadlineMs: number;
  /** What becomes of a request that could not be decided in time, or for a fault of ours. */
  readonly onSlow: "pass" | "refuse";
}

const DEADLINE_MS = 2000;
const LONGEST_MS = 600_000;

/** Errors: invalid_request with the name of the metadata. */
export function readSettings({ headers }: Pick<Request, "headers">): FilterSettings {
  const role = oneOf("x-signalbox-role", headers["x-signalbox-role"] ?? "listener", ["listener", "upstream"]);
  const onSlow = oneOf("x-signalbox-on-slow", headers["x-signalbox-on-slow"] ?? "pass", ["pass", "refuse"]);
  const deadlineMs = Number(headers["x-signalbox-deadline-ms"] ?? DEADLINE_MS);
  if (!(deadlineMs >= 1 && deadlineMs <= LONGEST_MS))
    throw wrong("x-signalbox-deadline-ms", `a number of milliseconds from 1 to ${LONGEST_MS}`);
  if (role === "listener") return { role, onSlow, deadlineMs };
  const model = headers["x-signalbox-model"];
  if (typeof model !== "string") throw wrong("x-signalbox-model", "the model of the pool that answers behind it");
  return { role, onSlow, deadlineMs, model };
}

function oneOf<T extends string>(name: string, value: string | string[], known: readonly T[]): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw wrong(name, known.join(" or "));
  return found;
}

const wrong = (name: string, expected: string): RouterError =>
  new RouterError("invalid_request", `The metadata ${name} of the filter must be ${expected}.`, { param: name });
