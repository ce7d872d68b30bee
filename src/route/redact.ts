import { setImmediate as breathe } from "node:timers/promises";
import type { Edit, PlannedRedaction, SignalReport } from "../contracts.ts";
import { applyEdits } from "../dialect/json.ts";
import type { Redaction } from "../rewrite/pii/redact.ts";
import { readSheet } from "../rewrite/pii/sheet.ts";
import type { Runtime } from "../runtime.ts";
import { findPii } from "../signals/pii-find.ts";
import { namesIn } from "../signals/pii-learned.ts";
import { conversationKey } from "./conversation.ts";
import type { RouteInput } from "./input.ts";

/** What is taken out of a request before any model sees it; or the entity for which it is refused. */
export type Redacted =
  | { readonly blocked: string }
  | { readonly edits: readonly Edit[]; readonly redaction: PlannedRedaction };

/**
 * Takes personal data out of the body, and out of the newest human turn, which models are shown that are asked for us.
 * Undefined where the config wants nothing of that. Errors: too_many_items.
 */
export function redactRequest(
  runtime: Runtime,
  input: RouteInput,
  route: string,
  reports: readonly SignalReport[],
): Promise<Redacted> | undefined {
  return runtime.redaction && redact(runtime.redaction, input, route, reports);
}

async function redact(
  redaction: NonNullable<Runtime["redaction"]>,
  input: RouteInput,
  route: string,
  reports: readonly SignalReport[],
): Promise<Redacted> {
  const { prompt, caller, body, preview } = input;
  const { tenant } = caller;
  const domains = reports.flatMap(({ signal, readings }) =>
    signal === "domain" ? readings.map(({ label }) => label) : [],
  );
  const names = namesIn(prompt);
  const conversation = redaction.vault && conversationKey(input);
  const known = conversation === undefined ? undefined : redaction.vault!.open(tenant, conversation);
  const read = async (bytes: Uint8Array, before: typeof known) => {
    const sheet = readSheet(bytes);
    const spans = await findPii(sheet.texts, () => breathe());
    const { turn } = prompt;
    const here = { route, tenant, domains };
    return redaction.redact({ sheet, spans, names, turn, here, body: bytes, known: before, refers: refersBack(bytes) });
  };

  const made = body && (await read(body, known));
  if (made && "blocked" in made) return made;
  const own = Buffer.from(JSON.stringify({ text: prompt.turn }));
  const alone = made && isUntouched(made) ? undefined : await read(own, made?.placeholders ?? known);
  if (alone && "blocked" in alone) return alone;
  const { placeholders, counts, edits } = made ?? alone!;
  if (conversation !== undefined && !preview) redaction.vault!.keep(tenant, conversation, placeholders);
  const turn = () =>
    alone ? (JSON.parse(Buffer.from(applyEdits(own, alone.edits)).toString()) as { text: string }).text : prompt.turn;
  return { edits: made ? edits : [], redaction: { placeholders, counts, turn } };
}

const isUntouched = ({ counts }: Redaction): boolean => Object.keys(counts).length === 0;

/** What lies with an upstream may hold placeholders that nobody here remembers. */
const refersBack = (body: Uint8Array): boolean =>
  REFERENCES.some((name) => Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(name));
const REFERENCES = ['"previous_response_id"', '"conversation"'];
