import assert from "node:assert/strict";
import { test } from "node:test";
import { detectLanguage } from "../../src/text/language.ts";

const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  en: ["What is the capital of France?", "Write a poem for my mother please", "please fix the bug in this code"],
  es: [
    "¿Cuál es la capital de Francia y por qué?",
    "Escribe un poema para mi madre por favor",
    "¿Cómo puedo hacer una tortilla?",
  ],
  de: [
    "Was ist die Hauptstadt von Frankreich?",
    "Schreibe mir bitte ein Gedicht für meine Mutter",
    "Wie kann ich das lernen?",
  ],
  fr: [
    "Quelle est la capitale de la France ?",
    "Écris un poème pour ma mère s'il vous plaît",
    "Comment faire du pain avec les enfants ?",
  ],
  pt: ["Qual é a capital da França?", "Escreva um poema para a minha mãe, por favor", "Como você faz isso?"],
  it: ["Qual è la capitale della Francia?", "Scrivi una poesia per mia madre", "Come si fa il pane?"],
  nl: ["Wat is de hoofdstad van Frankrijk?", "Schrijf een gedicht voor mijn moeder", "Hoe kan ik dat leren?"],
  zh: ["法国的首都是哪里？", "请为我的母亲写一首诗", "用 Python 写一个快速排序"],
  ja: ["フランスの首都はどこですか？", "母のために詩を書いてください"],
  ko: ["프랑스의 수도는 어디입니까?", "React 컴포넌트를 만들어 주세요"],
  ru: ["Какая столица Франции?", "Напиши стихотворение для мамы"],
  ar: ["ما هي عاصمة فرنسا؟"],
  he: ["מהי בירת צרפת?"],
  el: ["Ποια είναι η πρωτεύουσα της Γαλλίας;"],
  th: ["เมืองหลวงของฝรั่งเศสคืออะไร"],
  hi: ["फ्रांस की राजधानी क्या है?"],
};

for (const [language, texts] of Object.entries(SAMPLES)) {
  test(`${language} is told by its script or its small words`, () => {
    for (const text of texts) assert.equal(detectLanguage(text), language, text);
  });
}

test("what gives nothing away has no language", () => {
  for (const text of ["", "12 + 30 = ?", "asdf qwer", "!!!"]) assert.equal(detectLanguage(text), undefined, text);
});

test("only the start of a long text is read", () => {
  const start = performance.now();
  assert.equal(detectLanguage(`The cat is on the mat. ${"x".repeat(5_000_000)}`), "en");
  assert.ok(performance.now() - start < 50);
});
