import { readFile, stat } from "node:fs/promises";
import { readEntry, readForm } from "../../config/form.ts";
import { didYouMean } from "../../config/nearest.ts";
import { hinted, pathText, type Problem, problemText, type Step } from "../../config/problem.ts";
import type { Config } from "../../config/schema.ts";
import { createProfiles } from "../../decision/profile.ts";
import { createRoutes } from "../../decision/routes.ts";
import { readCases } from "../cases.ts";
import { Failure } from "../failure.ts";
import { REASONS } from "../input.ts";
import { listed, type RoutingTest, testForm, testsForm } from "./form.ts";

const LARGEST_YAML = 1_048_576;
const MOST_TESTS = 100_000;
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_SHOWN = 20;

/** A test whose names are not looked at yet. `placeOf` says where a part of it stands. */
interface Found {
  readonly test: RoutingTest;
  placeOf(steps: readonly Step[]): Pick<Problem, "path" | "line" | "column">;
}

/**
 * The tests of a file: YAML, or JSON lines where its name ends so. All of them, or a Failure that says line by line
 * what is wrong with it; names that the config does not know are wrong too.
 */
export async function readTests(path: string, config: Config): Promise<readonly RoutingTest[]> {
  const found = /\.(?:jsonl|ndjson)(?:\.gz)?$/u.test(path) ? await fromLines(path) : await fromYaml(path);
  const problems = found.flatMap((one) => strangers(one, config));
  if (problems.length > 0) throw unusable(path, problems);
  if (found.length === 0) throw new Failure(`${path} holds no tests`, { code: "no_tests" });
  return found.map(({ test }) => test);
}

async function fromYaml(path: string): Promise<Found[]> {
  const read = readForm(await textOf(path), testsForm);
  if ("problems" in read) throw unusable(path, read.problems);
  const { value, locate } = read;
  return value.tests.map((form, index) => {
    const steps = ["tests", index];
    const { line } = locate(steps);
    return {
      test: named(form, line),
      placeOf: (inside) => ({ path: pathText([...steps, ...inside]), ...locate([...steps, ...inside]) }),
    };
  });
}

async function textOf(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= LARGEST_YAML) return await readFile(path, "utf8");
  } catch (error) {
    throw unreadable(path, error);
  }
  throw new Failure(`${path} is larger than ${LARGEST_YAML} bytes: write that many tests as JSON lines (.jsonl)`);
}

const EXAMPLE = 'tests: [{ prompt: "I want my money back", route: billing }]';

function unreadable(path: string, error: unknown): Failure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "error";
  if (code === "ENOENT") return new Failure(`there is no ${path}; write one: ${EXAMPLE}`, { code: "no_tests" });
  return new Failure(`cannot read ${path}: ${REASONS[code] ?? code}`);
}

async function fromLines(path: string): Promise<Found[]> {
  const found: Found[] = [];
  const problems: Problem[] = [];
  let bytes = 0;
  for await (const line of readCases(path)) {
    bytes += line.bytes.length;
    if (found.length === MOST_TESTS || bytes > MOST_BYTES) {
      throw new Failure(
        `${path}: at most ${MOST_TESTS} tests and ${MOST_BYTES} bytes; line ${line.number} is too much`,
      );
    }
    const read = fromLine(line.number, line.bytes);
    if ("problems" in read) problems.push(...read.problems);
    else found.push(read);
    if (problems.length > MOST_SHOWN) break;
  }
  if (problems.length > 0) throw unusable(path, problems);
  return found;
}

function fromLine(line: number, bytes: Uint8Array): Found | { readonly problems: readonly Problem[] } {
  const placeOf: Found["placeOf"] = (steps) => ({ path: pathText(steps), line, column: 1 });
  const whole = (message: string) => ({ problems: [{ ...placeOf([]), message }] });
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return whole("this is not JSON: one test a line, each an object");
  }
  const read = readEntry(value, testForm);
  if ("value" in read) return { test: named(read.value, line), placeOf };
  return { problems: read.findings.map(({ steps, message, hint }) => hinted({ ...placeOf(steps), message }, hint)) };
}

const named = (form: Omit<RoutingTest, "name" | "line"> & { readonly name?: string | undefined }, line: number) => ({
  ...form,
  name: form.name ?? `line ${line}`,
  line,
});

/** Names of the test that the config does not know: it could never pass, or never fail. */
function strangers({ test, placeOf }: Found, config: Config): Problem[] {
  const { route, tier, profile, model = [], not_model: others = [], label = {} } = test;
  const check = (kind: string, given: string | undefined, known: Iterable<string>, steps: readonly Step[]) => {
    const names = [...known];
    if (given === undefined || names.includes(given)) return [];
    return [hinted({ ...placeOf(steps), message: `no ${kind} is called "${given}"` }, didYouMean(given, names))];
  };
  const models = Object.keys(config.models);
  return [
    ...check("route", route, createRoutes(config.routes).keys(), ["route"]),
    ...check("tier", tier, Object.keys(config.tiers), ["tier"]),
    ...check("profile", profile, createProfiles(config.profiles).keys(), ["profile"]),
    ...listed(model).flatMap((name) => check("model", name, models, ["model"])),
    ...listed(others).flatMap((name) => check("model", name, models, ["not_model"])),
    ...Object.keys(label).flatMap((signal) =>
      check("signal that is on", signal, Object.keys(config.signals), ["label", signal]),
    ),
  ];
}

function unusable(path: string, problems: readonly Problem[]): Failure {
  const lines = problems.slice(0, MOST_SHOWN).map((problem) => `  ${problemText(path, problem)}`);
  const more = problems.length > MOST_SHOWN ? ["  and more"] : [];
  return new Failure(`${path} is not usable:\n${[...lines, ...more].join("\n")}`, { code: "tests_invalid", problems });
}
