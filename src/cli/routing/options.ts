import { InvalidArgumentError, Option } from "commander";

/** The command line of `eval routing`. */
export interface RoutingOptions {
  readonly outcomes: string;
  readonly learn?: string;
  readonly pool?: readonly string[];
  readonly config?: string;
  readonly against?: string;
  readonly maxLoss: number;
  readonly fold?: "learn" | "report";
  readonly prices?: string;
  readonly scenario?: string;
  readonly seed: number;
  readonly html?: string;
  readonly json?: boolean;
}

const SEED = 1;
const MOST_POOL = 100;

export const routingOptions = (): Option[] => [
  new Option("-f, --outcomes <path>", "recorded outcomes, gzip or plain").makeOptionMandatory(),
  new Option("--learn <path>", "learn from these (default: each half of the file from the other)"),
  new Option("--pool <models>", "only these models of the file, with commas between them").argParser(namesOf),
  new Option("-c, --config <path>", "measure this config as it stands (default: a router made for the file)"),
  new Option("--against <path>", "tell what changes from this config to the one of --config"),
  new Option("--max-loss <points>", "with --against: points of quality that may be lost; more is exit code 1")
    .default(0)
    .argParser(points),
  new Option("--fold <name>", "the project's own folds: learn from fold learn, report on this one").choices([
    "learn",
    "report",
  ]),
  new Option("--prices <path>", "YAML or JSON: input and output by model, USD per million tokens"),
  new Option("--scenario <path>", "YAML: volume, mix, tokens, prices, speeds, cost of the router; tells what it saves"),
  new Option("--seed <number>", "of all draws").default(SEED).argParser(wholeNumber),
  new Option("--html <path>", "write the report there as a page"),
];

function namesOf(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.some((name) => name === "") || new Set(names).size < names.length || names.length > MOST_POOL) {
    throw new InvalidArgumentError("Expected names of models with commas between them, each once.");
  }
  return names;
}

function points(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && number >= 0 && number <= 100) return number;
  throw new InvalidArgumentError("Expected a number from 0 to 100.");
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number < 2 ** 31) return number;
  throw new InvalidArgumentError("Expected a whole number of 0 or more.");
}
