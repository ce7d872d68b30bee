import { createSignals, SIGNALS, signalsOptions } from "../../src/signals/index.ts";
import { signalContract } from "../contract/signal.contract.ts";

/** Patterns over which an engine that goes back and tries again would sit for years. */
const NESTED = ["(a+)+$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]$", "(?:a?){30}a{30}b"];

/** Options that put every way of reading to work. */
const OPTIONS: Readonly<Record<string, unknown>> = {
  keyword: {
    rules: [
      { label: "refund", any: ["refund", "退款", "1", "a@"], match: "literal" },
      { label: "card", any: ["card", "zebra"], match: "word", case_sensitive: true },
      { label: "stolen", any: ["stolen", "step by step", "misspelled"], match: "fuzzy" },
      { label: "mail", any: ["[a-z]+@[a-z]+", "(a+)+b"], match: "regex" },
      { label: "nested", any: [...NESTED], match: "regex" },
    ],
  },
  jailbreak: { patterns: ["open sesame", ...NESTED] },
};

for (const name of Object.keys(SIGNALS)) {
  signalContract(name, () => createSignals(signalsOptions.parse({ [name]: OPTIONS[name] ?? {} }))[0]!);
}
