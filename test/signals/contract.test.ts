import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";
import { createSignals, SIGNALS, signalsOptions } from "../../src/signals/index.ts";
import { signalContract } from "../contract/signal.contract.ts";
import type { Signal } from "../../src/signals/signal.ts";
import { memoryEncoder } from "../rig/encoder.ts";

/** Patterns over which an engine that goes back and tries again would sit for years. */
const NESTED = ["(a+)+$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]$", "(?:a?){30}a{30}b"];

const classifier = createServer((request, response) => {
  request.resume().once("end", () => response.end('{"labels":[{"label":"calm","score":0.7}]}'));
});
await new Promise<void>((resolve) => classifier.listen(0, "127.0.0.1", resolve));
after(() => classifier.close());
const url = `http://127.0.0.1:${(classifier.address() as AddressInfo).port}/`;

/** Options that put every way of reading to work. */
const OPTIONS: Readonly<Record<string, unknown>> = {
  keyword: {
    rules: [
      { label: "refund", any: ["refund", "退款", "1", "a@"], match: "literal" },
      { label: "card", any: ["card", "zebra"], match: "word" },
      { label: "stolen", any: ["stolen", "step by step", "misspelled"], match: "fuzzy" },
      { label: "mail", any: ["[a-z]+@[a-z]+", "(a+)+b"], match: "regex" },
      { label: "nested", any: [...NESTED], match: "regex" },
    ],
  },
  embedding: {
    routes: [
      { label: "card", examples: ["my card is stolen", "please block my card", "zebra"], pin: { tier: "small" } },
      { label: "time", examples: ["what time is it in lisbon"] },
    ],
  },
  jailbreak: { patterns: ["open sesame", ...NESTED] },
  pii: { learned: true },
  remote: { url },
};

async function make(name: string, own: unknown, encoder = memoryEncoder()): Promise<Signal> {
  const signals = await createSignals(signalsOptions.parse({ [name]: own }), {
    clock: () => performance.now(),
    encoder,
    second: { deadlineMs: 25 },
  });
  return signals[0]!;
}

const LATE: readonly string[] = ["remote", "pii"];

// A predictor needs a file that was learned: its own test runs the suite.
for (const name of Object.keys(SIGNALS).filter((each) => each !== "predictor")) {
  signalContract(name, () => make(name, OPTIONS[name] ?? {}), { answersLater: LATE.includes(name) });
}

for (const name of ["complexity", "jailbreak", "pii"]) {
  const own = { ...(OPTIONS[name] as object | undefined), learned: false };
  signalContract(name, () => make(name, own), { says: `the signal ${name}, with nothing learned` });
}

for (const name of ["complexity", "jailbreak", "pii"]) {
  const broken = memoryEncoder({ faults: { encode: "worker", scan: "worker" } });
  signalContract(name, () => make(name, OPTIONS[name] ?? {}, broken), {
    says: `the signal ${name}, whose encoder is broken`,
  });
  const doubtful = memoryEncoder({ faults: { rescan: "worker" }, suspicion: () => 0.4 });
  signalContract(name, () => make(name, OPTIONS[name] ?? {}, doubtful), {
    says: `the signal ${name}, whose encoder cannot read a second time`,
    answersLater: name !== "complexity",
  });
}
