import { type Guard, isSameSet, wordsIn } from "./guard.ts";
import { once } from "./once.ts";
import type { Turn } from "./turn.ts";

/** Languages that an answer may be wanted in, spellings of one a line. */
const NAMES = `
  english englisch englische inglés anglais inglese
  french französisch französische francés français francese
  german deutsch deutsche alemán allemand tedesco
  spanish spanisch spanische español espagnol spagnolo castellano
  italian italienisch italiano italien
  portuguese portugiesisch portugués portugais portoghese
  dutch niederländisch neerlandés néerlandais olandese
  russian russisch ruso russe russo
  polish polnisch polaco polonais
  ukrainian ukrainisch ucraniano ukrainien
  czech tschechisch checo tchèque
  swedish schwedisch sueco suédois
  norwegian norwegisch noruego norvégien
  danish dänisch danés danois
  finnish finnisch finlandés finnois
  greek griechisch griego grec
  turkish türkisch turco turc
  arabic arabisch árabe arabe
  hebrew hebräisch hebreo hébreu
  persian farsi
  hindi
  urdu
  bengali
  tamil
  telugu
  chinese mandarin chinesisch chino chinois cinese
  cantonese
  japanese japanisch japonés japonais giapponese
  korean koreanisch coreano coréen
  vietnamese vietnamesisch vietnamita vietnamien
  thai thailändisch tailandés thaï
  indonesian
  malay
  swahili
  latin lateinisch latín
  hungarian ungarisch húngaro hongrois
  romanian rumänisch rumano roumain
  bulgarian
  croatian
  serbian
  catalan
  welsh
  irish
  icelandic
  esperanto
`;

const names = new Map<string, string>();
for (const line of NAMES.trim().split("\n")) {
  const [name, ...spellings] = wordsIn(line);
  for (const spelling of [name!, ...spellings]) names.set(spelling, name!);
}

const languagesNamed = once(({ tokens }: Turn): ReadonlySet<string> => {
  return new Set(tokens.flatMap(({ text }) => names.get(text) ?? []));
});

/** They are in different languages, or name different ones. */
export const language: Guard = {
  name: "language",
  differ(a, b) {
    if (a.language !== undefined && b.language !== undefined && a.language !== b.language) return true;
    return !isSameSet(languagesNamed(a), languagesNamed(b));
  },
};
