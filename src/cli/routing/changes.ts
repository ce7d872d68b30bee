import type { Changes, Difference } from "../../backtest/against.ts";
import { counted } from "../progress.ts";
import { printable, type Screen } from "../screen.ts";
import { table } from "../table.ts";

/** What changes from one config to another, as text. */
export function changesText({ rows, changed, moves, refused, quality, cost }: Changes, screen: Screen): string {
  const percent = (value: number) => (value * 100).toFixed(2);
  const perThousand = (value: number) => (value * 1000).toPrecision(4);
  const line = (name: string, own: Difference, told: (value: number) => string) => [
    name,
    told(own.before),
    told(own.after),
    told(own.difference),
    own.interval ? `${told(own.interval[0])} to ${told(own.interval[1])}` : "",
  ];
  const right = (head: string) => ({ head, align: "right" as const });
  const columns = [{ head: "figure" }, right("before"), right("after"), right("change"), { head: "95%" }];
  const moved = moves.map((move) => [printable(move.from), printable(move.to), counted(move.rows)]);
  return [
    `${counted(changed)} of ${counted(rows)} rows get another model${refused > 0 ? `; ${counted(refused)} that one config lets nobody answer are left out` : ""}.`,
    ...table(screen, columns, [line("quality, points", quality, percent), line("USD of 1,000", cost, perThousand)]),
    ...(moved.length === 0
      ? []
      : [
          "",
          ...table(screen, [{ head: "from", flexible: true }, { head: "to", flexible: true }, right("rows")], moved),
        ]),
  ].join("\n");
}
