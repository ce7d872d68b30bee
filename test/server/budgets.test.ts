import assert from "node:assert/strict";
import { test } from "node:test";
import { startFakeModel } from "../fakes/model.ts";
import { startHouse, threeModels } from "../rig/house.ts";

test("what is not decided is held against a budget too: a burst passes it by what one of its requests costs", async (t) => {
  const fake = await startFakeModel({ name: "small" });
  const budgets = `budgets: { "*": { usd: 0.00001, per: day } }`;
  const house = await startHouse(threeModels({ small: fake.url, medium: fake.url, large: fake.url }, budgets));
  t.after(async () => {
    await house.stop();
    await fake.close();
  });
  const body = { model: "small", input: "word ".repeat(200) };
  const replies = await Promise.all(Array.from({ length: 20 }, () => house.post("/v1/embeddings", body)));
  const statuses = replies.map(({ status }) => status);
  const answered = statuses.filter((status) => status === 200).length;
  assert.ok(answered >= 1 && answered <= 3, `${answered} of 20 were answered`);
  const refused = replies.find(({ status }) => status === 429)!;
  assert.equal(((await refused.json()) as { error: { code: string } }).error.code, "over_budget");
  assert.ok(Number(refused.headers.get("retry-after")) > 0);
});
