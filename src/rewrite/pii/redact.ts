import { createHmac, randomInt } from "node:crypto";
import type { Edit, Placeholders } from "../../contracts.ts";
import { RouterError } from "../../errors.ts";
import { asksIdentity } from "./identity.ts";
import { findPlaces, type Finding, type Names, type Place, type Spans } from "./places.ts";
import type { PiiAction, RedactionOptions } from "./options.ts";
import { createIssue, labelOf, placeholdersOf } from "./placeholders.ts";
import { actionsFor, type Circumstances } from "./policy.ts";
import type { Sheet, TextEdit } from "./sheet.ts";
import { canonicalOf, mask } from "./spelling.ts";

/** One request, read. */
export interface Redacting {
  readonly sheet: Sheet;
  /** What was found in each of the sheet's texts. */
  readonly spans: Spans;
  /** Values that stand somewhere in the body, as they are written: names and addresses. */
  readonly names: Names;
  /** The newest human turn. */
  readonly turn: string;
  readonly here: Circumstances;
  /** The body as it came: what looks like a placeholder in it is not given out. */
  readonly body: Uint8Array;
  /** Placeholders of the same conversation. */
  readonly known?: Placeholders | undefined;
  /** The body refers to what lies with its upstream, where placeholders of before may stand that nobody here knows. */
  readonly refers?: boolean;
}

/** What is sent instead, and the way back. */
export interface Redaction {
  readonly edits: readonly Edit[];
  readonly placeholders: Placeholders;
  /** How many places of each entity were changed. */
  readonly counts: Readonly<Record<string, number>>;
}

/** An entity for which the request is refused. */
export interface Refused {
  readonly blocked: string;
}

/** More values than this are no conversation. */
const MOST_VALUES = 10_000;
/** Numbers from here on are chance, so that no two requests use the same for different values. */
const FAR = 100_000;

/** Binds options to requests. `key` makes hashes; it is the config's, or one of the process. */
export function createRedactor(options: RedactionOptions, key: string): (request: Redacting) => Redaction | Refused {
  return (request) => {
    const actionOf = actionsFor(options, request.here);
    const findings = findPlaces(request, options.threshold, (entity) => actionOf(entity) !== "allow");
    const blocked = findings.values.find(({ entity, value }) => refuses(actionOf(entity), request.turn, value));
    if (blocked) return { blocked: blocked.entity };
    if (findings.values.length > MOST_VALUES) {
      throw new RouterError(
        "too_many_items",
        `The body holds more than ${MOST_VALUES} different pieces of personal data.`,
      );
    }
    return rewrite(request, findings.places, actionOf, hasherOf(key, request.here.tenant));
  };
}

function refuses(action: PiiAction, turn: string, value: string): boolean {
  return action === "block" || (action === "block_identity" && asksIdentity(turn, value));
}

/** Somebody else's hash of the same value is another. */
function hasherOf(key: string, tenant: string): (entity: string, canonical: string) => string {
  return (entity, canonical) => {
    const own = createHmac("sha256", key).update(tenant).digest();
    const hash = createHmac("sha256", own).update(`${entity}\n${canonical}`).digest("hex").slice(0, 16);
    return `<${labelOf(entity)}:${hash}>`;
  };
}

function rewrite(
  { sheet, known, body, refers }: Redacting,
  places: ReadonlyMap<number, readonly Place[]>,
  actionOf: (entity: string) => PiiAction,
  hash: (entity: string, canonical: string) => string,
): Redaction {
  const written = [...sheet.texts, Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8")];
  const before = known?.reveal() ?? [];
  const start = refers && before.length === 0 ? randomInt(FAR, 10 * FAR) : 1;
  const issue = createIssue(written, before, { start, canonicalOf });
  const counts: Record<string, number> = {};
  const instead = ({ entity, value }: Finding): string => {
    counts[entity] = (counts[entity] ?? 0) + 1;
    const action = actionOf(entity);
    if (action === "mask") return mask(entity, value);
    const canonical = canonicalOf(entity, value);
    return action === "hash" ? hash(entity, canonical) : issue.placeholderFor(entity, canonical, value);
  };
  const edits = new Map<number, readonly TextEdit[]>();
  for (const [leaf, own] of places) {
    edits.set(
      leaf,
      own.map(({ start, end, entity }) => ({
        start,
        end,
        text: instead({ entity, value: sheet.leaves[leaf]!.text.slice(start, end) }),
      })),
    );
  }
  return { edits: sheet.edit(edits), placeholders: placeholdersOf(issue.entries()), counts };
}
