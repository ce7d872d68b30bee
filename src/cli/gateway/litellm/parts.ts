import type { Config } from "../../../config/schema.ts";
import { doorsOf, hostOf } from "../ours.ts";
import type { View } from "../view.ts";

/** One entry of `model_list`. */
export interface Deployment {
  readonly name: string;
  readonly view: View;
  readonly params: View;
}

export const deploymentsIn = (root: View): Deployment[] =>
  root.list("model_list").flatMap((view) => {
    const params = view.map("litellm_params");
    return params ? [{ name: view.text("model_name") ?? "", view, params }] : [];
  });

/** Whether this address has the port of our doors; undefined where it stands elsewhere than in the file. */
export function leadsToUs(base: string | undefined, config: Config): boolean | undefined {
  const host = base === undefined ? undefined : hostOf(base);
  const port = doorsOf(config)?.port;
  return host === undefined || port === undefined ? undefined : host.endsWith(`:${port}`);
}

/** Whether a model of LiteLLM's is Signalbox itself: at its port, or asked for one of its aliases. */
export function isOurDoor({ params }: Deployment, config: Config): boolean {
  const asked = bareModel(params);
  const isAlias = config.aliases.some((alias) => asked === alias || asked.startsWith(`${alias}:`));
  return isAlias || leadsToUs(params.text("api_base"), config) === true;
}

/** The model's name without LiteLLM's prefix for the vendor. */
export const bareModel = (params: View): string => (params.text("model") ?? "").replace(/^[\w-]+\//u, "");
