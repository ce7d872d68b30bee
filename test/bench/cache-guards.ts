import { performance } from "node:perf_hooks";
import { featuresOf } from "../../src/cache/features.ts";
import { align } from "../../src/cache/guards/alignment.ts";
import { differenceOf } from "../../src/cache/guards/index.ts";
import { thesaurus } from "../../src/cache/guards/synonyms.ts";
import { readTurn } from "../../src/cache/guards/turn.ts";

/** Two wordings of one question, about 400 characters each, that no guard refuses: all of them look. */
const STORED = `How do I reverse a linked list in Python without using extra memory, and what is the time complexity of
doing so for a list with 1,000,000 nodes on a 64-bit machine? Please explain the algorithm step by step, compare it with
the recursive version, mention the pitfalls for empty lists and lists with one element, and show a small example of the
pointers before and after each iteration of the loop.`;
const ASKED = STORED.replace("How do I reverse", "What is the best way to reverse");
const TIMES = 1_000;
/** Until the engine has compiled what is called often, as in a process that has been up for a minute. */
const WARM_UP = 2_000;

/** Milliseconds of this thread's own work: what others do on the machine is not in it. */
function work(act: () => void): number {
  for (let time = 0; time < WARM_UP; time++) act();
  const [wall, before] = [performance.now(), process.cpuUsage()];
  for (let time = 0; time < TIMES; time++) act();
  const { user, system } = process.cpuUsage(before);
  return Math.min((user + system) / 1_000, performance.now() - wall) / TIMES;
}

/** What deciding costs beside the encoder: reading a new turn, and holding it against a stored one. */
export function cacheGuards(): Record<string, number> {
  const words = thesaurus();
  const stored = readTurn(STORED);
  const decide = () => {
    const asked = readTurn(ASKED);
    if (differenceOf(stored, asked).verdict !== undefined) throw new Error("a guard refused a paraphrase");
    featuresOf(stored, asked, { alignment: align(stored, asked, words), doubts: 0, cosine: 0.9, logit: 3 });
  };
  return { characters: STORED.length, read_ms: work(() => void readTurn(ASKED)), decide_ms: work(decide) };
}

if (import.meta.main) console.log(JSON.stringify(cacheGuards()));
