import type { Clock } from "../contracts.ts";
import { type Encoder, EncoderError, type EncoderFault, type Scan } from "./encoder.ts";
import { addEntity, decodeEntities, type Tagging, tagCount } from "./entities.ts";
import type { RawReading } from "./full.ts";
import type { Packaged } from "./packaged.ts";
import { createPlaces } from "./places.ts";
import type { ReadFull } from "./full-reads.ts";
import type { Wait } from "./pool.ts";
import { type Errand, type NameWindows, nameWindows, type Purpose } from "./windows.ts";

/** Windows of one request that are read for names. */
const MOST_WINDOWS = 64;
/** Windows of one request that wait for a worker together: as many as one batch takes. */
const TOGETHER = 8;
const LEAST = 0.5;

export interface RescanDeps {
  readonly packaged: Packaged;
  readonly readFull: ReadFull;
  readonly clock: Clock;
  /** Tokens of a window, [CLS] and [SEP] among them. */
  readonly most: number;
}

/** The second reading of the packaged model; see Encoder. */
export function createRescan({ packaged, readFull, clock, most }: RescanDeps): Encoder["rescan"] {
  const { manifest, wordpiece, vocabulary } = packaged;
  const room = most - 2;
  const { types, full } = manifest.entities;
  const tagging = { types, least: full?.least ?? LEAST, continues: vocabulary.continues };

  return async (texts, scan, { safety, entities, deadlineMs, abort }) => {
    const wait = { endsAt: clock() + deadlineMs, ...(abort && { abort }) };
    const places = safety ? createPlaces(packaged, texts, scan, room) : undefined;
    const names = entities && types.length > 0 ? await nameWindows(wordpiece, texts, room, MOST_WINDOWS) : undefined;
    const found = names && createFindings(names, texts, scan, tagging);
    const errands = [...(places?.errands ?? []), ...(found?.errands ?? [])];
    const beyond = names?.missed ?? 0;
    if (errands.length === 0 && beyond === 0) return scan;
    const { missed, fault } = await readAll(errands, texts, wait);
    const second = { read: errands.length - missed, missed: missed + beyond, ...(fault && { fault }) };
    return { ...scan, ...places?.result(), ...found?.result(), second };
  };

  /** Some at a time; once there is no time or no room, the rest is missed. */
  async function readAll(
    errands: readonly Errand[],
    texts: readonly string[],
    wait: Wait,
  ): Promise<{ readonly missed: number; readonly fault?: EncoderFault }> {
    const waiting = errands.values();
    let missed = 0;
    let fault: EncoderFault | undefined;
    let isOver = false;
    const lane = async () => {
      for (const errand of waiting) {
        const failed = isOver ? fault : await readOne(errand, texts, wait);
        if (failed === undefined) continue;
        errand.miss();
        missed += 1;
        fault ??= failed;
        isOver ||= failed !== "worker";
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, lane));
    return { missed, ...(fault && { fault }) };
  }

  /** Undefined, or the fault that cost this window alone. */
  async function readOne(errand: Errand, texts: readonly string[], wait: Wait): Promise<EncoderFault | undefined> {
    const { window, isTagged } = errand;
    const input = { ...packaged.inputOf(window, texts[window.index]!), isTagged, cut: false };
    try {
      errand.take(await readFull(input, wait));
      return undefined;
    } catch (error) {
      if (error instanceof EncoderError && PASSING.includes(error.fault)) return error.fault;
      throw error;
    }
  }
}

const PASSING: readonly EncoderFault[] = ["deadline", "overloaded", "worker"];

/** The entities of all windows, added to those that the scan has. */
function createFindings(
  { windows, unreadUnits }: NameWindows,
  texts: readonly string[],
  scan: Scan,
  tagging: Tagging,
): Purpose {
  const entities = texts.map((_, index) => [...(scan.entities[index] ?? [])]);
  let unread = unreadUnits;
  const errands = windows.map((window) => ({
    window,
    isTagged: true,
    take({ tags }: RawReading) {
      const width = tagCount(tagging.types);
      const own = tags!.subarray(width, tags!.length - width);
      for (const entity of decodeEntities(window, texts[window.index]!, own, tagging)) {
        addEntity(entities[window.index]!, entity);
      }
    },
    miss: () => void (unread += window.ends.at(-1)! - window.starts[0]!),
  }));
  return {
    errands,
    result: () => ({ entities, unreadUnits: Math.max(scan.unreadUnits, Math.min(unread, lengthOf(texts))) }),
  };
}

const lengthOf = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.length, 0);
