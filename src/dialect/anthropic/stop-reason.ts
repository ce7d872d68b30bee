import type { Block, Finish } from "../form.ts";

const FINISHES: ReadonlyMap<unknown, Finish> = new Map<string, Finish>([
  ["end_turn", "stop"],
  // A turn that a tool of the server's own interrupts: we never ask for these.
  ["pause_turn", "stop"],
  ["stop_sequence", "stop_sequence"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "tool_calls"],
  ["refusal", "content_filter"],
]);

const REASONS: Readonly<Record<Finish, string>> = {
  stop: "end_turn",
  stop_sequence: "stop_sequence",
  length: "max_tokens",
  tool_calls: "tool_use",
  content_filter: "refusal",
};

export function readStopReason(reason: unknown): Finish {
  return FINISHES.get(reason) ?? "stop";
}

/** `calls`: the answer holds calls of tools. Clients answer them only where the reason says so; some servers say `stop`. */
export function writeStopReason(finish: Finish, calls: boolean): string {
  return REASONS[finish === "stop" && calls ? "tool_calls" : finish];
}

export const hasCalls = (blocks: readonly Block[]): boolean => blocks.some((block) => block.kind === "tool_call");
