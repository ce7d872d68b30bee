import { stripVTControlCharacters, styleText } from "node:util";

/** What may be drawn: columns, colours, and letters beyond ASCII. */
export interface Screen {
  readonly width: number;
  readonly colours: boolean;
  readonly unicode: boolean;
}

export type Style = "bold" | "dim" | "green" | "yellow" | "red";

export function paint(screen: Screen, style: Style | undefined, text: string): string {
  return screen.colours && style ? styleText(style, text, { validateStream: false }) : text;
}

/** Columns that the text takes: East Asian letters and emoji take two, marks on a letter none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const letter of stripVTControlCharacters(text)) {
    if (ZERO.test(letter)) continue;
    width += WIDE.test(letter) ? 2 : 1;
  }
  return width;
}

const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const WIDE =
  /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303e\uff00-\uff60\p{Emoji_Presentation}]$/u;

/** Text that somebody else wrote, on one line and without what a terminal would obey. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}

/** Cut to at most `width` columns, and said so. */
export function cut(screen: Screen, text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const sign = screen.unicode ? "…" : "...";
  let short = "";
  for (const letter of text) {
    if (widthOf(short + letter) + sign.length > width) break;
    short += letter;
  }
  return (short + sign).slice(0, Math.max(0, width));
}

export function padded(text: string, width: number, align: "left" | "right" = "left"): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "left" ? text + space : space + text;
}

/** Lines of at most `width` columns, broken at spaces; a longer word stands alone on its line. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/u).filter(Boolean)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && widthOf(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === "" ? lines : [...lines, line];
}
