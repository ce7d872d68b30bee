import assert from "node:assert/strict";
import { test } from "node:test";
import { redactionOptions } from "../../../src/rewrite/pii/options.ts";
import { actsAtAll } from "../../../src/rewrite/pii/policy.ts";
import { createShown } from "../../../src/rewrite/pii/shown.ts";
import { findPii } from "../../../src/signals/pii-find.ts";

const TEXT = "Write to ada@mail.dev or bo@mail.dev, not with 4111 1111 1111 1111.";
const shown = (options: Parameters<typeof redactionOptions.parse>[0], text = TEXT) =>
  createShown(redactionOptions.parse(options), (texts) => findPii(texts, async () => {}))(text);

test("others are shown placeholders, two values by two, and what is allowed everywhere as it is", async () => {
  assert.equal(
    await shown({ entities: { email: "replace" } }),
    "Write to <EMAIL_1> or <EMAIL_2>, not with 4111 1111 1111 1111.",
  );
  assert.equal(await shown({}), TEXT);
});

test("what any rule acts on is not shown, for it is not known yet which one holds", async () => {
  const rules = [{ when: { route: ["health"] }, entities: { email: "hash" as const } }];
  assert.match(await shown({ rules }), /^Write to <EMAIL_1> or <EMAIL_2>, not with 4111/u);
  const all = [{ when: { tenant: ["acme"] }, action: "mask" as const }];
  assert.match(await shown({ rules: all }), /<EMAIL_1>.*<CARD_1>/u);
  const exempt = [{ when: { tenant: ["acme"] }, action: "allow" as const }];
  assert.match(await shown({ action: "replace", rules: exempt }), /<EMAIL_1>.*<CARD_1>/u);
  assert.match(await shown({ action: "replace", entities: { card: "allow" } }), /<EMAIL_1>.*4111/u);
});

test("what refuses a request is not shown either, and quotes, breaks and JSON come through", async () => {
  assert.match(await shown({ entities: { card: "block", email: "block_identity" } }), /<EMAIL_1>.*<CARD_1>/u);
  const json = '{"to":"ada@mail.dev","say":"a \\"quote\\"\\n"}';
  assert.equal(await shown({ action: "replace" }, json), json.replace("ada@mail.dev", "<EMAIL_1>"));
  assert.equal(await shown({ action: "replace" }, 'a "b"\nada@mail.dev'), 'a "b"\n<EMAIL_1>');
  assert.equal(await shown({ action: "replace" }, ""), "");
});

test("nothing is acted on where the first rule that holds allows all, or nothing names anything else", () => {
  const here = { route: "open", tenant: "acme", domains: [] };
  const acts = (options: Parameters<typeof redactionOptions.parse>[0]) =>
    actsAtAll(redactionOptions.parse(options), here);
  assert.ok(!acts({}));
  assert.ok(acts({ action: "mask" }));
  assert.ok(acts({ entities: { email: "hash" } }));
  const open = { when: { route: ["open"] }, action: "allow" as const };
  assert.ok(!acts({ action: "replace", entities: { email: "block" }, rules: [open] }));
  assert.ok(acts({ rules: [{ ...open, entities: { card: "mask" } }] }));
  assert.ok(!acts({ rules: [{ when: { route: ["closed"] }, action: "replace" }] }));
});
