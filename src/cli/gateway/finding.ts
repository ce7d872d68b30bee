import type { Check } from "../diagnosis.ts";
import type { View } from "./view.ts";

/** A check of a gateway's file; `line` where it points into it. */
export interface Finding extends Check {
  readonly line?: number;
}

/** What keeps requests from being answered, or decided. */
export const wrong = (about: string, where: View, message: string, advice: string): Finding =>
  pointing("wrong", about, where, message, advice);

/** What holds until something else fails, or is probably not meant. */
export const warning = (about: string, where: View, message: string, advice: string): Finding =>
  pointing("warning", about, where, message, advice);

/** Right as far as the file shows; the advice is on what it cannot show. */
export const fine = (about: string, message: string, advice?: string): Finding => ({
  about,
  verdict: "ok",
  message,
  ...(advice !== undefined && { advice }),
});

function pointing(
  verdict: Finding["verdict"],
  about: string,
  { place, line }: View,
  message: string,
  advice: string,
): Finding {
  return { about, verdict, message: `${place}: ${message}`, advice, ...(line > 0 && { line }) };
}

export const listed = (names: readonly string[]): string => names.join(", ");
