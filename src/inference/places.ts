import type { Scan, Suspect } from "./encoder.ts";
import type { RawReading } from "./full.ts";
import { answerOf, type Packaged } from "./packaged.ts";
import { ATTACKS } from "./suspects.ts";
import { pieceAround, type Purpose, type Window } from "./windows.ts";

/** Places of one text that are read again, and of all texts of one request together. */
const MOST_OF_TEXT = 2;
const MOST_PLACES = 8;

const HEAD = "safety";

/** A place, or several that lie in one window. */
interface Place {
  readonly suspect: Suspect;
  readonly window: Window;
  /** The window holds all of its text. */
  readonly isWhole: boolean;
  /** What both stages together say. */
  said?: Readonly<Record<string, number>>;
}

/**
 * The most suspicious places of all texts, each to be read in the middle of a window. A text that fits its window has
 * the mixed answer alone. Of a longer one, each place has its own answer, the static stage's where the full one does not
 * read it, and the worst counts: an attack is not hidden by a place that looks worse and is harmless. What else the
 * static stage found in it stands.
 */
export function createPlaces(packaged: Packaged, texts: readonly string[], scan: Scan, room: number): Purpose {
  const head = packaged.manifest.heads[HEAD];
  if (head?.full === undefined) return { errands: [], result: () => ({}) };
  const { places, others } = choose(packaged, texts, scan, room);
  const errands = places.map((place) => ({
    window: place.window,
    isTagged: false,
    take({ logits }: RawReading) {
      place.said = answerOf(head, logits[HEAD]!, place.suspect).probabilities;
    },
    miss: () => undefined,
  }));
  return {
    errands,
    result: () => ({
      safety: scan.safety.map((first, index) => {
        const own = places.filter(({ window }) => window.index === index);
        if (!own.some(({ said }) => said)) return first;
        const unread = others.filter((other) => other.index === index).map(({ suspect }) => suspect.probabilities);
        const answers = [...own.map(({ said, suspect }) => said ?? suspect.probabilities), ...unread];
        const isWhole = own[0]!.isWhole;
        return Object.fromEntries(
          Object.entries(first).map(([label, before]) => {
            const worst = Math.max(...answers.map((answer) => answer[label] ?? 0));
            return [label, isWhole || ATTACKS.includes(label) ? worst : Math.max(worst, before)];
          }),
        );
      }),
    }),
  };
}

interface Found {
  readonly index: number;
  readonly suspect: Suspect;
}

function choose(
  { wordpiece }: Packaged,
  texts: readonly string[],
  { suspects }: Scan,
  room: number,
): { places: Place[]; others: Found[] } {
  const all = suspects.flatMap((own, index) => own.map((suspect) => ({ index, suspect })));
  all.sort((a, b) => b.suspect.suspicion - a.suspect.suspicion);
  const places: Place[] = [];
  const others: Found[] = [];
  for (const found of all) {
    const { index, suspect } = found;
    const own = places.filter(({ window }) => window.index === index);
    if (own.some(({ window }) => holds(window, suspect))) continue;
    if (own.length === MOST_OF_TEXT || places.length === MOST_PLACES) {
      others.push(found);
      continue;
    }
    const { piece, isWhole } = pieceAround(wordpiece, texts[index]!, suspect, room);
    places.push({ suspect, window: { index, ...piece }, isWhole });
  }
  return { places, others };
}

function holds({ starts, ends }: Window, { start, end }: Suspect): boolean {
  return starts.length > 0 && starts[0]! <= start && end <= ends.at(-1)!;
}
