import type { WireApi } from "../contracts.ts";
import type { Block, Inquiry, Reply, Step } from "./form.ts";

/**
 * Some servers sign or encrypt what their model thought and want it back unread. Through a client of another API it
 * travels with a mark that says whose it is; a server is only ever shown its own, since each refuses all others.
 */
const MARK = "signalbox.sealed.";
const MARKED = /signalbox\.sealed\.(openai-chat|openai-responses|anthropic-messages|gemini)\./;
const BYTES = Buffer.from(MARK);

/** Stands where a client expects a signature and the server gave none. */
export const UNSIGNED = `${MARK}nobody.`;

/** The API whose servers made what is sealed here; undefined where the client's own server did. */
export function sealerOf(text: string): WireApi | undefined {
  return MARKED.exec(text)?.[1] as WireApi | undefined;
}

/** Whether bytes hold the mark anywhere: in most there is none, and nothing else need be looked at. */
export function mentionsSeal(body: Uint8Array): boolean {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(BYTES);
}

const marked = (api: WireApi, value: string): string => `${MARK}${api}.${value}`;

/** What is sealed in a server's answer, marked as its own. @param signs whether thoughts without a signature get a stand-in */
export function sealReply(api: WireApi, reply: Reply, signs: boolean): Reply {
  const blocks = reply.blocks.map((block) => {
    const isOpen = block.kind === "thinking" && block.signature === undefined && block.redacted === undefined;
    return signs && isOpen ? { ...block, signature: UNSIGNED } : sealBlock(api, block);
  });
  return { ...reply, blocks };
}

function sealBlock(api: WireApi, block: Block): Block {
  if (block.kind !== "thinking" && block.kind !== "tool_call") return block;
  return {
    ...block,
    ...(block.signature !== undefined && { signature: marked(api, block.signature) }),
    ...("redacted" in block && { redacted: marked(api, block.redacted) }),
  };
}

/** The same for a step of a streamed answer. */
export function sealStep(api: WireApi, step: Step): Step {
  if (step.kind === "signature") return { ...step, signature: marked(api, step.signature) };
  if (step.kind === "redacted") return { ...step, data: marked(api, step.data) };
  if (step.kind !== "block" || step.block.kind !== "tool_call" || step.block.signature === undefined) return step;
  return { ...step, block: { ...step.block, signature: marked(api, step.block.signature) } };
}

/** Whether this is sealed by a server of another API, or stands in for a seal. */
export const isSealed = (text: unknown): boolean => typeof text === "string" && text.includes(MARK);

/**
 * A conversation as a server of `api` may see it: its own seals without the mark, those of others left out. What bears
 * no mark is of the client's own API.
 */
export function unsealFor(api: WireApi, client: WireApi, inquiry: Inquiry): Inquiry {
  const own = (text: string): string | undefined => {
    if (!isSealed(text)) return api === client ? text : undefined;
    const start = `${MARK}${api}.`;
    return text.startsWith(start) ? text.slice(start.length) : undefined;
  };
  const turns = inquiry.turns.map((turn) => ({
    ...turn,
    blocks: turn.blocks.flatMap((block) => unsealed(own, block)),
  }));
  return { ...inquiry, turns };
}

/** @param own the seal as its server made it; undefined for those of others */
function unsealed(own: (text: string) => string | undefined, block: Block): readonly Block[] {
  if (block.kind === "thinking" && block.redacted !== undefined) {
    const redacted = own(block.redacted);
    return redacted === undefined ? [] : [{ ...block, redacted }];
  }
  if ((block.kind !== "thinking" && block.kind !== "tool_call") || block.signature === undefined) return [block];
  const { signature: sealed, ...open } = block;
  const signature = own(sealed);
  return [signature === undefined ? open : { ...open, signature }];
}
