import { type Flag, flagAt, withFlags } from "./flags.ts";
import { findingsOf, type JsonSchema, knownChoices, knownKeys } from "./issues.ts";
import { MOST_PROBLEMS } from "./limits.ts";
import { type Finding, hinted, pathText, type Problem, type Step } from "./problem.ts";
import { checkReferences, valueAt } from "./references.ts";
import { type Config, configOptions, jsonSchema } from "./schema.ts";
import { createSecrets, fingerprint, type Secrets, type Surroundings } from "./secrets.ts";
import { readSource, type Source } from "./source.ts";
import { isStandIn } from "./stand-in.ts";
import { type Complaint, settleUpstreams } from "../upstream/settle.ts";

/** A whole config, or everything that is wrong with the file; never a part of one. */
export type Checked = Accepted | Refused;

export interface Accepted {
  readonly config: Config;
  /** 12 hex digits that change with the meaning of the config, its secrets and flags included, and give none of them away. */
  readonly hash: string;
  /** Paths of the secret files, as the config names them. */
  readonly files: readonly string[];
}

export interface Refused {
  readonly problems: readonly Problem[];
  readonly files: readonly string[];
}

const HASH_DIGITS = 12;

/** Reads the text of a config file. Never throws, whatever the text. */
export function checkConfig(text: string, around: Surroundings): Checked {
  const secrets = createSecrets(around);
  try {
    return check(text, secrets, around);
  } catch {
    // Only a fault of ours, or of a library, leads here; the file is refused all the same.
    const message = "this file cannot be read: its form is beyond what is understood here";
    return { problems: [{ path: "", line: 0, column: 0, message }], files: [...secrets.files] };
  }
}

function check(text: string, secrets: Secrets, { env, flags = [] }: Surroundings): Checked {
  const source = readSource(text, secrets);
  const files = [...secrets.files];
  if (!("locate" in source)) {
    return {
      problems: source.map(({ place, ...rest }) => ({ path: "", line: 0, column: 0, ...place, ...rest })),
      files,
    };
  }
  const data = withFlags(source.value ?? {}, flags);
  const parsed = configOptions.safeParse(data);
  const settled = parsed.success ? settleUpstreams(parsed.data.upstreams, { env, isStandIn }) : undefined;
  const findings = parsed.success
    ? [...checkReferences(parsed.data), ...findingsIn(settled?.complaints ?? [])]
    : findingsOf(parsed.error.issues, {
        valueAt: (steps) => valueAt(data, steps),
        keysAt: (steps) => knownKeys(schemaOnce(), steps),
        choicesAt: (steps) => knownChoices(schemaOnce(), steps),
        isSecret: (text) => secrets.has(text),
      });
  const problems = [...source.problems, ...placed(findings, source, flags)].map((problem) =>
    scrubbed(problem, secrets),
  );
  if (problems.length > 0 || !parsed.success || !settled) return { problems: inOrder(problems), files };
  const config = { ...parsed.data, upstreams: settled.upstreams };
  return { config, hash: hashOf(config, secrets), files };
}

const findingsIn = (complaints: readonly Complaint[]): Finding[] =>
  complaints.map(({ path, message }) => ({ steps: path, message }));

let schema: JsonSchema | undefined;
const schemaOnce = (): JsonSchema => (schema ??= jsonSchema());

/** Findings with their places; what only follows from a problem found before is left out. */
function placed(findings: readonly Finding[], source: Source, flags: readonly Flag[]): Problem[] {
  const follows = ({ steps, at }: Finding) => at === undefined && source.open.some((path) => isWithin(path, steps));
  return findings
    .filter((finding) => !follows(finding))
    .map(({ steps, message, hint, at }) => {
      const flag = flagAt(steps, flags);
      if (flag) return hinted({ path: pathText(steps), line: 0, column: 0, flag: flag.name, message }, hint);
      const { line, column } = source.locate(steps, at);
      return hinted({ path: pathText(steps), line, column, message }, hint);
    });
}

const isWithin = (path: readonly Step[], outer: readonly Step[]) => outer.every((step, index) => path[index] === step);

function scrubbed(problem: Problem, secrets: Secrets): Problem {
  const { path, message, hint } = problem;
  const clean = { ...problem, path: secrets.scrub(path), message: secrets.scrub(message) };
  return hinted(clean, hint && secrets.scrub(hint));
}

/** By place, and no more than anybody reads. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  if (sorted.length <= MOST_PROBLEMS) return sorted;
  const more = { path: "", line: 0, column: 0, message: `${sorted.length - MOST_PROBLEMS} more problems` };
  return [...sorted.slice(0, MOST_PROBLEMS), more];
}

/** The order of entries counts: it is the rank of tiers. A secret goes in as the hash of itself. */
function hashOf(config: Config, secrets: Secrets): string {
  const open = JSON.stringify(config, (_, value: unknown) =>
    typeof value === "string" && secrets.has(value) ? `sha256:${fingerprint(value)}` : value,
  );
  return fingerprint(open).slice(0, HASH_DIGITS);
}
