import type { Check } from "./diagnosis.ts";
import { likelyNames } from "./probe.ts";

/** @param served what the upstream lists; undefined where it lists nothing */
export function targetCheck(id: string, model: string, served: readonly string[] | undefined): Check {
  const about = `target ${id}`;
  if (!served) return { about, verdict: "ok", message: "not looked for: the upstream does not list its deployments" };
  if (served.includes(model)) return { about, verdict: "ok", message: "served" };
  const likely = likelyNames(model, served);
  const advice = likely.length > 0 ? `it serves ${likely.join(", ")}` : "load the model there";
  return { about, verdict: "wrong", message: "the upstream serves no model of this name", advice };
}

/** Without it nothing stands still: its base answers. */
export function adapterCheck(id: string, adapter: string, served: readonly string[] | undefined): Check {
  const check = targetCheck(id, adapter, served);
  if (check.verdict === "ok") return check;
  const message = "the upstream serves no adapter of this name, so that its base answers";
  return { ...check, verdict: "warning", message };
}
