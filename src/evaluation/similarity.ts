import { paired, spearman } from "../statistics/ranking.ts";
import { bootstrap } from "../statistics/sample.ts";
import { boundsOf } from "./choice.ts";
import { createColumn, createGroups, perGroup } from "./columns.ts";
import { type Answer, type Measure, short } from "./measure.ts";
import type { Reader } from "./reader.ts";
import type { GroupFigures } from "./report.ts";
import { type SimilarityRow, similarityRow } from "./rows.ts";

/** Whether texts that people find alike have vectors that point the same way: ranks of cosines against ranks of scores. */
export function createSimilarity(reader: Reader): Measure<SimilarityRow> {
  const [scores, cosines] = [createColumn(), createColumn()];
  const [sources, languages, types] = [createGroups(), createGroups(), createGroups()];
  return {
    schema: similarityRow,
    async read(row): Promise<Answer> {
      let a = await reader.encoding(row.text_a);
      let b = await reader.encoding(row.text_b);
      if (a.answer.stage !== b.answer.stage) {
        // Vectors of two stages are never compared: where one text got only the static answer, both do.
        a = await reader.encoded(row.text_a);
        b = await reader.encoded(row.text_b);
      }
      const cosine = dot(a.answer.vector, b.answer.vector);
      return {
        ms: [a.ms, b.ms],
        second: a.second,
        cut: a.answer.cut || b.answer.cut,
        keep() {
          scores.push(row.score);
          cosines.push(cosine);
          sources.push(row.source ?? undefined);
          languages.push(row.lang ?? undefined);
          types.push(row.type ?? undefined);
          return { score: row.score, cosine: short(cosine) };
        },
      };
    },
    figures() {
      const [truth, given] = [scores.values(), cosines.values()];
      const group = (rows: Uint32Array): GroupFigures => {
        const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!);
        return { rows: rows.length, ...told(spearman(paired(pick(truth), pick(given)))) };
      };
      const all = paired(truth, given);
      const [perSource, perLanguage, perType] = [sources, languages, types].map((own) => perGroup(own, group));
      return {
        ...told(spearman(all)),
        ...(perLanguage && { per_language: perLanguage }),
        ...(perType && { per_type: perType }),
        ...(perSource && { per_source: perSource }),
        intervals: boundsOf({ spearman: bootstrap(truth.length, (weights) => spearman(all, weights)) }),
      };
    },
  };
}

/** Absent where one side does not vary, as for translations, which all have the same score. */
const told = (correlation: number) => (Number.isFinite(correlation) ? { spearman: short(correlation) } : {});

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}
