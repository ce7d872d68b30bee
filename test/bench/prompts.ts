/** Prompts of our own writing, the same in every run: most of them English, some code, some in other languages. */

const ENGLISH = [
  "Could you explain how a suspension bridge carries its load, and why the towers do not bend inward?",
  "I have a meeting with the finance team on Thursday and need three short points about our travel costs.",
  "Write a friendly note to a neighbour whose dog barks every morning before six.",
  "Compare renting and buying a small van for a bakery that delivers to eleven cafes each day.",
  "The last invoice lists 14 crates of oranges, but only 12 arrived; what should I say to the supplier?",
  "Summarise the argument in two sentences and name the assumption that it rests on.",
  "What would happen to the tides if the moon were half as far away?",
  "Please keep the tone calm, use no jargon, and stay below one hundred and fifty words.",
  "My daughter is learning fractions; give me five exercises with pizza slices and their answers.",
  "We measured 3.2, 3.5, 2.9 and 4.1 volts: is the fourth reading an outlier, and how sure can we be?",
  "Prove that the sum of two odd numbers is even, step by step, and then generalise it.",
  "Suggest a weekend walk near the coast that is suitable for somebody with a bad knee.",
  "The customer asks for a refund because the kettle leaks; draft a reply that offers a new one first.",
  "List the trade-offs between a queue and a stream for orders that must never be lost.",
  "Rewrite the paragraph so that a ten-year-old understands it, but keep the numbers.",
  "Who painted the ceiling, and how long did the work take according to the letters that survive?",
  "Plan a menu for eight guests, two of them vegan and one allergic to nuts, without using the oven.",
  "If the train leaves at 9:40 and is twelve minutes late, can I still catch the 11:05 ferry?",
  "Design a schedule such that no nurse works more than two nights in a row and every shift has a lead.",
  "You can reach me at jo.miller@example.com or on 020 7946 0018 once the draft is ready.",
];
const CODE = [
  "```ts\nexport function median(values: readonly number[]): number {\n  const sorted = values.toSorted((a, b) => a - b);\n  return sorted[sorted.length >> 1] ?? NaN;\n}\n```",
  "Why does this loop never end? `for (let i = 0; i < list.length; i++) { if (list[i] === 0) list.push(1); }`",
  "```python\ndef chunks(text, size):\n    for start in range(0, len(text), size):\n        yield text[start:start + size]\n```",
  "SELECT city, count(*) FROM orders WHERE placed > '2024-01-01' GROUP BY city HAVING count(*) > 10;",
  'The log says `{"level":"error","code":504,"path":"/v2/items?page=3"}` every few minutes, only at night.',
  "```sh\nfind . -name '*.tmp' -mtime +7 -print0 | xargs -0 rm --\n```",
];
const SPANISH = [
  "¿Puedes explicarme por qué el pan no sube cuando la cocina está fría?",
  "Escribe una carta breve al casero: la calefacción lleva cuatro días sin funcionar.",
  "Compara dos maneras de ahorrar agua en un jardín pequeño y di cuál es más barata.",
  "Necesito un resumen en cinco líneas, sin tecnicismos, antes del viernes.",
];
const GERMAN = [
  "Bitte fasse den Vertrag in drei Sätzen zusammen und nenne die Kündigungsfrist.",
  "Warum gefriert Salzwasser später als Leitungswasser, und um wie viel Grad?",
  "Schreibe eine höfliche Absage an einen Bewerber, der sehr gut vorbereitet war.",
  "Vergleiche zwei Heizungen für ein altes Haus mit 140 Quadratmetern.",
];
const CHINESE = [
  "请解释为什么秋天树叶会变黄,并举两个例子。",
  "帮我写一封邮件,告诉客户发货会晚三天,并且提供一个小小的补偿。",
  "比较一下坐高铁和坐飞机从北京到上海的时间、费用和舒适程度。",
  "证明任意三个连续整数的乘积能被六整除,请一步一步写出来。",
];

/** Of sixteen prompts so many are mostly of this kind. */
const KINDS: readonly (readonly [sentences: readonly string[], share: number])[] = [
  [ENGLISH, 9],
  [CODE, 3],
  [SPANISH, 2],
  [GERMAN, 1],
  [CHINESE, 1],
];
const SEED = 20_240_611;

/** `count` prompts of exactly `length` UTF-16 units each. */
export function prompts(count: number, length: number): string[] {
  const random = sequence(SEED + length);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const kinds = KINDS.flatMap(([sentences, share]) => Array.from({ length: share }, () => sentences));
  return Array.from({ length: count }, (_, index) => {
    const own = kinds[index % kinds.length]!;
    let text = "";
    while (text.length < length) text += `${pick(random() < 0.85 ? own : ENGLISH)} `;
    return text.slice(0, length).toWellFormed();
  });
}

/** A chat completion that asks for each prompt. */
export function chatBodies(texts: readonly string[], stream = false): string[] {
  return texts.map((content) => JSON.stringify({ model: "auto", messages: [{ role: "user", content }], stream }));
}

/** Numbers in [0,1) that are the same for the same seed (mulberry32). */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
