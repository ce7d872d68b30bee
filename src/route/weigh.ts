import type { DecisionInputs, SignalReport } from "../contracts.ts";
import type { Case } from "../decision/decide.ts";
import type { RuleVerdict } from "../decision/rules.ts";
import { judgeSafety, type Judgement } from "../decision/safety.ts";
import type { Runtime } from "../runtime.ts";
import type { Asked } from "./asked.ts";
import { caseOf, type Circumstances, inputsOf } from "./case.ts";
import type { Conversation } from "./conversation.ts";
import type { RouteInput } from "./input.ts";
import { chooseWay } from "./way.ts";

/** What is certain of a request before any signal reads it. */
export interface Trip {
  readonly runtime: Runtime;
  readonly input: RouteInput;
  readonly asked: Asked;
  readonly ruled: RuleVerdict;
  readonly conversation: Conversation | undefined;
  /** The newest human turn as models that are asked for us may see it, where that is not as it came. */
  readonly shown?: string;
}

/** What the reports of the signals come to. */
export interface Weighed {
  readonly reports: readonly SignalReport[];
  readonly safety: Judgement;
  readonly circumstances: Circumstances;
  /** What the choice depends on beside config and reports. */
  readonly inputs?: DecisionInputs;
  /** Absent where nothing is to be decided: the client asked for a model that is not ours. */
  readonly choice?: Case;
}

/** The way that pins lead, safety as that way has it, and the case to decide. */
export function weigh({ runtime, input, asked, ruled, conversation }: Trip, reports: readonly SignalReport[]): Weighed {
  const way = chooseWay(runtime, ruled, reports);
  const rules = runtime.safetyOf(way.route, way.pinnedBy);
  const configured = runtime.signals.map(({ name }) => name);
  const safety = judgeSafety(rules, reports, configured);
  const circumstances: Circumstances = {
    ...way,
    asked,
    ruled,
    reports,
    conversation,
    internalOnly: ruled.internal || safety.internalOnly || input.constraints.location === "internal",
    ...(safety.action === "guarded" && rules.guardedModel !== undefined && { guarded: rules.guardedModel }),
  };
  if (asked.kind === "stranger") return { reports, safety, circumstances };
  const inputs = inputsOf(runtime, input, circumstances);
  return { reports, safety, circumstances, inputs, choice: caseOf(runtime, reports, inputs) };
}
