import { RE2JS } from "re2js";
import type { Config } from "../../../config/schema.ts";
import { RouterError } from "../../../errors.ts";
import { type FilterSettings, readSettings } from "../../../server/ext-proc/filter.ts";
import { type Finding, fine, warning, wrong } from "../finding.ts";
import { guardsRequests, slowestDecision, trustsGateways } from "../ours.ts";
import { at, durationOf, type View } from "../view.ts";
import { checkMode } from "./mode.ts";
import type { ExtProc } from "./parts.ts";

const ABOUT = "ext_proc";
/** Envoy's own, where the file says none. */
const MESSAGE_TIMEOUT_MS = 200;

/** One filter that asks Signalbox. */
export function checkFilter(filter: ExtProc, config: Config): Finding[] {
  const { config: view, metadata } = filter;
  const settings = settingsOf(filter);
  if ("verdict" in settings) return [settings];
  const mode = view.map("processing_mode");
  const overrides = view.flag("allow_mode_override") === true;
  const hidden = "there is no processing_mode: Envoy shows no body, so nothing is decided";
  return [
    ...(mode
      ? checkMode(mode, { role: settings.role, overrides })
      : [wrong(ABOUT, view, hidden, "take the processing_mode of adapters/envoy/envoy.yaml")]),
    ...unheard(view, config),
    ...(settings.role === "upstream" ? ofUpstream(view, settings, config) : ofListener(view, settings, config)),
    ...tenant(view, metadata, config),
  ];
}

function settingsOf({ config: view, metadata }: ExtProc): FilterSettings | Finding {
  try {
    return readSettings({ headers: metadata });
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    const where = at(view.map("grpc_service") ?? view, "initial_metadata");
    return wrong(ABOUT, where, error.message, "correct it: until then each request ends in an error");
  }
}

/** Replies of ours that Envoy is told not to heed. */
function unheard(view: View, { server }: Config): Finding[] {
  const found: Finding[] = [];
  if (view.flag("observability_mode") === true) {
    const message = "observability_mode: Envoy does not wait for an answer, so no decision has an effect";
    found.push(wrong(ABOUT, at(view, "observability_mode"), message, "take it out"));
  }
  if (view.flag("disable_clear_route_cache") === true || view.text("route_cache_action") === "RETAIN") {
    const where = view.child("disable_clear_route_cache") ?? at(view, "route_cache_action");
    found.push(wrong(ABOUT, where, "the route is not chosen anew once the model is known", "take it out"));
  }
  const rules = view.map("mutation_rules");
  if (!rules) return found;
  for (const header of [server.routing_header, "content-length"]) {
    if (!refuses(rules, header)) continue;
    const effect =
      header === "content-length"
        ? "a body whose model was rewritten then has a wrong length, and Envoy answers 500"
        : "no route by model is ever taken";
    const message = `mutation_rules refuse ${header}: ${effect}`;
    found.push(wrong(ABOUT, at(view, "mutation_rules"), message, `let them allow ${header}`));
  }
  return found;
}

function refuses(rules: View, header: string): boolean {
  if (matches(rules.map("disallow_expression"), header)) return true;
  if (matches(rules.map("allow_expression"), header)) return false;
  return rules.flag("disallow_all") === true;
}

/** As Envoy itself reads it, the whole name; Envoy refuses what is no expression. */
function matches(expression: View | undefined, header: string): boolean {
  const text = expression?.text("regex");
  if (text === undefined) return false;
  try {
    return RE2JS.compile(text).matches(header);
  } catch {
    return false;
  }
}

function ofListener(view: View, { deadlineMs, onSlow }: FilterSettings, config: Config): Finding[] {
  const found: Finding[] = [];
  const isDuplex = view.map("processing_mode")?.text("request_body_mode") === "FULL_DUPLEX_STREAMED";
  const timeoutMs = durationOf(view, "message_timeout") ?? MESSAGE_TIMEOUT_MS;
  const { ms, of } = slowestDecision(config);
  const allows = view.flag("failure_mode_allow");
  if (!isDuplex && timeoutMs <= deadlineMs) {
    const effect = allows === true ? "lets the request pass undecided" : "answers 504";
    const message = `message_timeout is ${timeoutMs} ms, no more than the ${deadlineMs} ms that Signalbox has for a decision (x-signalbox-deadline-ms): Envoy ${effect} first`;
    const advice = `message_timeout: ${Math.ceil((deadlineMs * 2.5) / 1000)}s`;
    found.push(wrong(ABOUT, at(view, "message_timeout"), message, advice));
  }
  if (ms > deadlineMs) {
    const message = `a decision by this config may take ${ms} ms (${of}), and x-signalbox-deadline-ms leaves it ${deadlineMs}`;
    found.push(warning(ABOUT, at(view, "grpc_service"), message, "raise it, and message_timeout above it"));
  }
  if (allows === undefined && onSlow === "pass") {
    const message = "failure_mode_allow is not said: while Signalbox is down each request is answered with 500";
    const advice = "failure_mode_allow: true, or false where that is meant";
    found.push(warning(ABOUT, view, message, advice));
  }
  if (guardsRequests(config)) found.push(...unchecked(view, { allows: allows === true, onSlow }));
  return found;
}

/** What safety or a rule would stop, and who lets it pass. */
function unchecked(
  view: View,
  { allows, onSlow }: { readonly allows: boolean; readonly onSlow: FilterSettings["onSlow"] },
): Finding[] {
  const advice = "where that must not be: failure_mode_allow: false, and x-signalbox-on-slow: refuse";
  if (allows) {
    return [fine(ABOUT, "while Signalbox is down requests pass that safety or a rule would stop", advice)];
  }
  if (onSlow === "refuse") return [];
  const message =
    "while Signalbox is down nothing passes, but where a decision comes late that passes which safety or a rule would stop";
  return [warning(ABOUT, at(view, "grpc_service"), message, "x-signalbox-on-slow: refuse in its initial_metadata")];
}

function ofUpstream(view: View, { model }: FilterSettings, config: Config): Finding[] {
  const found: Finding[] = [];
  if (model !== undefined && !Object.hasOwn(config.models, model)) {
    const where = at(view.map("grpc_service") ?? view, "initial_metadata");
    const message = `x-signalbox-model names ${JSON.stringify(model)}, which is no model of this config`;
    found.push(wrong(ABOUT, where, message, `name one of: ${Object.keys(config.models).join(", ")}`));
  }
  if (view.flag("failure_mode_allow") === true) {
    const message =
      "failure_mode_allow behind a server that failed: the request goes on with that server's model in it";
    found.push(warning(ABOUT, at(view, "failure_mode_allow"), message, "take it out of the filter of this role"));
  }
  return found;
}

function tenant(view: View, metadata: ExtProc["metadata"], config: Config): Finding[] {
  const { auth } = config.server;
  if (auth === "none" || trustsGateways(config)) return [];
  const says = metadata[auth.tenant_header] !== undefined;
  const message = says
    ? `${auth.tenant_header} is not believed: no address stands under server.auth.trusted`
    : "server.auth wants keys of clients, and names no gateway as trusted";
  const advice = says
    ? "put Envoy's address under server.auth.trusted"
    : "put Envoy's address under server.auth.trusted, unless each client of Envoy sends a key of server.auth.keys";
  return [(says ? wrong : warning)(ABOUT, at(view, "grpc_service"), message, advice)];
}
