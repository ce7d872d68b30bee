import { MARKERS } from "./context.ts";
import { wordsIn } from "./guard.ts";
import type { Turn } from "./turn.ts";

/** Where one word stands in a turn, and the preposition before it. */
interface Stand {
  readonly key: string;
  readonly at: number;
  readonly marker: string;
}
/** The same word in both turns. */
type Both = readonly [Stand, Stand];

const BE = new Set(
  wordsIn("is are was were be been being get gets got wird werden wurde wurden fue fueron ser est sont été être"),
);

/** "by" behind a form of "be": who acts stands last. */
export const isPassive = (turn: Turn): boolean => actorAt(turn) !== undefined;

function actorAt({ tokens }: Turn): number | undefined {
  const be = tokens.findIndex(({ text }) => BE.has(text));
  const by = be < 0 ? -1 : tokens.findIndex(({ text }, at) => at > be && MARKERS.get(text) === "by");
  return by < 0 ? undefined : by;
}

/** "Is A larger than B" beside "is B larger than A", by whatever word they are compared. */
export const isComparedRound = (shared: readonly Both[]): boolean =>
  shared.some(([ours, theirs]) => ours.marker === THAN && theirs.marker !== THAN) &&
  shared.some(([ours, theirs]) => ours.marker !== THAN && theirs.marker === THAN);
const THAN = "than";

/** Whether a word names who acts in one turn, and who is acted upon in the other, whatever else the two say. */
export function changesSides(a: Turn, b: Turn, shared: readonly Both[]): boolean {
  const [ours, theirs] = [actorAt(a), actorAt(b)];
  if (ours === undefined && theirs === undefined) return false;
  if (ours !== undefined && theirs !== undefined)
    return shared.some(([one, other]) => (one.marker === BY) !== (other.marker === BY));
  return ours === undefined ? isOtherSide(b, theirs!, shared.map(turned)) : isOtherSide(a, ours, shared);
}
const BY = "by";
const turned = ([one, other]: Both): Both => [other, one];

/** Of a passive turn whose "by" stands at `by`, beside an active one with the same verb. */
function isOtherSide({ tokens }: Turn, by: number, shared: readonly Both[]): boolean {
  const verb = shared.find(([passive]) => passive.at === by - 1);
  if (!verb || tokens[by - 1]!.isPlain) return false;
  const active = verb[1].at;
  return shared.some(
    ([passive, other]) =>
      passive !== verb[0] &&
      other.marker === "" &&
      (passive.marker === BY) !== other.at < active &&
      isNear(passive, by),
  );
}

/** Named beside the verb, and not in a part of the sentence that follows. */
const isNear = ({ at, marker }: Stand, by: number): boolean =>
  marker === BY ? at - by <= 3 : marker === "" && at < by;
