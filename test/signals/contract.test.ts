import { createSignals, SIGNALS, signalsOptions } from "../../src/signals/index.ts";
import { signalContract } from "../contract/signal.contract.ts";

/** Options that put every way of reading to work. */
const OPTIONS: Readonly<Record<string, unknown>> = {
  keyword: {
    rules: [
      { label: "refund", any: ["refund", "退款", "1", "a@"], match: "literal" },
      { label: "card", any: ["card", "zebra"], match: "word", case_sensitive: true },
      { label: "stolen", any: ["stolen", "step by step", "misspelled"], match: "fuzzy" },
      { label: "mail", any: ["[a-z]+@[a-z]+", "(a+)+b"], match: "regex" },
    ],
  },
  jailbreak: { patterns: ["open sesame", "(a|aa)+$"] },
};

for (const name of Object.keys(SIGNALS)) {
  signalContract(name, () => createSignals(signalsOptions.parse({ [name]: OPTIONS[name] ?? {} }))[0]!);
}
