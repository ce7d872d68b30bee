import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Door } from "../fakes/apis/asks.ts";
import type { Fields } from "../fakes/apis/rules.ts";
import type { Answer } from "../fakes/apis/script.ts";
import { arrivedIn } from "./arrived.ts";
import { apiAt, DOORS, PATHS, refusalIn } from "./cells.ts";
import { wholeOf } from "./heard.ts";
import { firstAsk, nextAsk } from "./rounds.ts";
import { type Api, KINDS, type Kind, meets, modelOf, startWorld, type World } from "./world.ts";

const usage = { input: 20, cachedInput: 0, output: 12, reasoning: 5 };
const SEAL = "b3duIHNlYWw=";
const CALLS: Answer = {
  thinking: { text: "The weather is asked.", signature: SEAL },
  text: "I look.",
  tools: [
    { id: "call_1", name: "get_weather", input: { city: "Oslo" } },
    { id: "call_2", name: "get_weather", input: { city: "Rome" } },
  ],
  finish: "tool_calls",
  usage,
};
const DONE: Answer = { text: "17 degrees in both.", finish: "stop", usage };

let world: World;
before(async () => (world = await startWorld()));
after(() => world.close());

async function say(door: Door, kind: Kind, body: Fields, script: Answer) {
  world.script(kind, script);
  const asked = { ...body, model: modelOf(kind) };
  const response = await world.house.post(PATHS[door], asked, { "anthropic-version": "2023-06-01" });
  return { status: response.status, text: await response.text() };
}

/** The two rounds of a loop, the second with `other`; what reached that one. Undefined where it was refused. */
async function loop(door: Door, kind: Kind, stream: boolean, other = kind) {
  const ask: Fields = { ...firstAsk(door), ...(stream && { stream }) };
  const first = await say(door, kind, ask, CALLS);
  assert.equal(first.status, 200, first.text);
  const { stream: _, ...again } = nextAsk(door, ask, wholeOf(door, first.text, stream));
  const fake = world.fakes.get(other.name)!;
  const [seen, broken] = [fake.requests.length, fake.violations.length];
  const second = await say(door, other, again, DONE);
  assert.deepEqual(fake.violations.slice(broken), [], `${kind.name} to ${other.name}`);
  if (second.status !== 200) {
    assert.notEqual(refusalIn(door, second.status, second.text), "");
    assert.equal(fake.requests.length, seen);
    return undefined;
  }
  assert.match(second.text, /17 degrees in both/u);
  const { path, json } = fake.requests.at(-1)!;
  return { api: apiAt(path), arrived: arrivedIn(apiAt(path), json), json: JSON.stringify(json) };
}

/** Chat completions have a place for the seals of Gemini's calls, and none for those of Claude's thoughts. */
const keepsSeal = (door: Door, api: Api) => api !== "openai-chat" && (door !== "openai-chat" || api === "gemini");

for (const door of DOORS) {
  for (const kind of KINDS.filter((each) => meets(door, each))) {
    test(`a tool loop through ${door} with ${kind.name} comes to its end, with what the server sealed as it gave it`, async () => {
      for (const stream of [false, true]) {
        const back = await loop(door, kind, stream);
        assert.ok(back, "its own answer is refused by nobody");
        assert.deepEqual(
          back.arrived.calls?.map(({ input, result }) => [input, result]),
          [
            [{ city: "Oslo" }, "17 degrees"],
            [{ city: "Rome" }, "17 degrees"],
          ],
        );
        assert.ok(!back.json.includes("signalbox"), "our marks stay with us");
        assert.equal(back.arrived.signature, keepsSeal(door, back.api) ? SEAL : undefined);
      }
    });
  }

  test(`what a server sealed for a client of ${door} reaches no server of another API`, async () => {
    const met = KINDS.filter((each) => meets(door, each));
    for (const from of met)
      for (const to of met) {
        const own = from.speaks.includes(door) ? door : from.api;
        const other = to.speaks.includes(door) ? door : to.api;
        if (own === other) continue;
        const back = await loop(door, from, true, to);
        if (back) assert.ok(!back.json.includes(SEAL), `${from.name} to ${to.name}`);
      }
  });
}
