import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { complexityOptions, createComplexity } from "../../src/signals/complexity.ts";
import type { Reading } from "../../src/contracts.ts";
import { promptOf } from "./prompt.ts";

const calm = { spent: () => false, breathe: async () => {}, share: () => {} };

function read(turn: string, options: object = {}): readonly Reading[] {
  const look = createComplexity(complexityOptions.parse(options)).fast(promptOf(turn), calm);
  assert.ok(!(look instanceof Promise));
  return look.readings;
}

const label = (turn: string) => read(turn)[0]!.label;
const difficulty = (turn: string) => {
  const score = (name: string) => read(turn).find((reading) => reading.label === name)!.score;
  return score("complex") - score("simple");
};

for (const turn of [
  "hi",
  "What time is it in Lisbon?",
  "Play some jazz",
  "Who wrote Faust?",
  "¿Dónde está la biblioteca?",
  "Wie spät ist es?",
  "今天天气怎么样？",
  "Où est la gare ?",
]) {
  test(`simple: ${turn}`, () => assert.equal(label(turn), "simple"));
}

for (const turn of [
  "Prove step by step that the square root of two is irrational, then explain why the proof fails for four.",
  "Design a payment system that must survive the loss of a data centre; compare two approaches, analyse the trade-offs, and justify your choice in at most 500 words.",
  "Beweise Schritt für Schritt, dass es unendlich viele Primzahlen gibt, und vergleiche zwei Beweise. Warum ist der zweite kürzer?",
  "Demuestra paso a paso que la raíz de dos es irracional y compara dos demostraciones. ¿Por qué la segunda es más corta?",
  "请一步一步地证明根号二是无理数，并分析为什么这个证明对四不成立，比较两种方法的优缺点。",
  "Démontrez étape par étape que racine de deux est irrationnelle et comparez deux preuves. Pourquoi la seconde est-elle plus courte ?",
  "Prove que a raiz de dois é irracional, passo a passo, e compare duas provas. Por que a segunda é mais curta?",
  "Dimostra passo dopo passo che la radice di due è irrazionale e confronta due prove. Perché la seconda è più breve?",
  "ルート2が無理数であることを順を追って証明し、二つの証明を比較して、なぜ後者が短いのか分析してください。",
]) {
  test(`complex: ${turn.slice(0, 50)}`, () => assert.equal(label(turn), "complex"));
}

test("constraints, questions, code and items each make a prompt harder", () => {
  const plain = "Write a function that adds two numbers.";
  for (const more of [
    "It must use at most ten lines, without recursion.",
    "What if one is negative? And what if both are?",
    "```ts\nconst add = (a, b) => sum(a_list)\n```",
    "\n1. fast\n2. small\n3. documented",
  ]) {
    assert.ok(difficulty(`${plain} ${more}`) > difficulty(plain), more);
  }
});

test("the three labels are all read, the strongest first, and sum to one", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 300 }), (turn) => {
      const readings = read(`x${turn}`);
      assert.deepEqual(readings.map((reading) => reading.label).sort(), ["complex", "moderate", "simple"]);
      assert.ok(Math.abs(readings.reduce((sum, { score }) => sum + score, 0) - 1) < 1e-9);
      assert.ok(readings[0]!.score >= readings[1]!.score && readings[1]!.score >= readings[2]!.score);
      assert.ok(readings.every(({ confidence }) => confidence >= 0.5 && confidence <= 1));
    }),
    { seed: 5, numRuns: 200 },
  );
});

test("thresholds move the labels", () => {
  const turn = "Explain how a hash table works and write a short example in Python.";
  assert.equal(read(turn, { thresholds: { moderate: 0.98, complex: 0.99 } })[0]!.label, "simple");
  assert.equal(read(turn, { thresholds: { moderate: 0.01, complex: 0.02 } })[0]!.label, "complex");
});

test("an empty turn has no difficulty", () => {
  assert.deepEqual(read(" \n"), []);
});

test("thresholds in the wrong order are refused", () => {
  assert.ok(!complexityOptions.safeParse({ thresholds: { moderate: 0.7, complex: 0.35 } }).success);
});
