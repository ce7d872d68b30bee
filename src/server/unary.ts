import {
  create,
  fromJsonString,
  toJsonString,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { RouterError } from "../errors.ts";
import { readBody } from "./body.ts";
import type { Request, Response } from "./listen.ts";
import { JSON_OPTIONS, refuse, tellConnectError, unreadable } from "./rpc-error.ts";
import { send } from "./reply.ts";

/** A method with one message in and one out, over JSON. What the method itself throws is a ConnectError. */
export interface UnaryMethod {
  readonly path: string;
  answer(json: Uint8Array, peer: Request): Promise<string>;
}

export function unaryMethod<I extends DescMessage, O extends DescMessage>(
  { parent, name, input, output }: DescMethodUnary<I, O>,
  act: (message: MessageShape<I>, peer: Request) => Promise<MessageInitShape<O>>,
): UnaryMethod {
  return {
    path: `/${parent.typeName}/${name}`,
    answer: async (json, peer) => toJsonString(output, create(output, await act(readMessage(input, json), peer))),
  };
}

/** Serves the request and answers true, or leaves it to Connect. */
export type PlainJson = (request: Request, response: Response) => boolean;

export interface PlainJsonOptions {
  readonly methods: readonly UnaryMethod[];
  readonly readMaxBytes: number;
  bodyTimeoutMs(): number;
  fault(where: string, error: unknown): void;
}

/**
 * Plain JSON over POST, the way most requests come, answered as Connect's protocol has it. Connect's own handler
 * takes the same request through web streams, Headers and abort signals, which costs more than the decision.
 * Whatever asks for more than that (compression, a deadline, protobuf, gRPC) is Connect's.
 */
export function createPlainJson({ methods, readMaxBytes, bodyTimeoutMs, fault }: PlainJsonOptions): PlainJson {
  const byPath = new Map(methods.map((method) => [method.path, method]));
  const serve = async (method: UnaryMethod, request: Request, response: Response): Promise<void> => {
    const bytes = await readBody(request, { bytes: readMaxBytes, timeoutMs: bodyTimeoutMs() });
    send(response, 200, { "content-type": "application/json" }, await method.answer(bytes, request));
  };
  return (request, response) => {
    const method = byPath.get(request.url ?? "");
    if (!method || !isPlain(request)) return false;
    serve(method, request, response).catch((caught: unknown) => {
      if (caught instanceof ConnectError) return tellConnectError(response, caught);
      const error = RouterError.from(caught);
      if (error.code === "client_gone") return void response.destroy();
      if (error.code === "internal") fault("rpc door", caught);
      refuse(request, response, error);
    });
    return true;
  };
}

const JSON_TYPE = /^application\/json(?:;\s*charset=utf-8)?$/i;

const isPlain = ({ method, headers }: Request): boolean =>
  method === "POST" &&
  JSON_TYPE.test(headers["content-type"] ?? "") &&
  (headers["content-encoding"] ?? "identity") === "identity" &&
  headers["connect-timeout-ms"] === undefined;

const UTF8 = new TextDecoder();

function readMessage<I extends DescMessage>(schema: I, bytes: Uint8Array): MessageShape<I> {
  try {
    return fromJsonString(schema, UTF8.decode(bytes), JSON_OPTIONS);
  } catch (error) {
    throw unreadable(error);
  }
}
