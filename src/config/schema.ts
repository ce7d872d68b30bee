import { z } from "zod";
import { cacheOptions, routeCacheOptions } from "../cache/options.ts";
import { cascadeOptions } from "../cascade/options.ts";
import { decisionOptions, profilesOptions, routesWith, rulesOptions, safetyOptions } from "../decision/options.ts";
import { encoderOptions } from "../inference/options.ts";
import { budgetsOptions, ledgerOptions } from "../ledger/options.ts";
import { modelsOptions, tiersWith } from "../pool/options.ts";
import {
  routeSystemOptions,
  routeToolsOptions,
  systemOptions,
  tierMaxTokensOptions,
  tierStopOptions,
  toolsOptions,
} from "../rewrite/options.ts";
import { redactionOptions } from "../rewrite/pii/options.ts";
import { signalsOptions } from "../signals/index.ts";
import { failoverOptions } from "../upstream/failover.ts";
import { breakerOptions, upstreamsOptions } from "../upstream/options.ts";
import { logOptions, recordsOptions } from "./outputs.ts";
import { aliasesOptions, serverOptions } from "./server.ts";

/** The whole config file. Each room owns its part; here they only meet. */
export const configOptions = z.strictObject({
  version: z.literal(1).default(1).meta({ description: "Version of this form of the file." }),
  server: serverOptions.prefault({}).meta({ description: "The doors: addresses, who may ask, limits, headers." }),
  aliases: aliasesOptions,
  upstreams: upstreamsOptions,
  breaker: breakerOptions,
  failover: failoverOptions,
  tiers: tiersWith({ max_tokens: tierMaxTokensOptions, stop: tierStopOptions }),
  models: modelsOptions,
  encoder: encoderOptions.prefault({}),
  signals: signalsOptions
    .prefault({})
    .meta({ description: "What reads the prompts. A signal that is absent is off; {} takes its defaults." }),
  rules: rulesOptions,
  routes: routesWith({
    cache: routeCacheOptions.optional(),
    cascade: cascadeOptions.optional(),
    system: routeSystemOptions.optional(),
    tools: routeToolsOptions.optional(),
  }),
  system: systemOptions.optional(),
  tools: toolsOptions.optional(),
  safety: safetyOptions,
  pii: redactionOptions.optional(),
  decision: decisionOptions.prefault({}),
  profiles: profilesOptions,
  cache: cacheOptions.optional(),
  budgets: budgetsOptions,
  ledger: ledgerOptions.optional().meta({ description: "What requests cost, kept in a file. Off when absent." }),
  records: recordsOptions.optional().meta({ description: "One line for each request in a file. Off when absent." }),
  log: logOptions,
});

/** The config with every default filled in and every reference replaced: it holds secrets. */
export type Config = z.output<typeof configOptions>;

/** The config as people write it. */
export type ConfigInput = z.input<typeof configOptions>;

/** The JSON Schema of the file as people write it, for editors. */
export function jsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(configOptions, {
    io: "input",
    target: "draft-2020-12",
    override: ({ jsonSchema }) => allowReferences(jsonSchema),
  });
  return {
    $schema,
    $id: "urn:signalbox:config:1",
    title: "signalbox.yaml",
    description: "Configuration of Signalbox, a semantic router for LLM traffic.",
    ...rest,
  };
}

/** Instead of any text a reference may stand, which is shorter than a key and has another form. */
function allowReferences(schema: { type?: unknown; pattern?: string; minLength?: number }): void {
  if (schema.type !== "string") return;
  if (schema.minLength !== undefined && schema.minLength > 1) schema.minLength = 1;
  if (schema.pattern !== undefined) schema.pattern = `${schema.pattern}|\\$\\{`;
}
