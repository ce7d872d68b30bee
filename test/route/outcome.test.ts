import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { startHouse, threeModels, type House } from "../rig/house.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };

async function house(t: TestContext, auth: string): Promise<House> {
  const made = await startHouse(threeModels(urls), auth);
  t.after(() => made.stop());
  return made;
}

const decide = async (from: House, headers: Record<string, string>) =>
  (await (await from.route({ chat: { messages: [{ role: "user", content: "hello" }] } }, headers)).json()) as {
    decisionId: string;
    model: string;
  };
const report = (to: House, body: object, headers: Record<string, string>) =>
  to.post("/signalbox.v1.RouterService/ReportOutcome", body, headers);

test("a client with a mere key shuts no target off for the others", async (t) => {
  const made = await house(
    t,
    "  auth: { keys: [{ key: key-of-evil, tenant: evil }, { key: key-of-good, tenant: good }] }",
  );
  const evil = { authorization: "Bearer key-of-evil" };
  for (let i = 0; i < 6; i++) {
    const { decisionId } = await decide(made, evil);
    assert.equal((await report(made, { decisionId, status: 0 }, evil)).status, 200);
  }
  assert.equal((await decide(made, { authorization: "Bearer key-of-good" })).model, "small");
  assert.equal(made.events.filter((event) => event.kind === "outcome").length, 6, "told all the same");
});

test("a trusted gateway's word shuts a target off", async (t) => {
  const made = await house(t, "  auth: { trusted: [127.0.0.1/32] }");
  const gateway = { "x-tenant": "acme" };
  for (let i = 0; i < 3; i++) {
    const { decisionId } = await decide(made, gateway);
    await report(made, { decisionId, status: 503 }, gateway);
  }
  assert.notEqual((await decide(made, gateway)).model, "small");
});

test("nobody tells of another tenant's decision", async (t) => {
  const made = await house(
    t,
    "  auth: { keys: [{ key: key-of-evil, tenant: evil }, { key: key-of-good, tenant: good }] }",
  );
  const { decisionId } = await decide(made, { authorization: "Bearer key-of-good" });
  const told = await report(made, { decisionId, status: 200 }, { authorization: "Bearer key-of-evil" });
  assert.equal(told.headers.get("x-signalbox-error"), "unknown_decision");
});
