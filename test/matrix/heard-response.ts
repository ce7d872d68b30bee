import assert from "node:assert/strict";
import type { Fields } from "../fakes/apis/rules.ts";
import type { SentEvent } from "./events.ts";

const ENDS = ["response.completed", "response.incomplete"];

/** Events of OpenAI's responses: numbered, items that begin and end, and a last one that holds them all. */
export function responseOf(events: readonly SentEvent[]): Fields {
  const told = events.map(({ name, data }, index) => {
    const event = JSON.parse(data) as Fields;
    assert.equal(event.type, name, "an event is named as its data is");
    assert.equal(event.sequence_number, index, "events are numbered without a gap");
    return event;
  });
  assert.deepEqual(
    told.slice(0, 2).map(({ type }) => type),
    ["response.created", "response.in_progress"],
  );
  const last = told.pop();
  assert.ok(ENDS.includes(String(last?.type)), String(last?.type));
  const whole = last?.response as Fields;
  assert.deepEqual(itemsOf(told.slice(2)), whole.output, "the whole answer holds the items as they were told");
  return whole;
}

function itemsOf(events: readonly Fields[]): Fields[] {
  const done: Fields[] = [];
  const deltas = new Map<string, string>();
  const place = (event: Fields, type: string) =>
    [event.output_index, event.content_index ?? event.summary_index ?? 0, type].join(" ");
  for (const event of events) {
    const type = String(event.type);
    if (type === "response.output_item.done") done[event.output_index as number] = event.item as Fields;
    else if (type.endsWith(".delta")) {
      const at = place(event, type.slice(0, -6));
      deltas.set(at, (deltas.get(at) ?? "") + String(event.delta));
    } else if (/(?:text|refusal|arguments)\.done$/u.test(type)) {
      const text = event.text ?? event.refusal ?? event.arguments;
      assert.equal(deltas.get(place(event, type.slice(0, -5))) ?? "", text, "pieces add up to the whole");
    } else assert.match(type, /(?:output_item|part)\.(?:added|done)$/u);
  }
  return done;
}
