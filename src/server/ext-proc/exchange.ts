import { RouterError } from "../../errors.ts";
import type { RequestRecord } from "../../events.ts";
import { recordOf, type Visit } from "../record.ts";
import { createRequestSide } from "./request.ts";
import { createResponseSide } from "./response.ts";
import { outOfOrder, type Exchange, type Story, type Surroundings } from "./story.ts";

/** The exchange of a filter that stands before the route is chosen. */
export function createExchange(surroundings: Surroundings): Exchange {
  const story: Story = { uploadMs: 0, attempts: [] };
  const record = recorder(surroundings.visit, story);
  const asked = createRequestSide(surroundings, story, record);
  const answered = createResponseSide(surroundings, story, record);
  return {
    take(message) {
      const { request } = message;
      if (message.observabilityMode)
        throw new RouterError("invalid_request", "A filter that only observes is not served.");
      if (request.case === "requestHeaders") return asked.head(message, request.value);
      if (!asked.begun)
        throw outOfOrder("Another message came before request_headers: request_header_mode must be SEND.");
      switch (request.case) {
        case "requestBody":
          return asked.body(request.value);
        case "requestTrailers":
          return asked.trailers();
        case "responseHeaders":
          return answered.head(request.value, asked.modes);
        case "responseBody":
          return answered.body(request.value);
        case "responseTrailers":
          return answered.trailers();
        default:
          throw outOfOrder("A message says nothing of request or response.");
      }
    },
    end() {
      answered.cut();
      if (story.api === undefined) return;
      if (story.sentAt === undefined && story.status === undefined)
        story.error = new RouterError("client_gone", "The request was over before it was decided.");
      record();
    },
  };
}

/** Publishes the one record of the request, the first time, and answers it. */
function recorder(visit: Visit, story: Story): () => RequestRecord | undefined {
  let isPublished = false;
  return () => {
    if (isPublished || story.api === undefined) return undefined;
    isPublished = true;
    const { api, release, sentAt, ...seen } = story;
    const status = story.status ?? (sentAt === undefined ? story.error!.status : 200);
    // What came behind it was nobody's wait for us.
    const timed = story.attempts.length > 0 || sentAt === undefined ? visit : { ...visit, elapsed: () => sentAt };
    const record = recordOf(timed, { ...seen, door: "ext_proc", api, status });
    visit.publish(record);
    release?.();
    return record;
  };
}
