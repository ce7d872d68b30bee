import { z } from "zod";
import type { Prompt, Reading } from "../contracts.ts";
import { plain } from "./numbers.ts";
import { deadlineOption, EVERYTHING_MS, learnedOption } from "./options.ts";
import { keepScan, LEARNED_ENTITIES, tellEntities } from "./pii-learned.ts";
import { PERSONAL, readIdentifiers, RULED_ENTITIES } from "./pii-rules.ts";
import { createScanned } from "./scanned.ts";
import type { Look, Pace, Signal, Tools } from "./signal.ts";
import { readWindows } from "./windows.ts";

/** What can be found: by rules, and names and addresses by the encoder. */
const ENTITIES = [...RULED_ENTITIES, ...LEARNED_ENTITIES] as const;
type Entity = (typeof ENTITIES)[number];

export const piiOptions = z
  .strictObject({
    deadline_ms: deadlineOption(EVERYTHING_MS),
    learned: learnedOption(
      "names of people, organisations and places, and street addresses. Its full stage reads those, which takes some 5 ms for every 128 tokens that hold capitalised words",
      false,
    ),
    entities: z
      .array(z.enum(ENTITIES))
      .min(1)
      .default([...ENTITIES])
      .describe(
        "What to look for; everything by default. person, organization, address and location need `learned`, and an encoder with a second stage",
      ),
  })
  .describe("Personal data and keys, in all that a model would see. Feeds safety; has no vote");

export type PiiOptions = z.output<typeof piiOptions>;

/** How surely something is personal, and how surely it is what it was taken for. */
interface Finding {
  readonly score: number;
  readonly confidence: number;
}

/**
 * Reads everything a model would see for personal data and keys. One reading an entity type, in the order of the
 * list above: `label` is the type, `confidence` how unmistakable the surest finding was. Identifiers without a shape
 * of their own count only beside a word that names them.
 *
 * `score` is how surely it is personal: 1, or 0.5 for what could be anybody's: an address of a role or of an example
 * domain (`support@`, `x@example.com`), an internet address that nothing around it names or uses as one, and of what
 * the encoder finds all but full names and street addresses. Where it fails, the rest is read and the look says so;
 * where there is more that may hold names than it reads, the look is unread.
 */
export function createPii(options: PiiOptions, tools?: Tools): Signal {
  const wanted = new Set<Entity>(options.entities);
  const readScanned = piiLearns(options) ? createScanned(tools, "entities", options.deadline_ms) : undefined;
  return {
    name: "pii",
    deadlineMs: options.deadline_ms,
    fast(prompt: Prompt, pace: Pace): Look | Promise<Look> {
      const { everything } = prompt;
      const found = new Map<Entity, Finding>();
      const note = (entity: Entity, confidence: number, score: number) => {
        if (wanted.has(entity)) keepSurest(found, entity, { score, confidence });
      };
      const texts = everything.map(({ text }) => text);
      const byRules = () =>
        readWindows(
          texts,
          pace,
          (window) =>
            readIdentifiers(plain(window), (entity, _, confidence, score = PERSONAL) =>
              note(entity, confidence, score),
            ),
          () => readingsOf(found),
        );
      if (!readScanned || pace.spent()) return byRules();
      return readScanned(prompt, pace, {
        byRules,
        merge(_, scan) {
          keepScan(prompt, scan);
          tellEntities(everything, scan, ({ entity, confidence, score }) => note(entity, confidence, score));
          return readingsOf(found);
        },
        again: (scan) => scan,
      });
    },
  };
}

/** Whether the encoder is needed: for names and addresses alone. */
export function piiLearns({ learned, entities }: PiiOptions): boolean {
  return learned && LEARNED_ENTITIES.some((entity) => entities.includes(entity));
}

function keepSurest(found: Map<Entity, Finding>, entity: Entity, finding: Finding): void {
  const before = found.get(entity);
  const isSurer = before === undefined || finding.score > before.score;
  if (isSurer || (finding.score === before.score && finding.confidence > before.confidence)) found.set(entity, finding);
}

function readingsOf(found: ReadonlyMap<Entity, Finding>): Reading[] {
  return ENTITIES.flatMap((label) => {
    const finding = found.get(label);
    return finding === undefined ? [] : [{ label, ...finding }];
  });
}
