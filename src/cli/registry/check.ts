import type { Config } from "../../config/schema.ts";
import type { Encoder, Stage } from "../../inference/encoder.ts";
import { FEW_EXAMPLES } from "../../signals/likeness.ts";
import { type Effect, type ExampleAt, type RouteSurvey, surveyExamples } from "../../signals/survey.ts";
import { outOfReach } from "../reach.ts";
import { cut, printable, type Screen, wrapped } from "../screen.ts";
import { table } from "../table.ts";
import { examplesOf, type Locate } from "./list.ts";

/** One example as a report names it. */
interface Named {
  readonly label: string;
  readonly example: string;
  readonly line?: number;
}

export type Finding =
  | { readonly kind: "contradiction"; readonly examples: readonly [Named, Named] }
  | { readonly kind: "collision"; readonly examples: readonly [Named, Named]; readonly similarity: number }
  | {
      readonly kind: "swallowed";
      readonly example: Named;
      readonly by: string;
      readonly own: number;
      readonly other: number;
    }
  | { readonly kind: "few_examples"; readonly label: string; readonly examples: number; readonly line?: number }
  | { readonly kind: "unreached"; readonly route: string; readonly line?: number };

export interface Checked {
  readonly labels: readonly (RouteSurvey & {
    readonly label: string;
    readonly given: boolean;
    readonly line?: number;
  })[];
  /** Everyday requests that no label should be read in. */
  readonly everyday: number;
  /** What is worst first. */
  readonly findings: readonly Finding[];
}

/** What the examples say of each other, and what no request can come to. Errors: EncoderError. */
export async function checkRoutes(encoder: Encoder, stage: Stage, config: Config, locate: Locate): Promise<Checked> {
  const routes = examplesOf(config);
  const at = ["signals", "embedding", "routes"];
  const lineOf = (steps: readonly (string | number)[]) => {
    const place = locate(steps);
    return place ? { line: place.line } : {};
  };
  const named = ({ route, example }: ExampleAt): Named => ({
    label: routes[route]!.label,
    example: routes[route]!.examples[example]!,
    ...lineOf([...at, route, "examples", example]),
  });
  const survey = routes.length > 0 ? await surveyExamples(encoder, stage, routes) : undefined;
  const labels = (survey?.routes ?? []).map((one, index) => ({
    label: routes[index]!.label,
    given: routes[index]!.threshold !== undefined,
    ...lineOf([...at, index]),
    ...one,
  }));
  const pairOf = ([a, b]: readonly [ExampleAt, ExampleAt]) => [named(a), named(b)] as const;
  const findings: Finding[] = [
    ...(survey?.contradictions ?? []).map((pair) => ({ kind: "contradiction" as const, examples: pairOf(pair) })),
    ...(survey?.swallowed ?? []).map((found) => ({
      kind: "swallowed" as const,
      example: named(found),
      by: routes[found.by]!.label,
      own: found.own,
      other: found.other,
    })),
    ...(survey?.collisions ?? []).map(({ pair, similarity }) => ({
      kind: "collision" as const,
      examples: pairOf(pair),
      similarity,
    })),
    ...labels
      .filter(({ examples }) => examples < FEW_EXAMPLES)
      .map(({ label, examples, line }) => ({
        kind: "few_examples" as const,
        label,
        examples,
        ...(line !== undefined && { line }),
      })),
    ...outOfReach(config).routes.map((route) => ({ kind: "unreached" as const, route, ...lineOf(["routes", route]) })),
  ];
  return { labels, everyday: survey?.everyday ?? 0, findings };
}

export const contradicts = ({ findings }: Checked): boolean => findings.some(({ kind }) => kind === "contradiction");

const MOST_SHOWN = 50;

export function checkText(checked: Checked, path: string, screen: Screen): string[] {
  const { labels, everyday, findings } = checked;
  const shown = findings.slice(0, MOST_SHOWN).flatMap((finding) => findingLines(finding, path, screen));
  const more = findings.length > MOST_SHOWN ? [`and ${findings.length - MOST_SHOWN} more; --json has all`] : [];
  return [
    ...(labels.length > 0 ? [...thresholdTable(labels, screen), "", ...legend(everyday, screen), ""] : []),
    ...(labels.length === 0 ? ["No route has examples: signals.embedding.routes is empty or absent."] : []),
    ...(findings.length > 0 ? [...shown, ...more] : ["Nothing collides, contradicts or swallows."]),
  ];
}

function legend(everyday: number, screen: Screen): string[] {
  const text = `Each example is seen as if it had not been given. kept: of the label's own; let in: of all others'; chatter: of ${everyday} everyday requests. A threshold with * stands in the file, the others are learned.`;
  return wrapped(text, screen.width);
}

function thresholdTable(labels: Checked["labels"], screen: Screen): string[] {
  const right = (head: string) => ({ head, align: "right" }) as const;
  const columns = [
    { head: "label", flexible: true },
    ...["threshold", "kept", "let in", "chatter", "proposed", "kept", "let in", "chatter"].map(right),
  ];
  const effect = ({ kept, letIn, everyday }: Effect, { examples, others }: RouteSurvey) => [
    `${kept}/${examples}`,
    `${letIn}/${others}`,
    String(everyday),
  ];
  const rows = labels.map((one) => [
    one.label,
    `${one.now.threshold.toFixed(2)}${one.given ? "*" : ""}`,
    ...effect(one.now, one),
    ...(one.proposed ? [one.proposed.threshold.toFixed(2), ...effect(one.proposed, one)] : ["too few", "-", "-", "-"]),
  ]);
  return table(screen, columns, rows);
}

function findingLines(finding: Finding, path: string, screen: Screen): string[] {
  const [first = "", ...rest] = wrapped(findingText(finding, path, screen), screen.width - 2);
  return [first, ...rest.map((line) => `  ${line}`)];
}

const LONGEST_EXAMPLE = 60;

function findingText(finding: Finding, path: string, screen: Screen): string {
  const where = (line: number | undefined) => (line === undefined ? "" : `${path}:${line} `);
  const quoted = ({ example, line }: Named) => `${where(line)}"${cut(screen, printable(example), LONGEST_EXAMPLE)}"`;
  const whose = (one: Named) => `${quoted(one)} of ${one.label}`;
  switch (finding.kind) {
    case "contradiction":
      return `contradicts: ${finding.examples.map(whose).join(" is also ")}: keep it in one`;
    case "collision":
      return `collides: ${finding.examples.map(whose).join(" is nearly ")} (cosine ${finding.similarity.toFixed(2)})`;
    case "swallowed":
      return `swallowed: ${whose(finding.example)} is read as ${finding.by} (probability ${finding.other.toFixed(2)} against ${finding.own.toFixed(2)}): move it, or give ${finding.example.label} more like it`;
    case "few_examples":
      return `few: ${where(finding.line)}${finding.label} has ${finding.examples} of the ${FEW_EXAMPLES} examples from which on a threshold is learned; ten are better`;
    default:
      return `unreached: ${where(finding.line)}the route ${finding.route} has no examples, and no rule or label pins it`;
  }
}
