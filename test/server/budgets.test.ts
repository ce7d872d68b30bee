import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { startHouse, threeModels } from "../rig/house.ts";

test("what is not decided is held against a budget too: a burst passes it by what one of its requests costs", async (t) => {
  const usage = { prompt_tokens: 200, completion_tokens: 0, total_tokens: 200 };
  const server = createServer((request, response) => {
    const answer = JSON.stringify({ object: "list", data: [], usage });
    request.resume().on("end", () => setTimeout(() => response.end(answer), 300)); // The whole burst is under way.
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const budgets = `budgets: { "*": { usd: 0.00001, per: day } }`;
  const house = await startHouse(threeModels({ small: url, medium: url, large: url }, budgets));
  t.after(async () => {
    await house.stop();
    server.closeAllConnections();
    server.close();
  });
  const body = { model: "small", input: "word ".repeat(200) };
  const replies = await Promise.all(Array.from({ length: 20 }, () => house.post("/v1/embeddings", body)));
  const answered = replies.filter(({ status }) => status === 200).length;
  assert.ok(answered >= 1 && answered <= 3, `${answered} of 20 were answered`);
  const refused = replies.find(({ status }) => status === 429)!;
  assert.equal(((await refused.json()) as { error: { code: string } }).error.code, "over_budget");
  assert.ok(Number(refused.headers.get("retry-after")) > 0);
});
