import { readFileSync } from "node:fs";
import type { Attempt } from "../../src/contracts.ts";
import { openBook } from "../../src/ledger/book.ts";
import type { BillLine, Told } from "./chaos-bill.ts";
import type { Phase } from "./chaos-breakers.ts";
import type { ModelServer, Name } from "./chaos-cast.ts";
import type { Trouble } from "./chaos-trouble.ts";
import type { Failures } from "./story.ts";

/** One answer on a server's bill. */
interface Billed {
  readonly marker: string;
  readonly server: string;
  readonly at: number;
  readonly trouble?: Trouble;
  /** All that it told so far, each time it told; the last one counts. */
  readonly told: Told[];
  /** The server was killed while it told the last time. */
  doubtful: boolean;
  whole: boolean;
}

export interface Bills {
  readonly answers: readonly Billed[];
  readonly faults: readonly string[];
}

export function readBills(servers: readonly Pick<ModelServer, "name" | "bill">[]): Bills {
  const bills = servers.map(({ name, bill }) => readBill(name, readFileSync(bill, "utf8")));
  return { answers: bills.flatMap(({ answers }) => answers), faults: bills.flatMap(({ faults }) => faults) };
}

function readBill(server: string, text: string): Bills {
  const answers = new Map<string, Billed>();
  const faults: string[] = [];
  // Half a line is what a killed server was writing.
  for (const line of text.split("\n").slice(0, -1)) {
    const entry = JSON.parse(line) as BillLine;
    if (entry.kind === "fault") faults.push(`${server}: ${entry.message}`);
    else if (entry.kind === "asked")
      answers.set(entry.id, { ...entry, server, told: [], doubtful: false, whole: false });
    else {
      const answer = answers.get(entry.id)!;
      if (entry.kind === "telling") answer.told.push(entry.usage);
      if (entry.kind === "whole") answer.whole = true;
      else answer.doubtful = entry.kind === "telling";
    }
  }
  return { answers: [...answers.values()], faults };
}

/** Tokens in and out. */
const tokensOf = ({ input, output }: Told): number => input + output;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** What the router put down for the attempts of each request, by marker. */
type AttemptsOf = ReadonlyMap<string, readonly Attempt[]>;

/**
 * Holds the ledger against the bills. Each usage in the ledger must stand on a bill, and each on a bill in the ledger;
 * the last one told may be missing there only where we hung up, or the server was killed, while it was told (what it
 * had sent and nobody had read yet is lost with its connections), or where the bytes that told it were cut off by a
 * wrong length.
 */
export function auditBooks(
  ledgerPath: string,
  { answers }: Bills,
  attempts: AttemptsOf,
  phases: readonly Phase[],
  failures: Failures,
): Readonly<Record<string, number>> {
  const open = Map.groupBy(answers, ({ marker, server }) => `${marker} ${server}`);
  let known = 0;
  let whole = 0;
  for (const [marker, tries] of attempts) {
    for (const { model, usage, result } of tries) {
      if (!usage || usage.estimated) continue;
      const tokens = usage.inputTokens + usage.outputTokens;
      const billed = open.get(`${marker} ${model}`) ?? [];
      const isIt = (told: Told) => told.input === usage.inputTokens && told.output === usage.outputTokens;
      const match = billed.find(({ told }) => told.some(isIt));
      if (match) match.told.splice(0, match.told.findLastIndex(isIt) + 1);
      else failures.add(`${marker}: the ledger has ${tokens} tokens of ${model} (${result}) on no bill`);
      known += tokens;
      if (result === "ok") whole += tokens;
    }
  }
  const further = countedFurther(attempts, open);
  const unheard = answers.filter(({ told }) => told.length > 0);
  let taken = 0;
  for (const billed of unheard) {
    const tries = (attempts.get(billed.marker) ?? []).filter(({ model }) => model === billed.server);
    const hungUp = tries.some(({ result }) => HUNG_UP.has(result));
    const isExplained = billed.doubtful || hungUp || billed.trouble === "wrong_length";
    const isTaken = !isExplained && wasKilled(billed, phases);
    if (isTaken) taken += 1;
    failures.check(
      isExplained || isTaken,
      `${billed.marker}: ${billed.server} told of ${tokensOf(billed.told.at(-1)!)} tokens (${billed.trouble ?? "well"}, ${billed.whole ? "whole" : "broken"}), and the ledger lacks them: ${tries.map(({ result }) => result).join(", ") || "no such attempt"}`,
    );
  }
  const ledger = readLedger(ledgerPath);
  failures.check(
    ledger.tokens - ledger.estimated === known,
    `the file of the ledger has ${ledger.tokens - ledger.estimated} counted tokens, the attempts that stand on bills ${known}`,
  );
  return {
    "tokens in the ledger's file": ledger.tokens,
    "of these estimated": ledger.estimated,
    "of these counted by the servers, and on their bills": known,
    "of these of whole answers": whole,
    "streams that broke off, counted beyond what they had told": further,
    "answers on the bills that nobody heard to their end": unheard.length,
    "of these lost with the connections of a killed server": taken,
  };
}

/** Longer than any answer of a server that is well takes. */
const LONGEST_ANSWER_MS = 1000;

function wasKilled({ server, at, whole }: Billed, phases: readonly Phase[]): boolean {
  const kills = phases.filter(({ ailments }) => ailments.get(server as Name) === "killed");
  return !whole && kills.some((phase) => phase.at >= at && phase.at <= at + LONGEST_ANSWER_MS);
}

/**
 * A stream that broke off may have said more than its last count: then the ledger keeps the input that it told, and
 * estimates the output at no less than what was told of it. Settles those bills and answers how many there are.
 */
function countedFurther(attempts: AttemptsOf, open: ReadonlyMap<string, readonly Billed[]>): number {
  let settled = 0;
  for (const [marker, tries] of attempts) {
    for (const { model, usage, result } of tries) {
      if (!usage?.estimated || result === "ok") continue;
      const isIt = (told: Told) => told.input === usage.inputTokens && told.output <= usage.outputTokens;
      const billed = open.get(`${marker} ${model}`)?.find(({ told, whole }) => !whole && told.some(isIt));
      if (!billed) continue;
      billed.told.length = 0;
      settled += 1;
    }
  }
  return settled;
}

const HUNG_UP: ReadonlySet<string> = new Set(["timeout", "outrun", "cut", "client_gone"]);

function readLedger(path: string): { tokens: number; estimated: number } {
  const book = openBook(path, { busyMs: 1000, readOnly: true });
  const rows = [...book.rows("")];
  book.close();
  return {
    tokens: sum(rows.map(({ inputTokens, outputTokens }) => inputTokens + outputTokens)),
    estimated: sum(rows.map(({ estimatedTokens }) => estimatedTokens)),
  };
}
