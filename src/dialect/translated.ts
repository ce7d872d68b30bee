import type { Usage, WireApi } from "../contracts.ts";
import { RouterError } from "../errors.ts";
import type { AnswerForm, AnswerStream } from "./answer.ts";
import type { ClientSide, ServerSide, StreamReader, StreamWriter, WriteOptions } from "./codec.ts";
import { parseFields, textOf } from "./event-json.ts";
import type { Block, Step } from "./form.ts";
import { sealReply, sealStep, UNSIGNED } from "./sealed.ts";
import type { Fields } from "./shape.ts";
import { createSseReader, type SseEvent } from "./sse.ts";
import { usageOf } from "./usage.ts";

/** Answers of an upstream that speaks another API than the client: `api`. */
export function translatedAnswers(
  api: WireApi,
  server: ServerSide,
  client: ClientSide,
  options: WriteOptions & { readonly maxEventBytes: number },
): AnswerForm {
  return {
    whole(bytes) {
      const reply = sealReply(api, server.readReply(parse(bytes)), client.signsThoughts);
      const outputChars = reply.blocks.reduce((sum, block) => sum + lengthOf(block), 0);
      return {
        bytes: Buffer.from(JSON.stringify(client.writeReply(reply, options))),
        finish: reply.finish,
        ...(reply.tokens && { usage: usageOf(reply.tokens) }),
        ...(outputChars > 0 && { outputChars }),
      };
    },
    stream: () =>
      translatedStream(api, server.readStream(), client.writeStream(options), {
        ...options,
        signs: client.signsThoughts,
      }),
  };
}

const NOTHING = new Uint8Array(0);

/** The same of a stream, by a writer of one's own. @param signs whether thoughts without a signature get a stand-in */
export function translatedStream(
  api: WireApi,
  reader: StreamReader,
  writer: StreamWriter,
  options: { readonly maxEventBytes: number; readonly signs: boolean },
): AnswerStream {
  const events = createSseReader(options);
  let usage: Usage | undefined;
  let finish: string | undefined;
  let error: string | undefined;
  let spoken = false;
  let outputChars = 0;
  let done = false;
  const unsigned = new Set<number>();

  /** A stand-in before the end of a thought that the server left unsigned. */
  function signature(step: Step): Uint8Array {
    if (step.kind === "block" && step.block.kind === "thinking") unsigned.add(step.index);
    else if (step.kind === "signature" || step.kind === "redacted") unsigned.delete(step.index);
    else if (step.kind === "block_end" && unsigned.delete(step.index) && options.signs)
      return writer.push({ kind: "signature", index: step.index, signature: UNSIGNED });
    return NOTHING;
  }

  function write(step: Step): Uint8Array {
    if (step.kind === "error") {
      error ??= step.message;
      return writer.error(new RouterError("upstream_failed", "The upstream failed in the middle of its answer."));
    }
    if (step.kind === "tokens") usage = usageOf(step.tokens);
    else if (step.kind === "finish") finish = step.finish;
    else if (step.kind === "delta") outputChars += step.text.length;
    else if (step.kind === "block" && step.block.kind === "tool_call") outputChars += step.block.name.length;
    spoken ||= step.kind === "delta" || (step.kind === "block" && step.block.kind === "tool_call");
    return writer.push(sealStep(api, step));
  }

  function writeAll(arrived: readonly SseEvent[], isLast: boolean): Uint8Array {
    const pieces: Uint8Array[] = [];
    const take = (steps: readonly Step[]) => {
      for (const step of steps) if (error === undefined) pieces.push(signature(step), write(step));
    };
    for (const event of arrived) {
      if (done || error !== undefined) break;
      take(reader.push(event));
      if (reader.done) finishUp();
    }
    if (isLast && !done) finishUp();

    function finishUp(): void {
      take(reader.end());
      if (error !== undefined || finish === undefined) return;
      done = true;
      pieces.push(writer.end());
    }
    return Buffer.concat(pieces);
  }

  return {
    push: (chunk) => writeAll(events.push(chunk), false),
    end: () => writeAll(events.end(), true),
    errorEvent: (failure) => writer.error(failure),
    get firstToken() {
      return spoken;
    },
    get usage() {
      return usage;
    },
    get finish() {
      return finish;
    },
    get done() {
      return done;
    },
    get error() {
      return error;
    },
    get outputChars() {
      return outputChars;
    },
  };
}

function parse(bytes: Uint8Array): Fields {
  const body = parseFields(textOf(bytes));
  if (body) return body;
  throw new RouterError("upstream_failed", "The upstream answered 200 with something that is no answer.");
}

function lengthOf(block: Block): number {
  if (block.kind === "tool_call") return block.name.length + block.arguments.length;
  return block.kind === "text" || block.kind === "thinking" || block.kind === "refusal" ? block.text.length : 0;
}
