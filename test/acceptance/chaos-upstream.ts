/**
 * A model server in a process of its own, for `chaos`. Its first argument is a Setup; over IPC it is told what ails it.
 * What it was asked and what it told stands in a file, line by line as it happens, so that kill -9 loses nothing.
 */
import { openSync, writeSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { anthropic } from "../fakes/apis/anthropic.ts";
import type { Api, Received } from "../fakes/apis/api.ts";
import { gemini } from "../fakes/apis/gemini.ts";
import { openaiChat } from "../fakes/apis/openai-chat.ts";
import { openaiResponses } from "../fakes/apis/openai-responses.ts";
import type { Certified } from "../rig/certificates.ts";
import { answerOf, type BillLine, toldIn } from "./chaos-bill.ts";
import { type RequestTrouble, sendSpoilt } from "./chaos-trouble.ts";

export interface Setup {
  readonly name: string;
  /** 0 for a free one. */
  readonly port: number;
  /** The file of the bill, appended to. */
  readonly bill: string;
  readonly tls?: { readonly good: Certified; readonly expired: Certified };
}

/** What ails it from now on. */
export interface Ailment {
  readonly trouble?: RequestTrouble | "expired";
}

const APIS: readonly Api[] = [openaiChat, openaiResponses, anthropic, gemini];
const MARKER = /number-\d+/u;

const setup = JSON.parse(process.argv[2]!) as Setup;
const bill = openSync(setup.bill, "a");
let trouble: RequestTrouble | undefined;
let served = 0;

const note = (line: BillLine) => void writeSync(bill, `${JSON.stringify(line)}\n`);

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const bytes = await buffer(request);
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://fake");
  const json: unknown = JSON.parse(bytes.toString("utf8"));
  const received: Received = {
    method: request.method ?? "",
    path: pathname,
    query: searchParams,
    headers: request.headers,
    json,
  };
  served += 1;
  const number = served;
  const id = `${process.pid}-${number}`;
  const ails = trouble;
  const marker = MARKER.exec(bytes.toString("utf8"))?.[0] ?? "";
  note({ kind: "asked", id, marker, at: Date.now(), ...(ails && { trouble: ails }) });
  const api = APIS.find((each) => each.takes(received));
  if (!api) throw new Error(`no API is at ${received.path}`);
  const asked = { ...api.read(received), number };
  const answer = answerOf(setup.name, marker, number);
  const pieces = asked.stream ? api.stream(answer, asked) : [JSON.stringify(api.whole(answer, asked))];
  const told = toldIn(pieces);
  const isWhole = await sendSpoilt(response, {
    pieces,
    isStream: asked.stream,
    number,
    trouble: ails,
    telling: (piece) => {
      const usage = told[piece];
      if (usage) note({ kind: "telling", id, usage });
    },
    told: (piece) => {
      if (told[piece]) note({ kind: "told", id });
    },
  });
  if (isWhole) note({ kind: "whole", id });
}

function listener(request: IncomingMessage, response: ServerResponse): void {
  serve(request, response).catch((error: unknown) => {
    note({ kind: "fault", message: String(error) });
    response.destroy();
  });
}

const secure: TlsServer | undefined = setup.tls && createTlsServer(setup.tls.good, listener);
const server = secure ?? createServer(listener);
process.on("message", (ailment: Ailment) => {
  trouble = ailment.trouble === "expired" ? undefined : ailment.trouble;
  if (!secure) return;
  secure.setSecureContext(ailment.trouble === "expired" ? setup.tls!.expired : setup.tls!.good);
  if (ailment.trouble === "expired") secure.closeAllConnections();
});
// Whoever started it is gone.
process.on("disconnect", () => process.exit(0));
server.on("clientError", (_, socket) => socket.destroy());
server.listen(setup.port, "127.0.0.1", () => process.send!({ port: (server.address() as AddressInfo).port }));
