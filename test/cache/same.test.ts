import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isOfNow } from "../../src/cache/guards/now.ts";
import { createSameness, type Meaning, type Sameness } from "../../src/cache/same.ts";
import { createEncoder, type LoadedEncoder } from "../../src/inference/create.ts";
import { EncoderError } from "../../src/inference/encoder.ts";
import { encoderOptions } from "../../src/inference/options.ts";

const LOOK = { deadlineMs: 30_000 };
let encoder: LoadedEncoder;

before(async () => {
  const options = encoderOptions.parse({ second_stage: "always", workers: 1 });
  encoder = await createEncoder(options, { clock: () => performance.now() });
});
after(() => encoder.close());

async function decide(sameness: Sameness, a: string, b: string) {
  return sameness.decide(await sameness.read(a, 30_000), await sameness.read(b, 30_000), LOOK);
}

test("the same question in other words is served, whichever of the two was stored", async () => {
  const sameness = createSameness({}, encoder);
  for (const [a, b] of [
    ["What is the capital of Poland?", "Which city is the capital of Poland?"],
    ["How many people live in Kenya?", "What is the population of Kenya?"],
    ["How do I reverse a list in Python?", "In Python, how can I reverse a list?"],
  ] as const) {
    const [one, other] = [await decide(sameness, a, b), await decide(sameness, b, a)];
    assert.deepEqual([one.same, other.same], [true, true], `${a} | ${b}: ${one.score}`);
    assert.ok(Math.abs(one.score! - other.score!) < 1e-9);
  }
});

test("a question that differs in one thing is not, and the guard that saw it is told", async () => {
  const sameness = createSameness({}, encoder);
  for (const [a, b, why] of [
    ["What was Peru's GDP in 2023?", "What was Peru's GDP in 2024?", "numbers"],
    ["How far is Rome in miles?", "How far is Rome in kilometers?", "units"],
    ["What is the capital of Poland?", "What is the capital of Norway?", "names"],
    ["Is it safe to eat raw eggs?", "Is it not safe to eat raw eggs?", "negation"],
    ["A dog is running in the grass.", "A dog runs in the grass.", "statement"],
  ] as const) {
    assert.deepEqual({ ...(await decide(sameness, a, b)), cosine: 0 }, { same: false, why, cosine: 0 });
  }
});

test("a text that is the same to the letter is served, whatever it is", async () => {
  const sameness = createSameness({ threshold: 1 }, encoder);
  const verdict = await decide(sameness, "I have trouble with my card.", " I have trouble with my card.");
  assert.deepEqual(verdict, { same: true, why: "text", cosine: 1, score: 1 });
});

test("a question typed otherwise, with a greeting or with thanks, is the same; what is asked of them is not", async () => {
  const sameness = createSameness({ threshold: 1 }, encoder);
  for (const other of [
    "how does a heat pump work",
    "Hi there, how does a heat pump work?",
    "How does a heat pump work? Thanks!",
    "Please tell me: How does a heat pump work? Thank you.",
  ]) {
    const verdict = await decide(sameness, "How does a heat pump work?", other);
    assert.deepEqual([verdict.same, verdict.why, verdict.score], [true, "words", 1], other);
  }
  for (const [a, b] of [
    ["How do I say hello in German?", "How do I say thanks in German?"],
    ["What do you reply to thank you", "What do you reply to please"],
    ["hello in german", "thanks in german"],
    ["What is 5 + 3?", "What is 5 / 3?"],
    ["What is IT?", "What is it?"],
    ["Wh\u0430t is IT?", "What is IT?"],
  ] as const) {
    const verdict = await decide(sameness, a, b);
    assert.equal(verdict.same, false, `${a} | ${b}: ${verdict.why}`);
  }
});

test("the threshold decides, a domain's own before it", async () => {
  const [a, b] = ["How many people live in Kenya?", "What is the population of Kenya?"];
  const strict = createSameness({ threshold: 1, thresholds: { geography: 0.5 } }, encoder);
  const [one, other] = [await strict.read(a, 30_000), await strict.read(b, 30_000)];
  assert.equal((await strict.decide(one, other, LOOK)).same, false);
  assert.equal((await strict.decide(one, other, { ...LOOK, domain: "math" })).same, false);
  assert.equal((await strict.decide(one, other, { ...LOOK, domain: "geography" })).same, true);
});

test("without a second look only what is word by word the same and nearly parallel is served", async () => {
  const { compare: _, ...alone } = encoder;
  const sameness = createSameness({}, alone);
  const near = await decide(sameness, "How do I sort a list in Python?", "How do I sort the list in Python?");
  assert.equal(near.same, near.cosine >= 0.95);
  const far = await decide(sameness, "How many people live in Kenya?", "What is the population of Kenya?");
  assert.deepEqual([far.same, far.why], [false, "second_look"]);
});

test("an encoder that the model was not fitted to is not trusted with the second look", async () => {
  const other: Meaning = { ...encoder, version: "of somebody else" };
  const verdict = await decide(
    createSameness({}, other),
    "How many people live in Kenya?",
    "What is the population of Kenya?",
  );
  assert.deepEqual([verdict.same, verdict.why], [false, "second_look"]);
});

test("where the second look fails or runs out of time, nothing is served", async () => {
  const busy: Meaning = {
    version: encoder.version,
    encode: (text, deadlineMs) => encoder.encode(text, deadlineMs),
    compare: () => Promise.reject(new EncoderError("deadline", "Out of time.")),
  };
  const verdict = await decide(
    createSameness({}, busy),
    "How many people live in Kenya?",
    "What is the population of Kenya?",
  );
  assert.deepEqual([verdict.same, verdict.why], [false, "second_look"]);
});

test("what is too long to be looked at together is served where no word differs", async () => {
  const short: Meaning = {
    version: encoder.version,
    encode: (text, deadlineMs) => encoder.encode(text, deadlineMs),
    compare: () => Promise.resolve(undefined),
  };
  const sameness = createSameness({}, short);
  const near = await decide(sameness, "How do I sort a list in Python?", "How do I sort the list in Python?");
  assert.equal(near.same, near.cosine >= 0.95);
  const far = await decide(sameness, "How many people live in Kenya?", "What is the population of Kenya?");
  assert.deepEqual([far.same, far.why], [false, "second_look"]);
});

test("questions of now are known in several languages", () => {
  for (const text of [
    "What is the weather in Paris?",
    "Who won yesterday?",
    "What's the latest news?",
    "bitcoin price",
    "What time is it?",
    "Wie ist das Wetter heute?",
    "¿Qué hora es?",
    "Quelle est la météo ?",
    "今天天气怎么样",
    "Who is the president of France?",
    "Give me a random number between 1 and 10",
    "That is not right. Try again.",
  ]) {
    assert.equal(isOfNow(text), true, text);
  }
});

test("questions that keep their answer are not of now", () => {
  for (const text of [
    "What is the capital of France?",
    "How does electric current flow?",
    "What is knowledge?",
    "What is the actual capital of Bolivia?",
    "Who wrote Hamlet?",
    "Wie koche ich Reis?",
    "What is a random forest?",
    "Who was the president in 1990?",
  ]) {
    assert.equal(isOfNow(text), false, text);
  }
});

test("a word of now in the midst of a long text says nothing", () => {
  const page = "history of the town ".repeat(100);
  assert.equal(isOfNow(`Summarize: ${page} the weather was fine ${page}`), false);
  assert.equal(isOfNow(`${page}${page} What is the weather?`), true);
});
