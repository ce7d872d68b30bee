import assert from "node:assert/strict";

export interface SentEvent {
  /** Of its `event` line; empty where there is none. */
  readonly name: string;
  readonly data: string;
}

/** The events of a stream, all of them whole. */
export function eventsOf(text: string): SentEvent[] {
  assert.match(text, /\r?\n\r?\n$/u, "a stream ends with a whole event");
  return text
    .split(/(?:\r?\n){2,}/u)
    .filter((event) => event.trim() !== "" && !event.startsWith(":"))
    .map((event) => {
      const values = (field: string) =>
        event
          .split(/\r?\n/u)
          .flatMap((line) => (line.startsWith(`${field}:`) ? [line.slice(field.length + 1).trimStart()] : []));
      return { name: values("event")[0] ?? "", data: values("data").join("\n") };
    });
}
