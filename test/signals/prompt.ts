import type { Passage, Prompt } from "../../src/contracts.ts";

/** A prompt of one human turn, or of these passages. */
export function promptOf(turn: string, everything: readonly Passage[] = [message("user", turn)]): Prompt {
  return {
    api: "openai-chat",
    model: "auto",
    turn,
    firstTurn: turn,
    system: "",
    everything,
    needs: { modalities: ["text"], tools: [], parameters: [] },
    stream: false,
    inputTokens: Math.ceil(turn.length / 4),
    metadata: {},
  };
}

export function message(role: Passage["role"], text: string): Passage {
  return { role, origin: "message", text };
}

export function document(text: string): Passage {
  return { role: "user", origin: "document", text };
}
