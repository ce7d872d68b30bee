import assert from "node:assert/strict";
import { test } from "node:test";
import type { Guard } from "../../../src/cache/guards/guard.ts";
import { differenceOf, GUARDS } from "../../../src/cache/guards/index.ts";
import { isStatement } from "../../../src/cache/guards/statement.ts";
import { MOST_UNITS, readTurn } from "../../../src/cache/guards/turn.ts";
import { seeded } from "../../../src/statistics/sample.ts";
import { CASES } from "./cases.ts";

const guardNamed = (name: string): Guard => GUARDS.find((guard) => guard.name === name)!;

for (const [name, { differ, same }] of Object.entries(CASES)) {
  test(`${name}: sees where two questions differ`, () => {
    for (const [a, b] of differ) {
      assert.equal(guardNamed(name).differ(readTurn(a), readTurn(b)), true, `${a} | ${b}`);
      assert.equal(guardNamed(name).differ(readTurn(b), readTurn(a)), true, `${b} | ${a}`);
    }
  });

  test(`${name}: sees nothing where they are the same in its way`, () => {
    for (const [a, b] of same) {
      assert.equal(guardNamed(name).differ(readTurn(a), readTurn(b)), false, `${a} | ${b}`);
      assert.equal(guardNamed(name).differ(readTurn(b), readTurn(a)), false, `${b} | ${a}`);
    }
  });
}

test("every guard has a table of cases", () => {
  assert.deepEqual(
    GUARDS.map(({ name }) => name).filter(
      (name) => (CASES[name]?.differ.length ?? 0) < 4 || CASES[name]!.same.length < 4,
    ),
    [],
  );
});

test("no guard sees a difference where the other table's paraphrases have none", () => {
  for (const { same } of Object.values(CASES)) {
    for (const [a, b] of same) {
      const seen = GUARDS.filter((guard) => guard.differ(readTurn(a), readTurn(b))).map(({ name }) => name);
      assert.deepEqual(seen, [], `${a} | ${b}`);
    }
  }
});

test("words that every object of JavaScript knows are read like any other", () => {
  for (const word of ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"]) {
    const [a, b] = [readTurn(`What is ${word} for?`), readTurn(`what is ${word} for`)];
    assert.ok(a.tokens.some(({ text }) => text === word.toLowerCase()));
    assert.deepEqual(differenceOf(a, b), { doubts: [] }, word);
    assert.equal(differenceOf(a, readTurn(`What is ${word} not for?`)).verdict, "negation", word);
  }
});

const PIECES = [
  "constructor",
  "__proto__",
  "what",
  "Is",
  " ",
  "not",
  "Paris",
  "12",
  "3.5",
  "km",
  "%",
  '"',
  "`",
  "```",
  "'",
  "’s",
  "-",
  "\n",
  "🙂",
  "\ud800",
  "東京",
  "Straße",
  "İ",
  "e\u0301",
  "from",
  "and",
  "?",
  "؟",
  "٣",
  "½",
];

for (const seed of [3, 21])
  test(`guards are total and symmetric on any text, and no text differs from itself (seed ${seed})`, () => {
    const random = seeded(seed);
    const draw = () =>
      Array.from({ length: Math.floor(random() * 24) }, () => {
        const piece =
          random() < 0.7 ? PIECES[Math.floor(random() * PIECES.length)]! : String.fromCharCode(random() * 65_536);
        return random() < 0.5 ? `${piece} ` : piece;
      }).join("");
    for (let time = 0; time < 1_500; time++) {
      const [a, b] = [readTurn(draw()), readTurn(draw())];
      for (const guard of GUARDS) {
        assert.equal(guard.differ(a, b), guard.differ(b, a), `${guard.name}: ${JSON.stringify([a.text, b.text])}`);
        assert.equal(guard.differ(a, a), false, `${guard.name}: ${JSON.stringify(a.text)}`);
      }
      assert.equal(typeof isStatement(a), "boolean");
    }
  });

const HOSTILE: Readonly<Record<string, (length: number) => string>> = {
  quotes: (length) => '"'.repeat(length),
  "open quotes": (length) => "“a".repeat(length / 2),
  backticks: (length) => "`".repeat(length),
  apostrophes: (length) => "a'".repeat(length / 2),
  digits: (length) => "1,".repeat(length / 2),
  "number words": (length) => "twenty ".repeat(length / 7),
  "joined number words": (length) => "hundred and ".repeat(length / 12),
  capitals: (length) => "Ab ".repeat(length / 3),
  "different words": (length) => Array.from({ length: length / 5 }, (_, at) => `w${at.toString(36)}`).join(" "),
  names: (length) => `x ${Array.from({ length: length / 6 }, (_, at) => `N${at.toString(36)} and`).join(" ")}`,
  marks: (length) => "\u0301".repeat(length),
  spaces: (length) => " ".repeat(length),
};

test("reading and comparing hostile texts takes time that grows with their length alone", () => {
  const took = (make: (length: number) => string, length: number) => {
    const text = make(length);
    let best = Infinity;
    for (let time = 0; time < 3; time++) {
      const start = process.cpuUsage();
      const [a, b] = [readTurn(text), readTurn(`${text} x`)];
      for (const guard of GUARDS) guard.differ(a, b);
      // Of this process alone: what others do on the machine is not in it.
      best = Math.min(best, process.cpuUsage(start).user / 1_000);
    }
    return best;
  };
  for (const [name, make] of Object.entries(HOSTILE)) {
    const [short, long] = [took(make, 1_000), took(make, 8_000)];
    // Eight times the length: sixty-four times the time would be the square.
    assert.ok(long < 30 * short + 60, `${name}: ${short} ms, then ${long} ms`);
  }
});

test("what is longer than a turn may be is cut, and says so", () => {
  assert.equal(readTurn("a".repeat(MOST_UNITS)).isWhole, true);
  const long = readTurn("a ".repeat(MOST_UNITS));
  assert.equal(long.isWhole, false);
  assert.ok(long.text.length <= MOST_UNITS);
});

test("what tells instead of asking is a statement", () => {
  for (const text of [
    "A dog is running.",
    "The man played his guitar.",
    "I have trouble with my card.",
    "犬が走っています。",
    "Mężczyzna gra dzisiaj na gitarze w parku.",
  ]) {
    assert.equal(isStatement(readTurn(text)), true, text);
  }
  for (const text of [
    "Is a dog running?",
    "reset password",
    "calories in 36 grams of rice",
    "Translate this into French.",
    "I need a cover letter for a nurse.",
    "by whom was toyota founded",
    "A train goes 60 miles. What is its speed",
    "Wie viele Einwohner hat Berlin",
    "東京の人口は何ですか",
  ]) {
    assert.equal(isStatement(readTurn(text)), false, text);
  }
});
