import { didYouMean } from "../../../config/nearest.ts";
import { quote } from "../../../config/problem.ts";
import type { Config } from "../../../config/schema.ts";
import { type Finding, fine, listed, warning, wrong } from "../finding.ts";
import { believesOutcomes, guardsRequests, hostOf, hostsOf, slowestDecision, UNBELIEVED } from "../ours.ts";
import { at, type View } from "../view.ts";
import { bareModel, type Deployment } from "./parts.ts";

const ABOUT = "hook";
const INSTANCE = "signalbox_litellm.proxy.hook";
/** Of the hook, where the environment says none. */
const DEADLINE_MS = 250;

/** The hook, and what stands in the file for it. `alone`: nothing else in the file asks Signalbox to decide. */
export function checkHook(
  root: View,
  deployments: readonly Deployment[],
  config: Config,
  { alone }: { readonly alone: boolean },
): Finding[] {
  const settings = root.map("litellm_settings");
  const named = settings?.texts("callbacks") ?? [];
  const ours = named.find((name) => name.includes("signalbox_litellm"));
  if (ours === undefined) return alone ? [missing(root, settings, named)] : [];
  const where = at(settings ?? root, "callbacks");
  return [
    ...instance(ours, where),
    ...names(root, config),
    ...unknown(deployments, config, root),
    ...retries(root, settings),
    ...environment(root, config),
    ...effort(settings, config),
    ...outcomes(root, where, config),
  ];
}

function missing(root: View, settings: View | undefined, named: readonly string[]): Finding {
  const advice = `litellm_settings: { callbacks: ["${INSTANCE}"] }`;
  const late = ["success_callback", "failure_callback"].find((key) =>
    settings?.texts(key).some((name) => name.includes("signalbox_litellm")),
  );
  if (late !== undefined) {
    const message = `under ${late} the hook is told of answers and decides nothing`;
    return wrong(ABOUT, at(settings!, late), message, advice);
  }
  const own = named.filter((name) => name.includes("."));
  if (own.length > 0) {
    const message = `no callback here is Signalbox's; if ${listed(own)} is a hook of your own that asks it, the rest was not looked at`;
    return warning(ABOUT, at(settings!, "callbacks"), message, advice);
  }
  return wrong(
    ABOUT,
    settings ?? root,
    "nothing in this file asks Signalbox: no callback, classifier or model",
    advice,
  );
}

function instance(name: string, where: View): Finding[] {
  if (name === INSTANCE) return [];
  const isClass = /\.[A-Z]\w*$/u.test(name);
  const message = isClass
    ? `${name} is the class: LiteLLM calls an instance alone, so nothing is decided`
    : `${name} is not the hook of the package`;
  return [(isClass ? wrong : warning)(ABOUT, where, message, `callbacks: ["${INSTANCE}"]`)];
}

/** Names that the hook routes are the aliases of our config. */
function names(root: View, config: Config): Finding[] {
  const variables = root.map("environment_variables");
  const routed = (variables?.text("SIGNALBOX_MODELS") ?? "auto").split(",").map((name) => name.trim());
  return routed
    .filter((name) => !config.aliases.includes(name))
    .map((name) => {
      const where = variables ? at(variables, "SIGNALBOX_MODELS") : root;
      const message = `the hook routes ${quote(name)}, which is no alias of this config (${listed(config.aliases)})`;
      return wrong(ABOUT, where, message, "let SIGNALBOX_MODELS and aliases name the same");
    });
}

/** A model is chosen from those that both sides know, under one name. */
function unknown(deployments: readonly Deployment[], config: Config, root: View): Finding[] {
  const known = deployments.map(({ name }) => name);
  const isWild = known.some((name) => name.includes("*"));
  return Object.entries(config.models).flatMap(([model, { targets }]) => {
    const there = deployments.filter(({ name }) => name === model);
    if (there.length === 0) {
      if (isWild) return [];
      const message = `the model ${model} of this config is no model_name of LiteLLM: it is never chosen there`;
      const advice = didYouMean(model, known) ?? `add model_name: ${model}`;
      return [warning("model_list", at(root, "model_list"), message, advice)];
    }
    return there.flatMap(({ params }) => server(model, params, targets, config));
  });
}

/** Prices, speed and health are kept of the server and model that our config names. */
function server(model: string, params: View, targets: Config["models"][string]["targets"], config: Config): Finding[] {
  const base = params.text("api_base");
  const host = base === undefined ? undefined : hostOf(base);
  const hosts = hostsOf(config, model);
  if (host !== undefined && !hosts.includes(host)) {
    const message = `LiteLLM asks ${host} for the model ${model}; by this config it is at ${listed(hosts)}`;
    return [
      warning(
        "model_list",
        at(params, "api_base"),
        message,
        "let both name one server, unless these are two names of it",
      ),
    ];
  }
  const asked = bareModel(params);
  const ours = targets.map((target) => target.model);
  if (asked === "" || ours.some((name) => name === asked || name === params.text("model"))) return [];
  const message = `LiteLLM asks for ${quote(asked)} as the model ${model}; by this config it is ${listed(ours)}`;
  return [
    warning("model_list", at(params, "model"), message, "let both name one model: prices and quality are its own"),
  ];
}

function retries(root: View, settings: View | undefined): Finding[] {
  const router = root.map("router_settings");
  const tries = router?.number("num_retries") ?? settings?.number("num_retries");
  if (tries === 0) return [];
  const where = router?.child("num_retries") ?? settings?.child("num_retries") ?? router ?? root;
  const message = `LiteLLM asks a model that fails ${tries === undefined ? "again and again" : `${tries} more times`} before the next one of the decision`;
  return [warning("router_settings", where, message, "router_settings: { num_retries: 0 }")];
}

/** What the environment says stands in the file only where it sets it. */
function environment(root: View, config: Config): Finding[] {
  const variables = root.map("environment_variables");
  const { ms, of } = slowestDecision(config);
  const deadlineMs = variables?.number("SIGNALBOX_DEADLINE_MS") ?? DEADLINE_MS;
  const found: Finding[] = [];
  if (ms > deadlineMs) {
    const where = variables?.child("SIGNALBOX_DEADLINE_MS") ?? root;
    const message = `a decision by this config may take ${ms} ms (${of}), and the hook waits ${deadlineMs}`;
    found.push(
      warning(
        ABOUT,
        where,
        message,
        `SIGNALBOX_DEADLINE_MS=${ms + DEADLINE_MS} where LiteLLM runs, if it is not set there`,
      ),
    );
  }
  if (guardsRequests(config) && variables?.text("SIGNALBOX_ON_ERROR") !== "refuse") {
    const message =
      "while Signalbox is away requests pass that safety or a rule would stop, unless the environment says otherwise";
    found.push(fine(ABOUT, message, "SIGNALBOX_ON_ERROR=refuse where blocked must be blocked"));
  }
  return found;
}

function outcomes(root: View, where: View, config: Config): Finding[] {
  const isOff = root.map("environment_variables")?.text("SIGNALBOX_REPORT") === "off";
  if (isOff || believesOutcomes(config)) return [];
  return [warning(ABOUT, where, UNBELIEVED, "put the address of LiteLLM under server.auth.trusted")];
}

function effort(settings: View | undefined, { models }: Config): Finding[] {
  if (settings?.flag("drop_params") !== true) return [];
  if (Object.values(models).every(({ reasoning }) => reasoning === undefined)) return [];
  const message =
    "drop_params drops what LiteLLM thinks a model does not take: the effort that is decided is lost for models that it does not know";
  const advice = "allowed_openai_params: [reasoning_effort] in the litellm_params of models that take it";
  return [warning("litellm_settings", at(settings, "drop_params"), message, advice)];
}
