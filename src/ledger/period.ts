export type Per = "day" | "month";

const LETTERS: Readonly<Record<Per, number>> = { day: "2026-01-31".length, month: "2026-01".length };

/** `2026-01-31` or `2026-01`, in UTC. @param at Unix milliseconds */
export function periodOf(at: number, per: Per): string {
  return new Date(at).toISOString().slice(0, LETTERS[per]);
}

/** Both periods that a day belongs to. */
export function periodsOf(day: string): readonly [day: string, month: string] {
  return [day, day.slice(0, LETTERS.month)];
}

/** Unix milliseconds at which the period of `at` is over. */
export function periodEnd(at: number, per: Per): number {
  const date = new Date(at);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return per === "day" ? Date.UTC(year, month, date.getUTCDate() + 1) : Date.UTC(year, month + 1);
}
