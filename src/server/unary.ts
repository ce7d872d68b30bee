import {
  create,
  fromJsonString,
  toJsonString,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import type { ContextValues } from "@connectrpc/connect";
import type { Request } from "./listen.ts";
import { JSON_OPTIONS, unreadable } from "./rpc-error.ts";

/** A method with one message in and one out, over JSON. What the method itself throws is a ConnectError. */
export interface UnaryMethod {
  readonly path: string;
  answer(json: Uint8Array, values: ContextValues): Promise<string>;
}

export function unaryMethod<I extends DescMessage, O extends DescMessage>(
  { parent, name, input, output }: DescMethodUnary<I, O>,
  act: (message: MessageShape<I>, values: ContextValues) => Promise<MessageInitShape<O>>,
): UnaryMethod {
  return {
    path: `/${parent.typeName}/${name}`,
    answer: async (json, values) => toJsonString(output, create(output, await act(readMessage(input, json), values))),
  };
}

const JSON_TYPE = /^application\/json(?:;\s*charset=utf-8)?$/i;

/** True for a request that asks for nothing but a message over JSON: no compression, no deadline. */
export const isPlain = ({ method, headers }: Request): boolean =>
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
