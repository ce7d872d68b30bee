import type { Clock } from "../contracts.ts";
import { readMessages } from "../dialect/messages.ts";
import * as check from "../signals/checksums.ts";
import { createPii, piiOptions } from "../signals/pii.ts";
import { createPace } from "../signals/signal.ts";
import type { Span } from "../statistics/spans.ts";
import { short } from "./measure.ts";
import type { IdentifierFigures } from "./report.ts";

/** How a kind of identifier in a file is called by the pii signal, and when one holds together. */
interface Kind {
  readonly labels: readonly string[];
  readonly holds?: (compact: string) => boolean;
}

const shaped = (shape: RegExp, holds: (compact: string) => boolean) => (compact: string) =>
  shape.test(compact) && holds(compact);

const isIban = (compact: string) => check.IBAN_LENGTHS[compact.slice(0, 2)] === compact.length && check.isIban(compact);
const DNI = shaped(/^[XYZ\d]\d{7}[A-Z]$/u, check.isDni);

/** National identifiers that can be told apart by shape and checksum. */
const NATIONAL: readonly (readonly [label: string, holds: (compact: string) => boolean])[] = [
  ["uk_nhs", shaped(/^\d{10}$/u, check.isNhs)],
  ["es_dni", DNI],
  ["fr_nir", shaped(/^\d{5}(?:\d{2}|2[AB])\d{8}$/u, check.isNir)],
  ["de_steuer_id", shaped(/^\d{11}$/u, check.isSteuerId)],
  ["it_codice_fiscale", shaped(/^[A-Z]{6}\w{2}[A-Z]\w{2}[A-Z]\w{3}[A-Z]$/u, check.isCodiceFiscale)],
  ["br_cpf", shaped(/^\d{11}$/u, check.isCpf)],
  ["in_aadhaar", shaped(/^\d{12}$/u, check.isAadhaar)],
  ["cn_resident_id", shaped(/^\d{17}[\dX]$/u, check.isResidentId)],
  ["nl_bsn", shaped(/^\d{9}$/u, check.isBsn)],
  ["pl_pesel", shaped(/^\d{11}$/u, check.isPesel)],
];
const national = (label: string): Kind => {
  const found = NATIONAL.find(([name]) => name === label);
  return found === undefined ? { labels: [label] } : { labels: [label], holds: found[1] };
};

/** The names that files of personal data use (those of Presidio among them). Any other kind is nobody's to validate. */
const KINDS: Readonly<Record<string, Kind>> = {
  CREDIT_CARD: { labels: ["card"], holds: shaped(/^\d{12,19}$/u, check.isCard) },
  IBAN_CODE: { labels: ["iban"], holds: isIban },
  US_SSN: { labels: ["us_ssn"], holds: shaped(/^\d{9}$/u, check.isSsn) },
  UK_NHS: national("uk_nhs"),
  UK_NINO: national("uk_nino"),
  ES_NIF: national("es_dni"),
  ES_NIE: national("es_dni"),
  FR_NIR: national("fr_nir"),
  DE_TAX_ID: national("de_steuer_id"),
  IT_FISCAL_CODE: national("it_codice_fiscale"),
  BR_CPF: national("br_cpf"),
  IN_AADHAAR: national("in_aadhaar"),
  CN_RESIDENT_ID: national("cn_resident_id"),
  NL_BSN: national("nl_bsn"),
  PL_PESEL: national("pl_pesel"),
  NATIONAL_ID: {
    labels: ["us_ssn", "uk_nino", ...NATIONAL.map(([label]) => label)],
    holds: (compact) => NATIONAL.some(([, holds]) => holds(compact)),
  },
  PHONE_NUMBER: { labels: ["phone"] },
  EMAIL_ADDRESS: { labels: ["email"] },
  IP_ADDRESS: { labels: ["ip"] },
  API_KEY: { labels: ["secret"] },
};

export interface Identifiers {
  /** Asks the pii signal about a text; keeps nothing yet. */
  look(text: string, spans: readonly Span[]): Promise<readonly Sighting[]>;
  keep(sightings: readonly Sighting[]): void;
  figures(): Record<string, IdentifierFigures>;
}

/** One kind of identifier that a text holds. */
export interface Sighting {
  readonly type: string;
  readonly reported: boolean;
  readonly valid: boolean;
}

const PATIENCE_MS = 60_000;

export function createIdentifiers(clock: Clock): Identifiers {
  const signal = createPii(piiOptions.parse({ learned: false }));
  const counts = new Map<string, { texts: number; reported: number; valid: number; missed: number }>();
  return {
    async look(text, spans) {
      const types = new Set(spans.map(({ type }) => type).filter((type) => Object.hasOwn(KINDS, type)));
      if (types.size === 0) return [];
      const prompt = readMessages({ messages: [{ role: "user", content: text }] });
      const { readings } = await signal.fast(prompt, createPace(PATIENCE_MS, clock));
      const found = new Set(readings.map(({ label }) => label));
      return [...types].map((type) => {
        const { labels, holds } = KINDS[type]!;
        const own = spans.filter((span) => span.type === type).map(({ start, end }) => compact(text.slice(start, end)));
        return {
          type,
          reported: labels.some((label) => found.has(label)),
          valid: holds !== undefined && own.some(holds),
        };
      });
    },
    keep(sightings) {
      for (const { type, reported, valid } of sightings) {
        const count = counts.get(type) ?? { texts: 0, reported: 0, valid: 0, missed: 0 };
        counts.set(type, count);
        count.texts += 1;
        if (reported) count.reported += 1;
        if (valid) count.valid += 1;
        if (valid && !reported) count.missed += 1;
      }
    },
    figures: () =>
      Object.fromEntries(
        [...counts]
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([type, { texts, reported, valid, missed }]) => {
            const checked = KINDS[type]!.holds === undefined ? {} : { valid, valid_missed: missed };
            return [type, { texts, reported, recall: short(reported / texts), ...checked }];
          }),
      ),
  };
}

const compact = (text: string) => text.replaceAll(/[\s./-]/gu, "").toUpperCase();
