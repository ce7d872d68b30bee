import { RouterError } from "../../errors.ts";
import type { RequestRecord } from "../../events.ts";
import { recordOf, type Visit } from "../record.ts";
import { createRequestSide } from "./request.ts";
import { createResponseSide } from "./response.ts";
import { outOfOrder, type Exchange, type Story, type Surroundings } from "./story.ts";

/** The exchange of a filter that stands before the route is chosen. */
export function createExchange(surroundings: Surroundings): Exchange {
  const story: Story = { uploadMs: 0, attempts: [] };
  const later = createLater((error) => surroundings.visit.fault("ext_proc door", error));
  const record = recorder(surroundings.visit, story, later.add);
  const asked = createRequestSide(surroundings, story, record);
  const answered = createResponseSide(surroundings, story, record, later.add);
  return {
    take(message) {
      const { part } = message;
      if (message.onlyObserves) throw new RouterError("invalid_request", "A filter that only observes is not served.");
      if (part?.kind === "requestHeaders") return asked.head(message, part);
      if (!asked.begun)
        throw outOfOrder("Another message came before request_headers: request_header_mode must be SEND.");
      switch (part?.kind) {
        case "requestBody":
          return asked.body(part);
        case "requestTrailers":
          return asked.trailers();
        case "responseHeaders":
          return answered.head(part, asked.modes);
        case "responseBody":
          return answered.body(part);
        case "responseTrailers":
          return answered.trailers();
        default:
          throw outOfOrder("A message says nothing of request or response.");
      }
    },
    end() {
      answered.cut();
      if (story.api !== undefined && story.sentAt === undefined && story.status === undefined)
        story.error = new RouterError("client_gone", "The request was over before it was decided.");
      record();
      later.now();
    },
  };
}

/** What nobody need wait for: done once the replies are on their way, or when the stream is over. */
function createLater(fault: (error: unknown) => void) {
  let acts: Array<() => void> = [];
  const now = (): void => {
    const due = acts;
    acts = [];
    try {
      for (const act of due) act();
    } catch (error) {
      fault(error);
    }
  };
  return {
    now,
    add(act: () => void): void {
      // What is written in this turn goes out before it ends.
      if (acts.push(act) === 1) setImmediate(now);
    },
  };
}

/** Makes the one record of the request, the first time, and publishes it later. */
function recorder(visit: Visit, story: Story, later: (act: () => void) => void): () => RequestRecord | undefined {
  let isMade = false;
  return () => {
    if (isMade || story.api === undefined) return undefined;
    isMade = true;
    const { api, release, sentAt, ...seen } = story;
    const status = story.status ?? (sentAt === undefined ? story.error!.status : 200);
    // What came behind it was nobody's wait for us.
    const timed = story.attempts.length > 0 || sentAt === undefined ? visit : { ...visit, elapsed: () => sentAt };
    const record = recordOf(timed, { ...seen, door: "ext_proc", api, status });
    later(() => {
      visit.publish(record);
      release?.();
    });
    return record;
  };
}
