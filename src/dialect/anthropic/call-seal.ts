import type { Block } from "../form.ts";
import type { Fields } from "../shape.ts";

/** Calls have no place for a signature here: it travels in a redacted thought of its own, before its call. */
const MARK = "call.";

export const isCallSeal = (data: string): boolean => data.startsWith(MARK);

export function writeCallSeal(signature: string): Fields {
  return { type: "redacted_thinking", data: MARK + signature };
}

/** Blocks of an assistant's turn with such thoughts put back into the calls behind them. */
export function withCallSeals(blocks: readonly Block[]): readonly Block[] {
  return blocks.flatMap((block, index): readonly Block[] => {
    if (sealIn(block) !== undefined) return [];
    const signature = sealIn(blocks[index - 1]);
    return block.kind === "tool_call" && signature !== undefined ? [{ ...block, signature }] : [block];
  });
}

function sealIn(block: Block | undefined): string | undefined {
  if (block?.kind !== "thinking" || block.redacted === undefined || !isCallSeal(block.redacted)) return undefined;
  return block.redacted.slice(MARK.length);
}
