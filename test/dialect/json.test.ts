import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { applyEdits, findSpans, insertMember, joinEdits, parseBody, replaceSpans } from "../../src/dialect/json.ts";
import { firstFault } from "../../src/dialect/fault.ts";
import { RouterError } from "../../src/errors.ts";
import { createMutator } from "./mutate.ts";

const LIMITS = { bytes: 10_000, depth: 8, items: 50 };
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const refusal = (code: string, message: RegExp) => (error: unknown) => {
  assert(error instanceof RouterError);
  assert.equal(error.code, code);
  assert.match(error.message, message);
  assert.equal(error.cause, undefined);
  return true;
};

/** JSON text written in every way that JSON allows, with the value that it stands for. */
interface Written {
  readonly text: string;
  readonly members?: readonly (readonly [key: string, value: string])[];
}

const space = fc.constantFrom("", "", " ", "\n", "\t \r\n");
const char = fc.constantFrom("a", "é", "漢", "😀", '"', "\\", "/", "\n", "{", "}", "[", "]", ",", ":", "\u0000", " ");
const string = fc
  .array(fc.tuple(char, fc.boolean()), { maxLength: 6 })
  .map(
    (chars) =>
      `"${chars.map(([char, escaped]) => (escaped ? unicodeEscape(char) : JSON.stringify(char).slice(1, -1))).join("")}"`,
  );
const scalar = fc.oneof(
  fc.constantFrom("1e400", "-0", "1.0", "0.1E+2", "123456789012345678901234567890", "true", "false", "null", '""'),
  string,
);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc
      .array(fc.tuple(space, tie("value"), space), { maxLength: 4 })
      .map((items) => `[${items.map((i) => i.join("")).join(",")}]`),
    fc
      .array(fc.tuple(space, string, space, space, tie("value"), space), { maxLength: 4 })
      .map((members) => `{${members.map(([a, key, b, c, value, d]) => `${a}${key}${b}:${c}${value}${d}`).join(",")}}`),
  ),
}));
const modelKey = fc.constantFrom('"model"', '"mod\\u0065l"', '"\\u006D\\u006f\\u0064\\u0065\\u006c"');
const otherKey = string.filter((key) => JSON.parse(key) !== "model");
const object = fc
  .tuple(
    space,
    fc.array(fc.tuple(space, fc.oneof(modelKey, otherKey), space, space, value, space), { maxLength: 6 }),
    fc.tuple(space, space),
  )
  .map(([before, members, [inside, after]]): Written => ({
    text: `${before}{${members.map(([a, key, b, c, value, d]) => `${a}${key}${b}:${c}${value}${d}`).join(",") || inside}}${after}`,
    members: members.map(([, key, , , value]) => [JSON.parse(key) as string, value] as const),
  }));

function unicodeEscape(char: string): string {
  return [...Array(char.length).keys()].map((i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`).join("");
}

describe("parsing", () => {
  test("a body is what JSON.parse makes of it", () => {
    const text = ' {"model":"a:{,","x":[1.0,-0,1e400,"\\u00e9"],"1":{"model":"b"},"":[{"x":{}},{"x":null}]} ';
    assert.deepEqual(parseBody(bytesOf(text), LIMITS), JSON.parse(text));
  });

  const REPEATED: readonly (readonly [text: string, param: string | undefined])[] = [
    ['{"model":"a","model":"b"}', "model"],
    ['{"messages":[{"role":"user","content":"a","content":"b"}]}', "content"],
    ['{"a":{"b":[1,{"c":2,"d":{},"c":[]}]}}', "c"],
    ['{"mod\\u0065l":1, "model" :1}', "model"],
    ['{"__proto__":1,"__proto__":1}', "__proto__"],
    ['{"1":1,"1":1}', undefined],
    ['{"secret words":1,"secret words":2}', undefined],
    ['{"a":{"x":{"y":1}},"a":null}', "a"],
  ];
  for (const [text, param] of REPEATED) {
    test(`${text} is refused: one reader takes the last, another the first`, () => {
      assert.throws(
        () => parseBody(bytesOf(text), LIMITS),
        (error) => {
          assert(refusal("invalid_request", /^An object of the body has the same key twice\.$/)(error));
          assert.equal((error as RouterError).param, param);
          return true;
        },
      );
    });
  }

  test("the same key in different objects, and colons in strings, are nothing to refuse", () => {
    const text = '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}],"A":"x:y,\\"a\\":1"}';
    assert.deepEqual(parseBody(bytesOf(text), LIMITS), JSON.parse(text));
  });

  test("any object with one of its members written once more is refused", () => {
    fc.assert(
      fc.property(object, fc.nat(), ({ text, members }, pick) => {
        const keys = members!.map(([key]) => key);
        const isUnique = new Set(keys).size === keys.length;
        const parse = (text: string) => parseBody(bytesOf(text), { bytes: 1e6, depth: 64, items: 1e4 });
        if (isUnique && !hasRepeat(text)) assert.deepEqual(parse(text), JSON.parse(text));
        if (keys.length === 0) return;
        const [key, value] = members![pick % members!.length]!;
        const twice = text.replace(/\}\s*$/, (end) => `,${JSON.stringify(key)}:${value}${end}`);
        assert.throws(() => parse(twice), refusal("invalid_request", /twice/));
      }),
      { seed: 4, numRuns: 1000 },
    );
  });

  test("a __proto__ key is a member and changes no prototype", () => {
    const body = parseBody(bytesOf('{"__proto__":{"model":"evil"}}'), LIMITS) as Record<string, unknown>;
    assert.equal(body["model"], undefined);
    assert.equal(Object.getPrototypeOf(body), Object.prototype);
  });

  test("limits hold exactly: bytes, depth, items", () => {
    const parse = (text: string, limits: Partial<typeof LIMITS>) => parseBody(bytesOf(text), { ...LIMITS, ...limits });
    assert.doesNotThrow(() => parse("[1]", { bytes: 3 }));
    assert.throws(() => parse("[10]", { bytes: 3 }), refusal("body_too_large", /3 bytes/));
    assert.doesNotThrow(() => parse('[{"a":[]}, [[]]]', { depth: 3 }));
    assert.throws(() => parse('[{"a":[[]]}]', { depth: 3 }), refusal("too_deep", /3 levels/));
    assert.doesNotThrow(() => parse('{"a":[ ],"b":{ },"c":"x,y,[z"}', { items: 3 }));
    assert.doesNotThrow(() => parse("[1,[2],[]]", { items: 4 }));
    assert.throws(() => parse("[1,[2],[3]]", { items: 4 }), refusal("too_many_items", /4 members and elements/));
  });

  test("ten megabytes of opening brackets are refused at once", () => {
    const start = performance.now();
    assert.throws(
      () => parseBody(new Uint8Array(1e7).fill(0x5b), { bytes: 1e8, depth: 64, items: 1e5 }),
      refusal("too_deep", /64/),
    );
    assert(performance.now() - start < 1000);
  });

  const FAULTS: readonly (readonly [text: string, position: number])[] = [
    ["", 0],
    ["  ", 2],
    ["\uFEFF{}", 0],
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ["[1 2]", 3],
    ["[1,]", 3],
    ['{"a":tru}', 8],
    ["[01]", 2],
    ['["é\\x"]', 5],
    ['["a\nb"]', 3],
    ['["\\u12g4"]', 6],
    ['["open', 6],
    ['{"a":[1', 7],
    ["[1]]", 3],
    ["{}x", 2],
    ["[1}", 2],
    ["{'a':1}", 1],
  ];
  for (const [text, position] of FAULTS) {
    test(`${JSON.stringify(text)} is refused at byte ${position}`, () => {
      assert.throws(
        () => parseBody(bytesOf(text), LIMITS),
        refusal("invalid_json", new RegExp(`at byte ${position}\\.$`)),
      );
    });
  }

  test("invalid UTF-8 is refused at its byte, whatever stands around it", () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"é漢'), Buffer.from([0xc3, 0x28]), Buffer.from('漢"}')]);
    assert.throws(() => parseBody(bytes, LIMITS), refusal("invalid_json", /UTF-8 at byte 12\.$/));
    assert.throws(
      () => parseBody(Buffer.from([0x22, 0xe6, 0xbc]), LIMITS),
      refusal("invalid_json", /UTF-8 at byte 3\.$/),
    );
  });

  test("no text of the body stands in the error", () => {
    assert.throws(
      () => parseBody(bytesOf('{"secret-word" oops}'), LIMITS),
      (error: Error) => !/secret|oops/.test(String(error.stack)),
    );
  });

  test("the search for the fault agrees with JSON.parse on what is JSON", () => {
    const mutate = createMutator(11);
    fc.assert(
      fc.property(value, (text) => {
        assert.equal(firstFault(bytesOf(text)), -1);
        const mutated = textOf(mutate(bytesOf(text)));
        let good = true;
        try {
          JSON.parse(mutated);
        } catch {
          good = false;
        }
        const fault = firstFault(bytesOf(mutated));
        assert.equal(fault === -1, good, mutated);
        assert(fault <= bytesOf(mutated).length);
      }),
      { seed: 7, numRuns: 3000 },
    );
  });
});

describe("spans", () => {
  const found = (text: string, path: readonly (string | number)[]) =>
    findSpans(bytesOf(text), path).map(({ offset, length }) => textOf(bytesOf(text).subarray(offset, offset + length)));

  test("every occurrence is found, keys read after unescaping, other levels left alone", () => {
    const text = '{ "x":{"model":0}, "model" : "a" ,"mod\\u0065l":{"é":[1]},"modell":1,"é\\"model":2,"model":null}';
    assert.deepEqual(found(text, ["model"]), ['"a"', '{"é":[1]}', "null"]);
  });

  test("paths go through objects and arrays, duplicates included", () => {
    const text = '{"a":[{"b":1},{"b":2,"b":[3]}],"a":[0, {"b" : "x"} ]}';
    assert.deepEqual(found(text, ["a", 1, "b"]), ["2", "[3]", '"x"']);
    assert.deepEqual(found(text, ["a", 7]), []);
    assert.deepEqual(found(text, [0]), []);
    assert.deepEqual(found(" [1] ", []), ["[1]"]);
    assert.deepEqual(found('"a"', ["a"]), []);
  });

  test("two hundred thousand levels are skipped without growing the stack", () => {
    const deep = `{"a":${"[".repeat(2e5)}${"]".repeat(2e5)},"model":"m"}`;
    assert.deepEqual(found(deep, ["model"]), ['"m"']);
  });

  test("bytes that are no JSON end the search, whatever they are", () => {
    const mutate = createMutator(3);
    const body = bytesOf('{"a":[1,{"model":"x"}],"model":"y","b":{"c":[]}}');
    for (let i = 0; i < 5000; i++) {
      const bytes = mutate(body);
      for (const path of [
        ["a", 1, "b"],
        ["b", "c", 0],
        [0, 0],
      ]) {
        for (const span of findSpans(bytes, path)) assert(span.offset + span.length <= bytes.length);
      }
    }
  });
});

describe("edits", () => {
  test("a new value in every place changes exactly those values, for any JSON", () => {
    fc.assert(
      fc.property(object, ({ text, members }) => {
        const bytes = bytesOf(text);
        const spans = findSpans(bytes, ["model"]);
        const originals = spans.map(({ offset, length }) => textOf(bytes.subarray(offset, offset + length)));
        assert.deepEqual(
          originals,
          members!.filter(([key]) => key === "model").map(([, value]) => value),
        );
        const edited = applyEdits(bytes, replaceSpans(spans, '"NEW"'));
        assert.equal(textOf(edited), splice(bytes, spans, '"NEW"'));
        // Putting the old values back gives the old bytes.
        const back = findSpans(edited, ["model"]).map(({ offset, length }, i) => ({
          offset,
          length,
          bytes: Buffer.from(originals[i]!),
        }));
        assert.deepEqual(Buffer.from(applyEdits(edited, back)), Buffer.from(bytes));
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  test("an added member is the last one and every old byte stays, for any object", () => {
    fc.assert(
      fc.property(object, ({ text }) => {
        const bytes = bytesOf(text);
        const edit = insertMember(bytes, 'k"', "[1]");
        const edited = applyEdits(bytes, [edit]);
        const parsed = JSON.parse(textOf(edited)) as Record<string, unknown>;
        assert.deepEqual(parsed['k"'], [1]);
        delete parsed['k"'];
        const before = JSON.parse(text) as Record<string, unknown>;
        delete before['k"'];
        assert.deepEqual(parsed, before);
        const without = Buffer.concat([
          edited.subarray(0, edit.offset),
          edited.subarray(edit.offset + edit.bytes.length),
        ]);
        assert.deepEqual(without, Buffer.from(bytes));
      }),
      { seed: 2, numRuns: 2000 },
    );
  });

  test("a member is added before the white space that ends the object", () => {
    const added = (text: string) => textOf(applyEdits(bytesOf(text), [insertMember(bytesOf(text), "b", "2")]));
    assert.equal(added("{}"), '{"b":2}');
    assert.equal(added("{ }"), '{"b":2 }');
    assert.equal(added('{\n  "a": {}\n}\n'), '{\n  "a": {},"b":2\n}\n');
    assert.throws(() => insertMember(bytesOf("[]"), "b", "2"), RangeError);
  });

  test("edits from several hands join in order", () => {
    const bytes = bytesOf('{"stream":true,"model":"a"}');
    const edits = joinEdits([insertMember(bytes, "x", "1")], replaceSpans(findSpans(bytes, ["model"]), '"bb"'));
    assert.equal(textOf(applyEdits(bytes, edits)), '{"stream":true,"model":"bb","x":1}');
  });

  test("edits that are unsorted, overlap or leave the body are refused", () => {
    const edit = (offset: number, length: number) => ({ offset, length, bytes: new Uint8Array(0) });
    const bytes = bytesOf("abcdef");
    for (const edits of [
      [edit(3, 1), edit(1, 1)],
      [edit(0, 3), edit(2, 1)],
      [edit(5, 2)],
      [edit(-1, 1)],
      [edit(2, -1)],
      [edit(NaN, 0)],
    ]) {
      assert.throws(() => applyEdits(bytes, edits), RangeError);
    }
    assert.equal(applyEdits(bytes, []), bytes);
  });
});

/** The plain way: what is written again from the parsed value is shorter where a member was lost. */
function hasRepeat(text: string): boolean {
  const keys = text.match(/"(?:[^"\\]|\\.)*"(?=\s*:)/g)?.length ?? 0;
  let kept = 0;
  JSON.parse(text, function count(this: unknown, key: string, value: unknown) {
    if (!Array.isArray(this) && key !== "") kept += 1;
    return value;
  });
  return kept !== keys;
}

function splice(bytes: Uint8Array, spans: readonly { offset: number; length: number }[], json: string): string {
  let text = "";
  let done = 0;
  for (const { offset, length } of spans) {
    text += textOf(bytes.subarray(done, offset)) + json;
    done = offset + length;
  }
  return text + textOf(bytes.subarray(done));
}
