import type { Case } from "./case.ts";
import type { Gate, GateTools } from "./gate.ts";
import { GATES } from "./index.ts";
import type { CascadeOptions, GateOptions } from "./options.ts";
import { accepts, type Cascade } from "./plan.ts";
import { UnfitCascade } from "./learned.ts";

/** What came of judging an answer. `says` names the gate's reason, without a word of the answer. */
export interface Judgement {
  readonly passes: boolean;
  /** In [0,1]: the least that a gate gave it. */
  readonly good: number;
  readonly gate: string;
  readonly says: string;
}

/** One model that is asked, and whose answer is at hand afterwards: its own, or one from before. */
export interface CascadeStep {
  readonly asks: string;
  readonly keeps: string;
  /** Models whose answers to the same request the gates compare with, asked where nobody has yet. */
  readonly beside: readonly string[];
}

/** A route's cascade in runtime form. */
export interface ServedCascade {
  readonly models: readonly string[];
  /** Before the last model, in order. */
  readonly steps: readonly CascadeStep[];
  readonly last: string;
  readonly gates: readonly string[];
  /** Begins with the first model, whichever was decided on. */
  readonly always: boolean;
  readonly mode: CascadeOptions["mode"];
  readonly heldTokens: number;
  readonly mostUsd: number;
  readonly deadlineMs: number;
  readonly handsOn: boolean;
  readonly thoughtTokens: number;
  readonly thoughtMs: number;
  readonly endsWhenLosing: boolean;
  judge(step: number, matter: Case, tools: GateTools): Judgement | Promise<Judgement>;
}

/** @param learned what `path` holds, where that is given. Errors: UnfitCascade where it was learned for other models. */
export function compileCascade(options: CascadeOptions, learned: Cascade | undefined): ServedCascade {
  const { models, gates = [], reasoning } = options;
  const last = models.at(-1)!;
  const common = {
    models,
    last,
    always: options.when === "always",
    mode: options.mode,
    heldTokens: options.max_tokens,
    mostUsd: options.usd ?? Infinity,
    deadlineMs: options.deadline_ms ?? Infinity,
    handsOn: options.continue,
    thoughtTokens: reasoning?.max_tokens ?? Infinity,
    thoughtMs: reasoning?.deadline_ms ?? Infinity,
    endsWhenLosing: options.action === "off",
  };
  if (learned) return { ...common, ...learnedForm(models, learned) };
  const judges = gates.map((gate) => ({ threshold: gate.threshold, of: gateOf(gate) }));
  const beside = gates.flatMap((gate) => (gate.kind === "agreement" ? [gate.model] : []));
  return {
    ...common,
    gates: gates.map(({ kind }) => kind),
    steps: models.slice(0, -1).map((model) => ({
      asks: model,
      keeps: model,
      beside: beside.filter((other) => other !== model && other !== last),
    })),
    async judge(step, matter, tools) {
      let least: Judgement | undefined;
      for (const { of, threshold } of judges) {
        const judgement = await judgedBy(of(models[step]!), threshold, matter, tools);
        if (!judgement.passes) return judgement;
        if (!least || judgement.good < least.good) least = judgement;
      }
      return least!;
    },
  };
}

/** What cannot be told apart from a wrong answer does not pass. */
async function judgedBy(gate: Gate, threshold: number, matter: Case, tools: GateTools): Promise<Judgement> {
  const verdict = await gate.judge(matter, tools);
  const silent = { passes: false, good: 0, gate: gate.name, says: "it has nothing to tell by" };
  return verdict ? { ...verdict, passes: verdict.good >= threshold, gate: gate.name } : silent;
}

/** @returns by the model whose answer is judged */
function gateOf(options: GateOptions): (model: string) => Gate {
  const internalOnly = false; // The tools that gates ask with know better.
  switch (options.kind) {
    case "heuristics":
    case "logprobs":
    case "agreement": {
      const gate = GATES[options.kind]();
      return () => gate;
    }
    case "consistency": {
      const { samples, max_tokens: maxOutputTokens, deadline_ms: deadlineMs } = options;
      return (model) => GATES.consistency({ model, samples, maxOutputTokens, deadlineMs, internalOnly });
    }
    default: {
      const { model, text: rubric, deadline_ms: deadlineMs } = options;
      const gate = GATES.verifier({ model, rubric, deadlineMs, internalOnly });
      return () => gate;
    }
  }
}

function learnedForm(models: readonly string[], cascade: Cascade): Pick<ServedCascade, "gates" | "steps" | "judge"> {
  if (models.length !== cascade.models.length || models.some((model, at) => model !== cascade.models[at])) {
    throw new UnfitCascade(`it was learned for ${cascade.models.join(", ")}, in this order`);
  }
  const nameOf = (at: number) => cascade.models[at]!;
  return {
    gates: ["learned"],
    steps: cascade.asks.map((asked, at) => ({ asks: nameOf(asked), keeps: nameOf(cascade.keeps[at]!), beside: [] })),
    judge(step, { features }) {
      const { accepted, right } = accepts(cascade, step, features);
      const says = `answers that looked like it were right ${(right * 100).toFixed(0)} times of 100`;
      return { passes: accepted, good: right, gate: "learned", says };
    },
  };
}
