import type { Entity, Scan, Suspect } from "./encoder.ts";
import { addEntity } from "./entities.ts";
import type { Manifest } from "./manifest.ts";
import { cut, joined, type Piece } from "./piece.ts";
import type { StaticReading, StaticStage, Wants } from "./stage.ts";
import { addSuspect } from "./suspects.ts";
import type { WordPiece } from "./wordpiece.ts";

/** UTF-16 units tokenised at once. */
const SLICE_UNITS = 4096;
/** UTF-16 units read in one step, some two milliseconds. */
const STEP_UNITS = 16_384;
/** What a text costs beside its units: of many short ones the visits are what takes time. */
const VISIT_UNITS = 128;
/** Tokens that the static stage reads of one text when it is asked for its meaning. */
const MOST_TOKENS = 8192;

/** What reads with the static stage. */
export interface Reader {
  readonly wordpiece: WordPiece;
  readonly stage: StaticStage;
  readonly manifest: Manifest;
}

/** What the static stage found in one text, and how much of it that was. */
export interface StaticAnswer extends StaticReading {
  readonly stage: "static";
  readonly tokens: number;
  readonly cut: boolean;
}

export function encodeStatic({ wordpiece, stage }: Reader, text: string): StaticAnswer {
  const { ids, cut, next } = wordpiece.encode(text, { limit: MOST_TOKENS });
  const reading = stage.encode(ids, cut ? text.slice(0, next) : text);
  return {
    stage: "static",
    // Looked at by few; to copy it would be to compute it.
    get vector() {
      return reading.vector;
    },
    features: reading.features,
    heads: reading.heads,
    tokens: ids.length,
    cut,
  };
}

/** A scan under way: several may take turns. */
export interface Scanning {
  /** Reads on a little. False when all was read. */
  step(): boolean;
  found(): Scan;
}

export function createScanning(reader: Reader, texts: readonly string[], wants: Wants): Scanning {
  const states = texts.map(() => blank(reader.manifest, wants));
  let index = 0;
  let at = 0;
  let carried: Piece | undefined;
  let tokens = 0;
  let unreadUnits = texts.reduce((sum, text) => sum + text.length, 0);

  /** Reads a slice of the text whose turn it is, and what of the slice before may belong to it. */
  function readSlice(): void {
    const text = texts[index]!;
    const slice = reader.wordpiece.encode(text, { from: at, units: SLICE_UNITS });
    const seen = carried === undefined ? slice : joined(carried, slice);
    if (slice.ids.length > 0) merge(states[index]!, reader.stage.scan(seen.ids, seen.starts, seen.ends, text, wants));
    tokens += slice.ids.length;
    unreadUnits -= slice.next - at;
    at = slice.next;
    carried = cut(seen, Math.max(0, seen.ids.length - reader.manifest.static.window.overlap), seen.ids.length);
    if (at < text.length) return;
    index++;
    at = 0;
    carried = undefined;
  }

  return {
    step() {
      for (let left = STEP_UNITS; left > 0 && index < texts.length;) {
        const before = unreadUnits;
        readSlice();
        left -= before - unreadUnits + VISIT_UNITS;
      }
      return index < texts.length;
    },
    found: () => ({
      safety: states.map(({ safety }) => safety),
      suspects: states.map(({ suspects }) => suspects),
      entities: states.map(({ entities }) => entities),
      tokens,
      unreadUnits,
    }),
  };
}

/** What a scan that read nothing has found. */
export function nothingRead(manifest: Manifest, texts: readonly string[], wants: Wants): Scan {
  return {
    safety: texts.map(() => blank(manifest, wants).safety),
    suspects: texts.map(() => []),
    entities: texts.map(() => []),
    tokens: 0,
    unreadUnits: texts.reduce((sum, text) => sum + text.length, 0),
  };
}

/** What was found in one text so far. */
interface Found {
  readonly safety: Record<string, number>;
  readonly suspects: Suspect[];
  readonly entities: Entity[];
}

function blank({ heads }: Manifest, { safety }: Wants): Found {
  const labels = safety ? (heads["safety"]?.labels ?? []) : [];
  return {
    safety: Object.fromEntries(labels.filter((label) => label !== "benign").map((label) => [label, 0])),
    suspects: [],
    entities: [],
  };
}

function merge(found: Found, { safety, suspects, entities }: ReturnType<StaticStage["scan"]>): void {
  for (const [label, probability] of Object.entries(safety)) {
    found.safety[label] = Math.max(found.safety[label] ?? 0, probability);
  }
  for (const suspect of suspects) addSuspect(found.suspects, suspect);
  for (const entity of entities) addEntity(found.entities, entity);
}
