import type { Config } from "../../../config/schema.ts";
import { type Finding, warning, wrong } from "../finding.ts";
import { wantsKey } from "../ours.ts";
import { at } from "../view.ts";
import { bareModel, type Deployment, leadsToUs } from "./parts.ts";

/** A model of LiteLLM's that is Signalbox itself. */
export function checkUpstream({ name, params }: Deployment, config: Config): Finding[] {
  const about = `model ${name}`;
  const found: Finding[] = [];
  const base = params.text("api_base");
  const model = params.text("model") ?? "";
  if (!model.startsWith("openai/")) {
    const message = "LiteLLM must take Signalbox for a server of OpenAI's API";
    found.push(wrong(about, at(params, "model"), message, `model: openai/${bareModel(params) || "auto"}`));
  }
  if (base === undefined) {
    found.push(
      wrong(about, params, "without an api_base LiteLLM asks OpenAI itself", "api_base: Signalbox's URL with /v1"),
    );
  } else if (!/\/v1\/?$/u.test(base)) {
    found.push(
      wrong(
        about,
        at(params, "api_base"),
        "its paths begin with /v1, which LiteLLM does not add",
        "end api_base in /v1",
      ),
    );
  }
  if (leadsToUs(base, config) === false) {
    const message = `api_base has another port than Signalbox listens on (${config.server.listen})`;
    const advice = "correct it, unless something between them maps the port";
    found.push(warning(about, at(params, "api_base"), message, advice));
  }
  if (wantsKey(config) && !params.child("api_key")) {
    const message = "Signalbox asks for a key (server.auth), and this sends none";
    found.push(wrong(about, params, message, "api_key: os.environ/SIGNALBOX_KEY"));
  }
  return found;
}
