import assert from "node:assert/strict";
import { test } from "node:test";
import { patched, patchText } from "../../src/config/patch.ts";

const FILE = `# Ours.
signals: # what reads
  domain: { weight: 0.3 } # subjects
  keyword:
decision:
  tolerance: 0.1 # wide
models:
  "gpt-4o": { tier: large }
`;

test("keys are changed or added, and what else stands in the file stays as it is, comments too", () => {
  const { text, differences } = patched(FILE, [
    { path: ["decision", "tolerance"], value: 0.05 },
    { path: ["decision", "price_of_quality"], value: 0.0001 },
    { path: ["signals", "keyword", "weight"], value: 0 },
    { path: ["signals", "domain", "weight"], value: 0.3 },
    { path: ["profiles", "cheap", "tolerance"], value: 0.2 },
  ]);
  assert.equal(
    text,
    `# Ours.
signals:
  # what reads
  domain: { weight: 0.3 } # subjects
  keyword:
    weight: 0
decision:
  tolerance: 0.05 # wide
  price_of_quality: 0.0001
models:
  "gpt-4o": { tier: large }
profiles:
  cheap:
    tolerance: 0.2
`,
  );
  assert.deepEqual(
    differences.map(({ path, before, after }) => [path, before, after]),
    [
      ["decision.tolerance", 0.1, 0.05],
      ["decision.price_of_quality", undefined, 0.0001],
      ["signals.keyword.weight", undefined, 0],
      ["profiles.cheap.tolerance", undefined, 0.2],
    ],
  );
});

test("a file that has everything already is left to the byte, and an empty one can be begun", () => {
  const odd = "decision:   {tolerance:   0.1}\n";
  assert.deepEqual(patched(odd, [{ path: ["decision", "tolerance"], value: 0.1 }]), { text: odd, differences: [] });
  assert.match(patched("# nothing yet\n", [{ path: ["a", "b"], value: 1 }]).text ?? "", /b: 1/u);
});

test("references stay references, in maps of one line too, and line breaks stay what they are", () => {
  const text = "upstreams: { g: { key: ${G_KEY} } }\r\nsecret: ${file:/k} # a file\r\ndecision: { tolerance: 0.1 }\r\n";
  assert.equal(
    patched(text, [{ path: ["decision", "tolerance"], value: 0.2 }]).text,
    text.replace("tolerance: 0.1", "tolerance: 0.2"),
  );
});

test("what an anchor shares is not changed, since more would change than was asked for", () => {
  const change = { path: ["models", "a", "quality"], value: 0.7 };
  const shared = [
    "models:\n  a: &m\n    quality: 0.5\n  b: *m\n",
    "models:\n  b: &m\n    quality: 0.5\n  a: *m\n",
    "models: { a: { quality: &q 0.5 }, b: { quality: *q } }\n",
  ];
  for (const text of shared) {
    assert.deepEqual(patched(text, [change]), {
      differences: [{ path: "models.a.quality", before: 0.5, after: 0.7 }],
    });
  }
  assert.equal(
    patched("usual: &q 0.5\nmodels: { a: { quality: *q } }\n", [change]).text,
    "usual: &q 0.5\nmodels: { a: { quality: 0.7 } }\n",
    "an alias itself can be",
  );
  assert.equal(patched("models: {\n", [change]).text, undefined);
});

test("the changes alone can be pasted", () => {
  const changes = [
    { path: ["decision", "price_of_quality"], value: 0.0001 },
    { path: ["decision", "threshold"], value: 0 },
    { path: ["signals", "domain", "scores"], value: { math: { small: 0.4 } } },
  ];
  assert.equal(
    patchText(changes),
    "decision:\n  price_of_quality: 0.0001\n  threshold: 0\nsignals:\n  domain:\n    scores:\n      math:\n        small: 0.4\n",
  );
});
