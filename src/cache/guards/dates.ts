import { type Guard, wordsIn } from "./guard.ts";
import { isCapital, type Token } from "./token.ts";
import { once } from "./once.ts";
import type { Turn } from "./turn.ts";

/** Spellings of one day, month or time a line, the first its name. */
const TIMES = `
  january jan januar jänner janvier enero gennaio janeiro
  february feb februar février febrero febbraio fevereiro
  march-month märz mars-month marzo março
  april avril abril aprile
  may-month mai mayo maggio maio
  june juni juin junio giugno junho
  july juli juillet julio luglio julho
  august aug août agosto
  september sep sept septembre septiembre settembre setembro
  october oct oktober octobre octubre ottobre outubro
  november nov novembre noviembre novembro
  december dec dezember décembre diciembre dicembre dezembro
  monday montag lundi lunes lunedì
  tuesday tues dienstag mardi martes martedì
  wednesday mittwoch mercredi miércoles mercoledì
  thursday thurs donnerstag jeudi jueves giovedì
  friday freitag vendredi viernes venerdì
  saturday samstag sonnabend samedi sábado sabato
  sunday sonntag dimanche domingo domenica
  today heute hoy aujourd'hui oggi
  tomorrow mañana domani
  yesterday gestern hier ayer ieri
  tonight
  spring-season frühling frühjahr printemps primavera
  summer sommer été verano
  autumn herbst automne otoño
  winter hiver invierno
  morning vormittag
  afternoon nachmittag
  evening abend
  night nacht
  noon mittag
  midnight mitternacht
  am-time
  pm-time p.m
  bc bce
  ad-era ce-era
  christmas weihnachten noël navidad
  easter ostern pâques
  weekend wochenende
  weekday weekdays
`;

const names = new Map<string, string>();
for (const line of TIMES.trim().split("\n")) {
  const [name, ...spellings] = wordsIn(line);
  for (const spelling of [name!, ...spellings]) names.set(spelling, name!);
}

const MONTHS = wordsIn(
  "january february march-month april may-month june july august september october november december",
);
/** Words that are also something else: they are months behind these, or beside a number. */
const DOUBTFUL: Readonly<Record<string, string>> = { may: "may-month", march: "march-month", spring: "spring-season" };
const BEFORE_MONTH = new Set(
  wordsIn("in on of since until till by from to during last next every early late mid this between through"),
);
const CLOCK: Readonly<Record<string, string>> = { am: "am-time", pm: "pm-time" };
const ISO = /^\d{4}-(\d{2})-\d{2}$/;

/** The month, day or time that a token names, if it names one. */
export function timeAt(tokens: readonly Token[], at: number): string | undefined {
  const { text, raw, opens } = tokens[at]!;
  const before = tokens[at - 1];
  const isCounted = before?.kind === "number" || tokens[at + 1]?.kind === "number";
  const iso = ISO.exec(raw);
  if (iso) return MONTHS[Number(iso[1]) - 1];
  if (Object.hasOwn(CLOCK, text)) return before?.kind === "number" ? CLOCK[text] : undefined;
  if (!Object.hasOwn(DOUBTFUL, text)) return names.get(text);
  const isMonth = isCounted || BEFORE_MONTH.has(before?.text ?? "") || (isCapital(raw) && !opens && text !== "spring");
  return isMonth ? DOUBTFUL[text] : undefined;
}

/** Whether the token is a date, so that no capital makes a name of it. */
export const isTime = (tokens: readonly Token[], at: number): boolean => timeAt(tokens, at) !== undefined;

/** Times of day and of the year are also words of everyday: "night vision". */
const SOFT = new Set(wordsIn("morning afternoon evening night noon midnight summer autumn winter weekend weekday"));

const timesOf = once(({ tokens }: Turn): ReadonlySet<string> => {
  return new Set(tokens.flatMap((_, at) => timeAt(tokens, at) ?? []));
});

/** Both speak of the same months, days, seasons and times of day. Years are numbers. */
export const dates: Guard = {
  name: "dates",
  differ(a, b) {
    const [ours, theirs] = [timesOf(a), timesOf(b)];
    const own = [...ours].filter((time) => !theirs.has(time));
    const other = [...theirs].filter((time) => !ours.has(time));
    return (own.length > 0 && other.length > 0) || [...own, ...other].some((time) => !SOFT.has(time));
  },
};
