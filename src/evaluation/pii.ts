import type { Clock } from "../contracts.ts";
import { type LabelScore, scoreOf } from "../statistics/classification.ts";
import { bootstrap, type Weights } from "../statistics/sample.ts";
import { compareSpans, type SpanCount } from "../statistics/spans.ts";
import { boundsOf, labelFigures } from "./choice.ts";
import { createColumn, createGroups, createNames, perGroup } from "./columns.ts";
import { createIdentifiers } from "./identifiers.ts";
import { type Answer, type Measure, short } from "./measure.ts";
import type { Reader } from "./reader.ts";
import type { GroupFigures, TaskFigures } from "./report.ts";
import { type PiiRow, piiRow } from "./rows.ts";

/** What only a reader of words can see: an encoder answers for these, and for any other type that it gives. */
const ENTITIES = ["PERSON", "ORGANIZATION", "LOCATION", "STREET_ADDRESS"] as const;
const MOST_TYPES = 100;

/** Entities that the encoder finds, by exact spans; and identifiers that the pii signal's validators report. */
export function createPiiMeasure(reader: Reader, clock: Clock): Measure<PiiRow> {
  const identifiers = createIdentifiers(clock);
  const spans = createSpanCounts();
  const [sources, languages] = [createGroups(), createGroups()];
  return {
    schema: piiRow,
    async read(row): Promise<Answer> {
      const { answer, ms, second } = await reader.scan(row.text, "entities");
      const entities = answer.entities[0] ?? [];
      const counts = compareSpans(row.spans, entities);
      const sightings = await identifiers.look(row.text, row.spans);
      return {
        ms: [ms],
        second,
        cut: answer.unreadUnits > 0,
        keep() {
          spans.push(counts);
          identifiers.keep(sightings);
          sources.push(row.source ?? undefined);
          languages.push(row.lang ?? undefined);
          return {
            label: row.spans.map(({ start, end, type }) => [start, end, type]),
            predicted: entities.map(({ start, end, type }) => [start, end, type]),
            scores: entities.map(({ probability }) => short(probability)),
          };
        },
      };
    },
    figures(): TaskFigures {
      const { rows, types } = spans.sums();
      const group = (own: Uint32Array): GroupFigures => ({
        rows: own.length,
        span_f1: short(scoreOf(...totals(rows, own)).f1),
      });
      const [perSource, perLanguage] = [sources, languages].map((own) => perGroup(own, group));
      return {
        span_f1: short(scoreOf(...totals(rows)).f1),
        per_label: Object.fromEntries([...types].map(([type, score]) => [type, labelFigures(score)])),
        identifiers: identifiers.figures(),
        ...(perSource && { per_source: perSource }),
        ...(perLanguage && { per_language: perLanguage }),
        intervals: boundsOf({
          span_f1: bootstrap(rows.right.length, (weights) => scoreOf(...totals(rows, undefined, weights)).f1),
        }),
      };
    },
  };
}

/** Spans of each row, of the types that count: found exactly, true, given. */
interface RowSums {
  readonly right: Float64Array;
  readonly truth: Float64Array;
  readonly given: Float64Array;
}

function totals(
  { right, truth, given }: RowSums,
  rows: Iterable<number> = right.keys(),
  weights?: Weights,
): [right: number, truth: number, given: number] {
  const sums: [number, number, number] = [0, 0, 0];
  for (const row of rows) {
    const weight = weights?.[row] ?? 1;
    sums[0] += weight * right[row]!;
    sums[1] += weight * truth[row]!;
    sums[2] += weight * given[row]!;
  }
  return sums;
}

/** Counts by row and type, most rows having none. Which types count is known at the end, when all that were given are. */
function createSpanCounts(): {
  push(counts: ReadonlyMap<string, SpanCount>): void;
  sums(): { rows: RowSums; types: ReadonlyMap<string, LabelScore> };
} {
  const names = createNames(ENTITIES, MOST_TYPES, "(other types)");
  const [ofRow, ofType] = [createColumn(), createColumn()];
  const [right, truth, given] = [createColumn(), createColumn(), createColumn()];
  let length = 0;
  return {
    push(counts) {
      for (const [type, count] of counts) {
        ofRow.push(length);
        ofType.push(names.numberOf(type));
        right.push(count.right);
        truth.push(count.truth);
        given.push(count.given);
      }
      length += 1;
    },
    sums() {
      const rows = {
        right: new Float64Array(length),
        truth: new Float64Array(length),
        given: new Float64Array(length),
      };
      const perType = names.all().map(() => [0, 0, 0] as [right: number, truth: number, given: number]);
      const [row, type] = [ofRow.values(), ofType.values()];
      const columns = [right.values(), truth.values(), given.values()] as const;
      for (let at = 0; at < row.length; at++) {
        for (const [column, values] of columns.entries()) perType[type[at]!]![column]! += values[at]!;
      }
      const counts = perType.map(([, , given], number) => number < ENTITIES.length || given > 0);
      for (let at = 0; at < row.length; at++) {
        if (counts[type[at]!] !== true) continue;
        rows.right[row[at]!]! += columns[0][at]!;
        rows.truth[row[at]!]! += columns[1][at]!;
        rows.given[row[at]!]! += columns[2][at]!;
      }
      const kept = names.all().flatMap((name, number) => {
        const sums = perType[number]!;
        return counts[number] === true ? [[name, scoreOf(...sums)] as const] : [];
      });
      return { rows, types: new Map(kept) };
    },
  };
}
