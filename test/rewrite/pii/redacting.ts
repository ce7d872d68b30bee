import assert from "node:assert/strict";
import { applyEdits } from "../../../src/dialect/json.ts";
import { redactionOptions } from "../../../src/rewrite/pii/options.ts";
import { createRedactor, type Redacting, type Redaction, type Refused } from "../../../src/rewrite/pii/redact.ts";
import { readSheet } from "../../../src/rewrite/pii/sheet.ts";
import { findPii } from "../../../src/signals/pii-find.ts";

type Options = Parameters<typeof redactionOptions.parse>[0];

export async function redact(
  body: Uint8Array,
  options: Options = { action: "replace" },
  more: Partial<Redacting> = {},
): Promise<Redaction | Refused> {
  const sheet = readSheet(body);
  const spans = await findPii(sheet.texts, async () => {});
  const here = { route: "", tenant: "acme", domains: [] };
  const redactor = createRedactor(redactionOptions.parse(options), "a secret of the test");
  return redactor({ sheet, spans, names: [], turn: "", here, body, ...more });
}

/** The bytes that are sent instead, and the way back. */
export async function redacted(
  body: string | object,
  options?: Options,
  more?: Partial<Redacting>,
): Promise<{ sent: string; made: Redaction }> {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const made = await redact(bytes, options, more);
  assert.ok(!("blocked" in made));
  const sent = Buffer.from(applyEdits(bytes, made.edits)).toString();
  JSON.parse(sent);
  return { sent, made };
}

/** A chat of one turn. */
export const chat = (content: unknown) => ({ model: "auto", messages: [{ role: "user", content }] });
