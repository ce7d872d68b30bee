import { readForeign } from "../../config/foreign.ts";
import type { Config } from "../../config/schema.ts";
import { checkEnvoy } from "./envoy/index.ts";
import { type Finding, fine } from "./finding.ts";
import { checkKong } from "./kong/index.ts";
import { checkLitellm } from "./litellm/index.ts";
import { openFile, type View } from "./view.ts";

/** Gateways whose own config is looked at. */
export const GATEWAYS = ["envoy", "litellm", "kong"] as const;
export type Gateway = (typeof GATEWAYS)[number];

const CHECKS: Readonly<Record<Gateway, (root: View, config: Config) => Finding[]>> = {
  envoy: checkEnvoy,
  litellm: checkLitellm,
  kong: checkKong,
};

/** What is wrong with a gateway's own file beside our config. Reads nothing else and sends nothing; never throws. */
export function checkGateway(gateway: Gateway, text: string, name: string, config: Config): Finding[] {
  const foreign = readForeign(text);
  if (!("lineOf" in foreign)) {
    return foreign.map(({ line, message }) => ({
      about: gateway,
      verdict: "wrong",
      message: `${line > 0 ? `${name}:${line}` : name}: ${message}`,
      advice: "correct the file; it could not be read",
      ...(line > 0 && { line }),
    }));
  }
  const file = openFile(foreign, name);
  const found = CHECKS[gateway](file.root, config);
  const unread = file.unread().map<Finding>(({ place, line, message }) => ({
    about: gateway,
    verdict: "warning",
    message: `${place}: ${message}`,
    advice: "correct it, or look at this part yourself",
    ...(line > 0 && { line }),
  }));
  const isClean = [...found, ...unread].every(({ verdict }) => verdict === "ok");
  return [...(isClean ? [fine(gateway, `${name} fits this config`)] : []), ...found, ...unread];
}
