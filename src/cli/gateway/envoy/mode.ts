import { type Finding, warning, wrong } from "../finding.ts";
import { at, type View } from "../view.ts";

interface Place {
  readonly role: "listener" | "upstream";
  /** `allow_mode_override` of the filter. */
  readonly overrides: boolean;
}

const ABOUT = "processing_mode";
const DUPLEX = "FULL_DUPLEX_STREAMED";

/** What Signalbox is shown of a request and of its answer. */
export function checkMode(mode: View, place: Place): Finding[] {
  return [...ofRequest(mode), ...(place.role === "listener" ? ofAnswer(mode, place) : [])];
}

function ofRequest(mode: View): Finding[] {
  const found: Finding[] = [];
  const body = mode.text("request_body_mode") ?? "NONE";
  const where = at(mode, "request_body_mode");
  if (mode.text("request_header_mode") === "SKIP") {
    const message = "request_header_mode SKIP: what is not shown cannot be routed, and x-selected-model is not set";
    found.push(wrong(ABOUT, at(mode, "request_header_mode"), message, "request_header_mode: SEND"));
  }
  if (body === "NONE") {
    const message = "request_body_mode is NONE: the prompt is not shown, so nothing is decided";
    found.push(wrong(ABOUT, where, message, "request_body_mode: BUFFERED"));
  } else if (body === "STREAMED" || body === "BUFFERED_PARTIAL") {
    const message = `request_body_mode ${body}: the head is gone before the body is there, so each request is refused with 500`;
    found.push(wrong(ABOUT, where, message, `request_body_mode: BUFFERED, or ${DUPLEX}`));
  } else if (body === DUPLEX && mode.text("request_trailer_mode") !== "SEND") {
    const message = `Envoy refuses ${DUPLEX} without the trailers`;
    found.push(wrong(ABOUT, where, message, "request_trailer_mode: SEND"));
  } else if (body !== "BUFFERED" && body !== DUPLEX) {
    found.push(wrong(ABOUT, where, "there is no such request_body_mode", `request_body_mode: BUFFERED, or ${DUPLEX}`));
  }
  return found;
}

function ofAnswer(mode: View, { overrides }: Place): Finding[] {
  const found: Finding[] = [];
  const body = mode.text("response_body_mode") ?? "NONE";
  const where = at(mode, "response_body_mode");
  const isDuplex = mode.text("request_body_mode") === DUPLEX;
  if (mode.text("response_header_mode") === "SKIP") {
    const message =
      "response_header_mode SKIP: Signalbox never learns which server failed, and tells nothing in the answer";
    found.push(warning(ABOUT, at(mode, "response_header_mode"), message, "response_header_mode: SEND"));
  }
  if (body === "NONE") {
    const message = "response_body_mode is NONE: usage, cost and time to the first token are not seen";
    found.push(warning(ABOUT, where, message, `response_body_mode: ${isDuplex ? DUPLEX : "STREAMED"}`));
  }
  if (body === "BUFFERED" && (isDuplex || !overrides)) {
    const why = isDuplex ? `beside ${DUPLEX} an override is not heard` : "allow_mode_override is not set";
    const message = `response_body_mode BUFFERED, and ${why}: a stream reaches its client whole, at its end`;
    found.push(wrong(ABOUT, where, message, `response_body_mode: ${isDuplex ? DUPLEX : "STREAMED"}`));
  }
  if (body === DUPLEX && mode.text("response_trailer_mode") !== "SEND") {
    found.push(wrong(ABOUT, where, `Envoy refuses ${DUPLEX} without the trailers`, "response_trailer_mode: SEND"));
  }
  return found;
}
