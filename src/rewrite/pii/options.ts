import { z } from "zod";

const MOST = 500;
const names = z.array(z.string().min(1).max(256)).min(1).max(MOST);

/** What may be done with personal data. */
const action = z.enum(["allow", "mask", "hash", "replace", "block_identity", "block"]);
export type PiiAction = z.output<typeof action>;

const ACTION_TEXT =
  "allow: sent as it is. mask: its form stays, such as the last four digits. hash: a keyed hash, the same for a tenant's same value. replace: a placeholder such as <EMAIL_1>, restored in the answer. block_identity: refused where the newest turn asks who that is or how to find them, else replace. block: refused.";

const entities = z
  .record(z.string().regex(/^[a-z][a-z_]{0,31}$/, "the name of an entity, such as email or us_ssn"), action)
  .refine((record) => Object.keys(record).length <= MOST, `at most ${MOST} entries`);

const rule = z.strictObject({
  when: z
    .strictObject({
      route: names.optional().describe("Any of these routes."),
      domain: names.optional().describe("The domain signal read any of these."),
      tenant: names.optional().describe("Any of these tenants."),
    })
    .prefault({})
    .describe("All of this must hold; nothing in it means every request."),
  entities: entities.prefault({}).describe("Action by entity."),
  action: action.optional().describe("For entities that the rule does not name; absent, the next rule is asked."),
});

/** What becomes of personal data in what is sent to models. The `pii` part of the config. */
export const redactionOptions = z
  .strictObject({
    action: action.default("allow").describe(`For entities that nothing names. ${ACTION_TEXT}`),
    entities: entities
      .prefault({})
      .describe(
        "Action by entity: those of signals.pii.entities. person, organization, address and location need signals.pii with `learned`.",
      ),
    rules: z
      .array(rule)
      .max(MOST)
      .default([])
      .describe("Other actions for routes, domains and tenants. The first rule that has one for an entity decides."),
    threshold: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe(
        "Score from which a finding counts. 1 leaves alone what could be anybody's, such as support@ or a single first name.",
      ),
    key: z
      .string()
      .min(16)
      .optional()
      .describe(
        "Secret of at least 16 characters that hashes are made with. Without one they last as long as the process.",
      ),
    keep: z
      .enum(["request", "conversation"])
      .default("request")
      .describe(
        "How long a value has the same placeholder. conversation: remembered, encrypted, between its requests; it is known as for decision.keep.",
      ),
    window_ms: z
      .int()
      .min(1_000)
      .max(30 * 86_400_000)
      .default(3_600_000)
      .describe("Milliseconds after which the placeholders of a conversation that rests are forgotten."),
  })
  .describe("What becomes of personal data in what is sent to models, and in their answers. Off when absent.");

export type RedactionOptions = z.output<typeof redactionOptions>;
