/** Says in Signalbox's place what a test wants said, and remembers what it was told: over HTTP, in the contract's JSON. */
import { createServer } from "node:http";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fromJsonString } from "@bufbuild/protobuf";
import {
  ReportOutcomeRequestSchema,
  RouteRequestRequestSchema,
  StoreAnswerRequestSchema,
  type ReportOutcomeRequest,
  type RouteRequestRequest,
  type StoreAnswerRequest,
} from "../../src/gen/signalbox/v1/router_pb.ts";
import { listening } from "./kong-scene.ts";

export interface Decider {
  readonly url: string;
  readonly asked: RouteRequestRequest[];
  readonly told: ReportOutcomeRequest[];
  /** Answers that were brought to the cache. */
  readonly stored: StoreAnswerRequest[];
  /** The fields of each reply from now on, beside those of a plain decision. */
  decide(fields: object): void;
  /** The status of what comes of an answer that is brought; undefined: nothing is said. */
  storing(status: number | undefined): void;
  /** As soon as there are so many answers. */
  answers(count: number): Promise<readonly StoreAnswerRequest[]>;
  close(): Promise<void>;
}

/** A decision for the model "small" at the upstream "s", with nothing to edit. */
const PLAIN = {
  decisionId: "decision-1",
  model: "small",
  tier: "light",
  route: "default",
  confidence: 0.9,
  reason: "tier",
  targets: [{ id: "s/small-v1", model: "small", upstream: "s", upstreamModel: "small-v1", kind: "vllm" }],
};

/** The target of a decision that Signalbox itself goes on with. */
export const OUR_DOOR = { id: "o", model: "small", upstream: "s", upstreamModel: "small", kind: "signalbox" };

const WAIT_MS = 5000;

export async function startDecider(): Promise<Decider> {
  const asked: RouteRequestRequest[] = [];
  const told: ReportOutcomeRequest[] = [];
  const stored: StoreAnswerRequest[] = [];
  let fields: object = {};
  let storing: number | undefined = 200;
  const methods: Readonly<Record<string, (json: string) => object | undefined>> = {
    RouteRequest(json) {
      asked.push(fromJsonString(RouteRequestRequestSchema, json));
      return { ...PLAIN, ...fields };
    },
    ReportOutcome(json) {
      told.push(fromJsonString(ReportOutcomeRequestSchema, json));
      return { counted: true };
    },
    StoreAnswer(json) {
      stored.push(fromJsonString(StoreAnswerRequestSchema, json));
      return storing === 200 ? { stored: true } : undefined;
    },
  };
  const server = createServer((incoming, response) => {
    void incoming.toArray().then((chunks) => {
      const method = methods[incoming.url?.split("/").at(-1) ?? ""];
      const said = method?.(Buffer.concat(chunks as Buffer[]).toString());
      const status = said ? 200 : storing;
      if (status === undefined) return;
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(said ?? {}));
    });
  });
  const port = await listening(server);
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    told,
    stored,
    decide: (next) => void (fields = next),
    storing: (status) => void (storing = status),
    async answers(count) {
      for (const until = performance.now() + WAIT_MS; stored.length < count && performance.now() < until;)
        await sleep(10);
      return stored;
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
