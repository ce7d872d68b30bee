import { fromBinary } from "@bufbuild/protobuf";
import { HeaderMapSchema, HeaderValueSchema, MetadataSchema } from "../../gen/envoy/config/core/v3/base_pb.ts";
import { ProcessingMode_BodySendMode as BodyMode } from "../../gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.ts";
import {
  HttpBodySchema,
  HttpHeadersSchema,
  ProcessingRequestSchema,
  ProtocolConfigurationSchema,
} from "../../gen/envoy/service/ext_proc/v3/external_processor_pb.ts";
import { boundItems } from "../items.ts";
import { unreadable } from "../rpc-error.ts";
import { eachField, endOf, numberIn, type Bytes, type TakeField } from "./decode.ts";

/** What the gateway says, as much of it as counts here. */
export interface Message {
  /** Undefined where it says nothing of request or response. */
  readonly part: Part | undefined;
  /** As it was announced; undefined where nothing was. */
  readonly modes: Modes | undefined;
  /** Whom other filters of the gateway found out to ask; empty where they say nothing. */
  readonly tenant: string;
  /** No answer is waited for. */
  readonly onlyObserves: boolean;
}

export type Part = HeadPart | BodyPart | { readonly kind: "requestTrailers" | "responseTrailers" };

export interface HeadPart {
  readonly kind: "requestHeaders" | "responseHeaders";
  /** Lower-case names; a name that comes more than once has its values behind commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly endOfStream: boolean;
}

export interface BodyPart {
  readonly kind: "requestBody" | "responseBody";
  readonly body: Uint8Array;
  readonly endOfStream: boolean;
}

/** How the bodies of both directions come. */
export interface Modes {
  readonly request: BodyMode;
  readonly response: BodyMode;
}

/** The namespace of ours in the gateway's metadata. */
export const NAMESPACE = "signalbox";

const MESSAGE = ProcessingRequestSchema.field;
const CONFIG = ProtocolConfigurationSchema.field;
const HEAD = HttpHeadersSchema.field;
const BODY = HttpBodySchema.field;
const MAP = HeaderMapSchema.field;
const HEADER = HeaderValueSchema.field;

/**
 * Read by hand: the general decoder takes longer than the decision.
 * @param items fields that the message may have, at every depth
 * Errors: invalid_request; too_many_items.
 */
export function readMessage(frame: Uint8Array, items: number): Message {
  const of: Bytes = { bytes: Buffer.from(frame.buffer, frame.byteOffset, frame.length), left: items };
  let part: Part | undefined;
  let modes: Modes | undefined;
  let tenant = "";
  let onlyObserves = false;
  eachField(of, 0, frame.length, (field, value, end) => {
    switch (field) {
      case MESSAGE.requestHeaders.number:
        part = headPart(of, "requestHeaders", value, endOf(end));
        break;
      case MESSAGE.responseHeaders.number:
        part = headPart(of, "responseHeaders", value, endOf(end));
        break;
      case MESSAGE.requestBody.number:
        part = bodyPart(of, "requestBody", value, endOf(end));
        break;
      case MESSAGE.responseBody.number:
        part = bodyPart(of, "responseBody", value, endOf(end));
        break;
      case MESSAGE.requestTrailers.number:
      case MESSAGE.responseTrailers.number:
        eachField(of, value, endOf(end), ignore);
        part = { kind: field === MESSAGE.requestTrailers.number ? "requestTrailers" : "responseTrailers" };
        break;
      case MESSAGE.metadataContext.number:
        tenant = tenantIn(of, value, endOf(end));
        break;
      case MESSAGE.observabilityMode.number:
        onlyObserves = numberIn(value, end) !== 0;
        break;
      case MESSAGE.protocolConfig.number:
        modes = modesIn(of, value, endOf(end));
        break;
    }
  });
  return { part, modes, tenant, onlyObserves };
}

const ignore: TakeField = () => undefined;

function headPart(of: Bytes, kind: HeadPart["kind"], from: number, to: number): HeadPart {
  const headers = new Map<string, string>();
  let endOfStream = false;
  const take: TakeField = (field, value, end) => {
    if (field === HEAD.headers.number) eachField(of, value, endOf(end), takeHeader);
    else if (field === HEAD.endOfStream.number) endOfStream = numberIn(value, end) !== 0;
  };
  const takeHeader: TakeField = (field, value, end) => {
    if (field === MAP.headers.number) addHeader(of, value, endOf(end), headers);
  };
  eachField(of, from, to, take);
  return { kind, headers, endOfStream };
}

function addHeader(of: Bytes, from: number, to: number, headers: Map<string, string>): void {
  let name = "";
  let text = "";
  let raw = "";
  eachField(of, from, to, (field, start, end) => {
    if (field === HEADER.key.number) name = of.bytes.toString("utf8", start, endOf(end)).toLowerCase();
    else if (field === HEADER.value.number) text = of.bytes.toString("utf8", start, endOf(end));
    else if (field === HEADER.rawValue.number) raw = of.bytes.toString("utf8", start, endOf(end));
  });
  const value = raw === "" ? text : raw;
  const before = headers.get(name);
  headers.set(name, before === undefined ? value : `${before}, ${value}`);
}

function bodyPart(of: Bytes, kind: BodyPart["kind"], from: number, to: number): BodyPart {
  let body: Uint8Array = EMPTY;
  let endOfStream = false;
  eachField(of, from, to, (field, value, end) => {
    if (field === BODY.body.number) body = of.bytes.subarray(value, endOf(end));
    else if (field === BODY.endOfStream.number) endOfStream = numberIn(value, end) !== 0;
  });
  return { kind, body, endOfStream };
}

const EMPTY = Buffer.alloc(0);

/** Modes that nobody knows are refused where one counts. */
function modesIn(of: Bytes, from: number, to: number): Modes {
  let request: BodyMode = BodyMode.NONE;
  let response: BodyMode = BodyMode.NONE;
  eachField(of, from, to, (field, value, end) => {
    if (field === CONFIG.requestBodyMode.number) request = numberIn(value, end) as BodyMode;
    else if (field === CONFIG.responseBodyMode.number) response = numberIn(value, end) as BodyMode;
  });
  return { request, response };
}

/** Few gateways send any, and it is deep. */
function tenantIn(of: Bytes, from: number, to: number): string {
  const bytes = of.bytes.subarray(from, to);
  boundItems(MetadataSchema, bytes, of.left);
  try {
    const named = fromBinary(MetadataSchema, bytes).filterMetadata[NAMESPACE]?.["tenant"];
    return typeof named === "string" ? named : "";
  } catch (caught) {
    throw unreadable(caught);
  }
}
