import { didYouMean } from "../../../config/nearest.ts";
import { quote } from "../../../config/problem.ts";
import type { Config } from "../../../config/schema.ts";
import { type Finding, fine, warning, wrong } from "../finding.ts";
import { at, type View } from "../view.ts";
import { checkClassifier, checkGuardrail } from "./configured.ts";
import { checkHook } from "./hook.ts";
import { deploymentsIn, type Deployment, isOurDoor } from "./parts.ts";
import { checkUpstream } from "./upstream.ts";

/** The usual mistakes in the config of a LiteLLM proxy, for each of the ways in which it can ask Signalbox. */
export function checkLitellm(root: View, config: Config): Finding[] {
  const list = root.child("model_list");
  if (!list) {
    const advice = "name the file that `litellm --config` is given; models in its database are not seen";
    return [wrong("litellm", root, "this is no config of a LiteLLM proxy: it has no model_list", advice)];
  }
  const deployments = deploymentsIn(root);
  const classifiers = deployments.filter(({ params }) => params.text("model")?.startsWith("auto_router/"));
  const doors = deployments.filter((deployment) => isOurDoor(deployment, config));
  const guardrails = root
    .list("guardrails")
    .flatMap((guardrail) => guardrail.map("litellm_params") ?? [])
    .filter((params) => params.text("guardrail") === "generic_guardrail_api");
  const hook = checkHook(root, deployments, config, { alone: classifiers.length + doors.length === 0 });
  return [
    ...aliases(root, deployments, config),
    ...hook,
    ...classifiers.flatMap((one) => checkClassifier(one, deployments, config)),
    ...guardrails.flatMap((params) => checkGuardrail(params, config)),
    ...doors.flatMap((one) => checkUpstream(one, config)),
    ...keys(root, deployments),
  ];
}

/** The names that are routed must be models of LiteLLM, whoever routes them. */
function aliases(root: View, deployments: readonly Deployment[], config: Config): Finding[] {
  const where = at(root, "model_list");
  const names = deployments.map(({ name }) => name);
  if (names.includes("*")) return [];
  return config.aliases
    .filter((alias) => !names.includes(alias))
    .map((alias) => {
      const message = `${quote(alias)} is not in model_list: LiteLLM refuses it where the hook is not loaded, does not list it, and loses the usage of its streams`;
      const guess = didYouMean(alias, names);
      const advice = `add model_name: ${alias}, led to the model that is safe when nothing is decided`;
      return wrong("model_list", where, message, guess === undefined ? advice : `${guess} Else ${advice}`);
    });
}

function keys(root: View, deployments: readonly Deployment[]): Finding[] {
  const found: Finding[] = [];
  for (const { params } of deployments) {
    const key = params.text("api_key");
    // A short one is a placeholder for a server that wants none.
    if (key === undefined || key.startsWith("os.environ/") || key.length < SHORTEST_SECRET) continue;
    found.push(warning("keys", at(params, "api_key"), "a key stands in the file itself", "api_key: os.environ/NAME"));
  }
  const general = root.map("general_settings");
  const checks = [
    general?.flag("custom_auth_run_common_checks"),
    root.map("litellm_settings")?.flag("enable_post_custom_auth_checks"),
  ];
  if (general?.child("custom_auth") && checks.includes(undefined)) {
    const message = "custom_auth without both of LiteLLM's own checks: the models of a key are not enforced";
    const advice =
      "general_settings.custom_auth_run_common_checks: true and litellm_settings.enable_post_custom_auth_checks: true";
    found.push(warning("keys", at(general, "custom_auth"), message, advice));
  }
  if (!general?.child("master_key")) {
    found.push(
      fine("keys", "no master_key in the file", "set LITELLM_MASTER_KEY: the proxy does not start without one"),
    );
  }
  return found;
}

const SHORTEST_SECRET = 16;
