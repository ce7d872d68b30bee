import type { IncomingHttpHeaders } from "node:http";
import type { Answer, Break, Fault, FaultKind } from "./script.ts";
import { type Fields, type Violation, broken, isFields } from "./rules.ts";

/** A request as it came in. */
export interface Received {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly json: unknown;
}

/** A request that keeps the rules. */
export interface Asked {
  readonly model: string;
  readonly stream: boolean;
  readonly body: Fields;
  /** Of answers so far, from 1: it stands in ids. */
  readonly number: number;
}

export interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** One API: what it takes and what it sends. */
export interface Api {
  readonly takes: (received: Received) => boolean;
  /** @throws Violation where the request breaks a rule of the API */
  readonly read: (received: Received) => Omit<Asked, "number">;
  /** The signatures of thoughts that a request brings back. */
  readonly sealed: (body: Fields) => readonly string[];
  readonly whole: (answer: Answer, asked: Asked) => Fields;
  /** The events of the whole stream, each with its blank line. */
  readonly stream: (answer: Answer, asked: Asked) => readonly string[];
  /** The events that tell of a failure in a stream of which `sent` events are out. */
  readonly broken: (kind: Extract<Break, FaultKind>, asked: Asked, sent: number) => readonly string[];
  readonly refuse: (violation: Violation) => Sent;
  readonly fault: (fault: Fault, asked: Asked) => Sent;
  /** Headers of every answer. */
  readonly headers: (number: number) => Readonly<Record<string, string>>;
  /** Asks only how many tokens a request has; the answer to that. */
  readonly count?: (received: Received, answer: Answer) => Fields | undefined;
}

export const CREATED = 1_760_000_000;

/** An id as APIs make them: letters and digits, the same for the same number. */
export const idOf = (prefix: string, number: number, length: number) =>
  `${prefix}${number.toString(36).padStart(4, "0")}${"8nKq2VdXw5TzLr7Ym3Hc9Pb1Gf6Js4Ae0uZo8nKq2VdXw5TzLr7Ym3Hc9Pb1Gf6".slice(0, length - 4)}`;

export const event = (data: unknown, name?: string) =>
  `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;

/** What OpenAI pads its events with, so that their lengths do not tell of their texts. */
export const noise = (number: number, index: number) =>
  "Zr4q9TbX1mKe7LsW".slice(0, 1 + ((number * 7 + index * 5) % 15));

/** The checks before a body is looked at. */
export function bodyOf({ method, headers, json }: Received): Fields {
  if (method !== "POST") broken("", `${method} is not supported here`, "path");
  if (!/^application\/json\b/u.test(headers["content-type"] ?? "")) broken("", "the body must be JSON", "type");
  return isFields(json) ? json : broken("", "the body is no JSON object", "type");
}
