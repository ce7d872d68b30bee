import assert from "node:assert/strict";
import { test } from "node:test";
import { similarities, surveyExamples } from "../../src/signals/survey.ts";
import { memoryEncoder } from "../rig/encoder.ts";

const REFUND = [
  "I want my money back",
  "please refund my order",
  "how do I get a refund of my money",
  "give me the money back now",
  "refund the order and give my money back",
];
const LOGIN = [
  "I cannot sign into my account",
  "reset my account access",
  "the sign in page rejects my account",
  "sign in to the account fails",
];
const routes = (...lists: readonly (readonly string[])[]) => lists.map((examples) => ({ examples }));
const survey = (...lists: readonly (readonly string[])[]) =>
  surveyExamples(memoryEncoder(), "static", routes(...lists));

test("routes that lie apart keep their own, let nobody in, and nothing is found", async () => {
  const { routes: all, contradictions, collisions, swallowed } = await survey(REFUND, LOGIN);
  for (const [index, { examples, others, now, proposed }] of all.entries()) {
    assert.deepEqual([examples, others], index === 0 ? [5, 4] : [4, 5]);
    assert.ok(now.kept >= examples - 1, `${now.kept} of ${examples} kept`);
    assert.equal(now.letIn, 0);
    assert.deepEqual(proposed, now, "with no threshold given the learned one is in force");
  }
  assert.deepEqual([contradictions, collisions, swallowed], [[], [], []]);
});

test("a threshold that is given is measured beside the one that is proposed", async () => {
  const given = [{ examples: REFUND, threshold: 1 }, { examples: LOGIN }];
  const [refund] = (await surveyExamples(memoryEncoder(), "static", given)).routes;
  assert.deepEqual([refund!.now.threshold, refund!.now.kept], [1, 0]);
  assert.ok(refund!.proposed!.threshold < 1 && refund!.proposed!.kept > 0);
});

test("with fewer than four examples no threshold is proposed, and a lone example keeps nobody", async () => {
  const [few, lone] = (await survey(REFUND.slice(0, 3), LOGIN.slice(0, 1))).routes;
  assert.equal(few!.proposed, undefined);
  assert.deepEqual([lone!.examples, lone!.now.kept], [1, 0]);
});

test("one text in two routes contradicts, however it is written; twice in one route it does not", async () => {
  const { contradictions, swallowed } = await survey(
    [...REFUND, "  PLEASE refund   my order"],
    [...LOGIN, "Please refund my ORDER"],
  );
  assert.deepEqual(contradictions, [
    [
      { route: 0, example: 1 },
      { route: 1, example: 4 },
    ],
  ]);
  assert.deepEqual(swallowed, [], "what contradicts is said once");
});

test("nearly the same text in two routes collides", async () => {
  const { collisions } = await survey(REFUND, [...LOGIN, "my order: please refund"]);
  assert.deepEqual(
    collisions.map(({ pair }) => pair),
    [
      [
        { route: 0, example: 1 },
        { route: 1, example: 4 },
      ],
    ],
  );
  assert.ok(collisions[0]!.similarity >= 0.9);
});

test("an example that is like another route's and not like its own is swallowed by it", async () => {
  const { swallowed } = await survey(REFUND, [...LOGIN, "please give the money of my order back"]);
  const [found] = swallowed;
  assert.deepEqual([found?.route, found?.example, found?.by], [1, 4, 0]);
  assert.ok(found!.other > found!.own);
});

test("places are those of the lists as they stand, though equal texts count once", async () => {
  const { routes: all, swallowed } = await survey(
    [REFUND[0]!, ...REFUND],
    [LOGIN[0]!, ...LOGIN, "please give the money of my order back"],
  );
  assert.deepEqual(
    all.map(({ examples }) => examples),
    [5, 5],
  );
  assert.deepEqual([swallowed[0]?.route, swallowed[0]?.example], [1, 5]);
});

test("a text is compared with every route, the likeliest first, and with the nearest example of each", async () => {
  const encoder = memoryEncoder();
  const { vector } = await encoder.encode("give the money back", 1000);
  const [first, second] = await similarities(encoder, "static", routes(LOGIN, REFUND), vector);
  assert.deepEqual([first!.route, second!.route], [1, 0]);
  assert.deepEqual(first!.nearest, { route: 1, example: 3 });
  assert.ok(first!.probability >= first!.threshold && second!.probability < second!.threshold);
  assert.ok(first!.similarity > second!.similarity);
});
