import assert from "node:assert/strict";
import { applyEdits } from "../../src/dialect/json.ts";
import { redactionOptions } from "../../src/rewrite/pii/options.ts";
import { createRedactor, type Redaction } from "../../src/rewrite/pii/redact.ts";
import { restoreWhole } from "../../src/rewrite/pii/restore.ts";
import { readSheet } from "../../src/rewrite/pii/sheet.ts";
import { createRestorer } from "../../src/rewrite/pii/stream.ts";
import { findPii } from "../../src/signals/pii-find.ts";
import { seeded } from "../../src/statistics/sample.ts";
import { type Conversation, conversation, textsIn } from "../rewrite/pii/conversations.ts";
import { streamedEcho, textsOfReply, textsOfStream, wholeEcho } from "../rewrite/pii/echo.ts";
import { identifier } from "../rewrite/pii/identifiers.ts";
import { createFailures, type Figures, type Story, type StoryOptions } from "./story.ts";

/** Of each input that is asked for: 20,000 conversations and 100,000 identifiers unless told otherwise. */
const CONVERSATIONS = 2;
const IDENTIFIERS = 10;
const EVENTS = { maxEventBytes: 1024 * 1024 };

export const redaction: Story = {
  name: "redaction",
  says: "nothing personal is sent upstream, what comes back is restored to the byte wherever a stream is cut, and no identifier with a check digit is missed",
  run: runRedaction,
};

async function runRedaction({ inputs, seed, at, signal, progress }: StoryOptions): Promise<Figures> {
  const failures = createFailures();
  const most = inputs * CONVERSATIONS;
  const totals = { conversations: 0, values: 0, sent: 0, placeholders: 0, streams: 0, pushes: 0 };
  const redact = createRedactor(redactionOptions.parse({ action: "replace" }), `seed ${seed} of the story`);
  for (let index = at ?? 0; index < (at === undefined ? most : at + 1) && !signal.aborted; index++) {
    if (index % 100 === 0) progress(index / most, "conversations");
    const random = seeded(seed * 1_000_003 + index);
    const asked = conversation(random);
    try {
      await tell(asked, random, redact, totals);
    } catch (error) {
      failures.add(`conversation ${index} (${asked.api}): ${error instanceof Error ? error.message : String(error)}`);
    }
    totals.conversations += 1;
  }
  const recall = await recallOf(inputs * IDENTIFIERS, seed, signal, failures);
  failures.check(totals.sent === 0, `${totals.sent} values were sent upstream`);
  return {
    rows: {
      conversations: totals.conversations,
      "values in them, placeholders given out": `${totals.values}, ${totals.placeholders}`,
      "values sent upstream": totals.sent,
      "streams restored, pushes": `${totals.streams}, ${totals.pushes}`,
      ...recall,
    },
    failures: failures.list(),
  };
}

async function tell(
  asked: Conversation,
  random: () => number,
  redact: ReturnType<typeof createRedactor>,
  totals: Record<"values" | "sent" | "placeholders" | "streams" | "pushes", number>,
): Promise<void> {
  const { api, body, names } = asked;
  const sheet = readSheet(body);
  const spans = await findPii(sheet.texts, async () => undefined);
  const here = { route: "", tenant: "acme", domains: [] };
  const made = redact({ sheet, spans, names, turn: "", here, body });
  assert.ok(!("blocked" in made));
  const sent = applyEdits(body, made.edits);
  totals.values += asked.values.length;
  totals.placeholders += made.placeholders.size;
  totals.sent += asked.values.filter((value) => holds(sent, value)).length;

  const read = textsIn(api, sent);
  const whole = textsOfReply(api, restoreWhole(wholeEcho(api, read), made.placeholders));
  assert.deepEqual(whole, asked.texts, "the whole answer");

  for (const [cut, size] of [
    ["pieces", 1],
    ["characters", 1 + Math.floor(random() * 64)],
  ] as const) {
    const stream = streamedEcho(api, read, cut, random);
    const { told, ...texts } = textsOfStream(api, restored(stream, made, asked, size, totals));
    assert.deepEqual(texts, asked.texts, `the stream in pushes of ${size}`);
    assert.deepEqual(told, asked.texts, `what the stream repeats, in pushes of ${size}`);
    totals.streams += 1;
  }
}

function restored(
  stream: Uint8Array,
  { placeholders }: Redaction,
  { api }: Conversation,
  size: number,
  totals: { pushes: number },
): Uint8Array {
  const restorer = createRestorer(api, placeholders, EVENTS);
  const out: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += size) {
    out.push(restorer.push(stream.subarray(at, at + size)));
    totals.pushes += 1;
  }
  return Buffer.concat([...out, restorer.end()]);
}

/** Whether bytes hold a value in any of the ways in which JSON may write it. */
function holds(sent: Uint8Array, value: string): boolean {
  const text = Buffer.from(sent).toString();
  const open = (json: string): string =>
    json.replaceAll(/\\+(?:u([0-9a-fA-F]{4})|(.))/g, (_, hex: string | undefined, sign: string) =>
      hex === undefined ? (ESCAPED[sign] ?? sign) : String.fromCharCode(Number.parseInt(hex, 16)),
    );
  const plain = value.replaceAll("\\", "");
  return text.includes(value) || open(text).replaceAll("\\", "").includes(plain);
}

const ESCAPED: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

async function recallOf(
  count: number,
  seed: number,
  signal: AbortSignal,
  failures: ReturnType<typeof createFailures>,
): Promise<Record<string, string>> {
  const random = seeded(seed + 7);
  const counts = new Map<string, { found: number; all: number }>();
  for (let index = 0; index < count && !signal.aborted; index++) {
    const { text, value, country } = identifier(random);
    const start = text.indexOf(value);
    const [spans] = await findPii([text], async () => undefined);
    const isFound = spans!.some((span) => span.start <= start && span.end >= start + value.length);
    const own = counts.get(country) ?? { found: 0, all: 0 };
    counts.set(country, { found: own.found + Number(isFound), all: own.all + 1 });
    failures.check(isFound, `an identifier was missed in: ${text}`);
  }
  const rows = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    rows.map(([country, { found, all }]) => [`identifiers found, ${country}`, `${found} of ${all}`]),
  );
}
