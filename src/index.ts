/** The public surface: the whole house in a process of yours, and the nouns that come out of it. */
export { checkConfig, type Accepted, type Checked, type Refused } from "./config/check.ts";
export { loadConfig } from "./config/load.ts";
export type { Problem } from "./config/problem.ts";
export type { Config } from "./config/schema.ts";
export type { Attempt, Decision, Plan, Prompt, Reason, SafetyVerdict, SignalReport, Usage } from "./contracts.ts";
export { ERRORS, RouterError, type ErrorCode } from "./errors.ts";
export type { Channel, RequestRecord, RouterEvent } from "./events.ts";
export { startSignalbox, type Signalbox } from "./server/start.ts";
