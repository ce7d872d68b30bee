import { cut, padded, paint, type Screen, type Style, widthOf } from "./screen.ts";

export interface Column {
  readonly head: string;
  readonly align?: "right";
  /** Gives way where the table is wider than the screen. */
  readonly flexible?: boolean;
}

export type Cell = string | { readonly text: string; readonly style: Style };

const GAP = "  ";
/** A flexible column keeps this much, whatever the screen. */
const NARROWEST = 8;

/** Lines of a table: a dim head, then the rows, columns as wide as what stands in them. */
export function table(screen: Screen, columns: readonly Column[], rows: readonly (readonly Cell[])[]): string[] {
  const natural = columns.map(({ head }, at) =>
    Math.max(widthOf(head), ...rows.map((row) => widthOf(textOf(row[at])))),
  );
  const excess = natural.reduce((sum, width) => sum + width, GAP.length * (columns.length - 1)) - screen.width;
  const widths = natural.map((width, at) =>
    columns[at]!.flexible && excess > 0 ? Math.max(NARROWEST, width - excess) : width,
  );
  const line = (cells: readonly Cell[], styleOf: (cell: Cell) => Style | undefined) =>
    columns
      .map(({ align }, at) => {
        const cell = cells[at] ?? "";
        return paint(screen, styleOf(cell), padded(cut(screen, textOf(cell), widths[at]!), widths[at]!, align));
      })
      .join(GAP)
      .trimEnd();
  const head = line(
    columns.map(({ head }) => head),
    () => "dim",
  );
  return [head, ...rows.map((row) => line(row, (cell) => (typeof cell === "string" ? undefined : cell.style)))];
}

const textOf = (cell: Cell | undefined) => (typeof cell === "object" ? cell.text : (cell ?? ""));
