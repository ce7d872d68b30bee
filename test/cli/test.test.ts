import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { parsed, run } from "./terminal.ts";

const home = mkdtempSync(join(tmpdir(), "signalbox-tests-"));
after(() => rmSync(home, { recursive: true }));

let files = 0;
function file(content: string | Uint8Array, ending = "yaml"): string {
  const path = join(home, `file-${(files += 1)}.${ending}`);
  writeFileSync(path, content);
  return path;
}

/** @param words that lead to the route billing */
const config = (words = "refund, money") => `
upstreams: { local: { kind: vllm, url: http://127.0.0.1:8000/v1 } }
tiers: { small: { quality: 0.5 }, large: { quality: 0.9 } }
models:
  a: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: local, model: a }] }
  b: { tier: large, price: { input: 2, output: 2 }, targets: [{ upstream: local, model: b }] }
signals:
  complexity: { learned: false }
  pii: { learned: false }
  keyword: { rules: [{ label: refunds, any: [${words}], pin: { route: billing } }] }
routes:
  billing: { models: [b] }
rules:
  - { name: no-spam, when: { text: "^SPAM" }, then: { block: "No spam." } }
  - { name: legal, when: { tenant: [acme], headers: { x-team: legal } }, then: { tier: large } }
`;
const CONFIG = file(config());

const TESTS = `
tests:
  - { name: money back, prompt: "I want my money back", route: billing, model: b, not_model: a }
  - { name: refund, messages: [{ role: user, content: "a refund please" }], route: billing, label: { keyword: refunds } }
  - { prompt: "SPAM spam", blocked: true }
  - { name: team, prompt: hello there, tenant: acme, headers: { X-Team: legal }, tier: large, model: [a, b] }
  - name: body
    api: openai-chat
    body: { model: b, messages: [{ role: user, content: hello there }] }
    model: b
    blocked: false
  - { name: best, prompt: prove it step by step, profile: best, model: b }
  - { name: address, prompt: "mail me at joe@example.com", route: default, label: { pii: email, keyword: none } }
`;

const verdict = (path: string, ...more: string[]) => run(["test", path, "-c", CONFIG, ...more]);

test("prompts, conversations and bodies are routed as their tests say: by tenant, headers and profile", async () => {
  const said = await verdict(file(TESTS));
  assert.equal(said.code, 0, said.out + said.err);
  assert.match(said.out, /\n7 tests: 7 passed, 0 failed\n$/u);
  assert.match(said.out, /^billing +2 +2 +2 +1\.00 +1\.00$/mu);
});

test("each expectation that is not met fails its test, which says what came instead and what was read", async () => {
  const cases: ReadonlyArray<readonly [test: string, miss: string]> = [
    ["{ prompt: hello, route: billing }", "route: expected billing, came default"],
    ["{ prompt: hello, model: b }", "model: expected b, came a"],
    ["{ prompt: hello, tier: large }", "tier: expected large, came small"],
    ["{ prompt: hello, not_model: [a, b] }", "not_model: expected not a, came a"],
    ["{ prompt: hello, blocked: true }", "blocked: expected blocked, came not blocked"],
    ["{ prompt: SPAM, blocked: false }", "blocked: expected not blocked, came blocked"],
    ["{ prompt: SPAM, route: billing }", "route: expected billing, came (blocked)"],
    ["{ prompt: hello, label: { keyword: refunds } }", "label keyword: expected refunds, came nothing"],
    ["{ prompt: a@b.co mail, label: { pii: none } }", "label pii: expected none, came email"],
    ["{ prompt: SPAM, label: { pii: email } }", "label pii: expected email, came not read"],
  ];
  for (const [one, miss] of cases) {
    const said = await verdict(file(`tests: [${one}]`));
    assert.equal(said.code, 1, one);
    const flat = said.out.replaceAll(/\s+/gu, " ");
    assert.ok(flat.includes(`✗ line 1 ${miss}`), `${one}: ${flat}`);
    assert.match(flat, / read: /u);
    assert.match(flat, / 1 tests: 0 passed, 1 failed $/u);
  }
});

test("a signal that ran out of time is asked again: a busy moment fails no test", async (t) => {
  let asked = 0;
  const classifier = createServer((_, response) => {
    asked += 1;
    // The first to ask never hears of it.
    if (asked > 1) response.end('{"labels":[{"label":"bills","score":0.9}]}');
  });
  await once(classifier.listen(0, "127.0.0.1"), "listening");
  t.after(() => {
    classifier.close();
    classifier.closeAllConnections();
  });
  const { port } = classifier.address() as AddressInfo;
  const remote = `remote: { url: "http://127.0.0.1:${port}", deadline_ms: 500, labels: [{ label: bills, pin: { route: billing } }] }`;
  const asking = file(config().replace("pii: { learned: false }", `pii: { learned: false }\n  ${remote}`));
  const said = await run(["test", file("tests: [{ prompt: hello, route: billing }]"), "-c", asking]);
  assert.equal(said.code, 0, said.out + said.err);
  assert.equal(asked, 2);
});

test("a request that no model may answer is a failed test, not the end of all", async () => {
  const both = `tests:
  - { name: refused, prompt: refund, profile: best, api: openai-chat, body: { model: a } }
`;
  assert.match((await verdict(file(both))).err, /give one of prompt, messages, body: there are several/u);
  const narrow = file(config().replace("models: [b]", "models: [b], tier: small"));
  const tests = file("tests: [{ name: none left, prompt: refund, model: b }, { prompt: hello, model: a }]");
  const said = await run(["test", tests, "-c", narrow]);
  assert.equal(said.code, 1);
  assert.match(said.out.replaceAll(/\s+/gu, " "), /expected b, came \(refused\).* refused \(no_model_allowed\)/u);
  assert.match(said.out, /2 tests: 1 passed, 1 failed/u);
});

test("the matrix counts who was taken for whom, and each route's precision and recall", async () => {
  const tests = file(`tests:
  - { prompt: refund one, route: billing }
  - { prompt: refund two, route: billing }
  - { prompt: pay me, route: billing }
  - { prompt: refund three, route: default }
  - { prompt: hello, route: default }
`);
  const json = parsed(await verdict(tests, "--json")) as {
    tests: number;
    passed: number;
    matrices: [{ kind: string; labels: string[]; counts: number[][]; scores: object[]; accuracy: number }];
  };
  assert.deepEqual([json.tests, json.passed], [5, 3]);
  const [matrix] = json.matrices;
  assert.equal(json.matrices.length, 1);
  assert.deepEqual(matrix, {
    kind: "route",
    labels: ["billing", "default"],
    counts: [
      [2, 1],
      [1, 1],
    ],
    scores: [
      { label: "billing", tests: 3, came: 3, right: 2, precision: 2 / 3, recall: 2 / 3 },
      { label: "default", tests: 2, came: 2, right: 1, precision: 1 / 2, recall: 1 / 2 },
    ],
    accuracy: 3 / 5,
  });
});

test("no report quotes a prompt unless it is asked to", async () => {
  const tests = file("tests: [{ name: quiet, prompt: secretword and <more>, route: billing }]");
  const junit = join(home, "quiet.xml");
  for (const more of [[], ["--json"]]) {
    const said = await verdict(tests, "--junit", junit, ...more);
    assert.equal(said.code, 1);
    assert.doesNotMatch(said.out + said.err + readFileSync(junit, "utf8"), /secretword/u);
  }
  const open = await verdict(tests, "--junit", junit, "--show-prompts");
  assert.match(open.out, /prompt: secretword and <more>/u);
  assert.match(readFileSync(junit, "utf8"), /<system-out>secretword and &lt;more&gt;<\/system-out>/u);
});

test("JUnit's XML holds every test, escaped, with what failed", async () => {
  const tests = file(
    `tests: [{ name: 'a & "b" <c>', prompt: hello, route: billing }, { prompt: hello, route: default }]`,
  );
  const junit = join(home, "report.xml");
  assert.equal((await verdict(tests, "--junit", junit)).code, 1);
  const xml = readFileSync(junit, "utf8");
  assert.match(
    xml,
    /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="signalbox" tests="2" failures="1" /u,
  );
  assert.match(xml, /<testcase name="a &amp; &quot;b&quot; &lt;c&gt;" classname="file-\d+\.yaml" time="\d+\.\d{6}">/u);
  assert.match(xml, /<failure message="route: expected billing, came default" type="route">line 1\n/u);
  assert.match(xml, /<testcase name="line 1" classname="[^"]+" time="[^"]+"\/>/u);
  const opened = [...xml.matchAll(/<([a-z]+)[^>]*[^/]>/gu)].map(([, name]) => name).filter((name) => name !== "xml");
  const closed = [...xml.matchAll(/<\/([a-z]+)>/gu)].map(([, name]) => name);
  assert.equal(opened.length, closed.length, "every element is closed");
});

test("against an older config the losses are named, with whom they went to, and fail past what may be lost", async () => {
  const tests = file(`tests:
  - { name: one, prompt: my money please, route: billing }
  - { name: two, prompt: a refund of money, route: billing }
  - { name: three, prompt: a refund please, route: billing }
  - { name: both, prompt: where is it, route: billing }
  - { name: won, prompt: a coin please, route: billing }
`);
  const fresh = file(config("refund, coin"));
  const args = ["test", tests, "-c", fresh, "--against", CONFIG];
  const said = await run(args);
  assert.equal(said.code, 1);
  assert.match(said.out, /^route billing lost 1: 1 to default \(one\)$/mu);
  assert.match(said.out, /^against the old config: lost 1, won 1, decided otherwise 2$/mu);
  assert.equal((await run([...args, "--max-loss", "1"])).code, 0, "what failed before is no loss");

  const json = parsed(await run([...args, "--json"]))["against"] as { cells: object[]; losses: object[]; lost: number };
  assert.equal(json.lost, 1);
  assert.deepEqual(json.losses, [{ kind: "route", from: "billing", to: "default", rows: ["one"] }]);
  assert.deepEqual(json.cells, []);

  const swapped = parsed(await run(["test", tests, "-c", file(config("refund")), "--against", CONFIG, "--json"]));
  assert.deepEqual((swapped["against"] as { cells: object[] }).cells, [
    { kind: "route", expected: "billing", came: "billing", before: 3, after: 2 },
    { kind: "route", expected: "billing", came: "default", before: 2, after: 3 },
  ]);
});

test("--only runs the tests that a pattern finds by name", async () => {
  const said = await verdict(file(TESTS), "--only", "^(refund|BEST)$");
  assert.match(said.out, /\n2 tests: 2 passed/u);
  assert.match((await verdict(file(TESTS), "--only", "nobody")).err, /--only finds no test by its name/u);
  assert.equal((await verdict(file(TESTS), "--only", "(")).code, 2);
  assert.equal((await verdict(file(TESTS), "--max-loss", "-1")).code, 2);
});

test("tests may stand in JSON lines, packed or not; without a name they go by their line", async () => {
  const lines = `{"prompt":"a refund","route":"billing"}\n\n{"prompt":"hello","route":"billing"}\n`;
  for (const path of [file(lines, "jsonl"), file(gzipSync(lines), "jsonl.gz")]) {
    const said = await verdict(path);
    assert.equal(said.code, 1);
    assert.match(said.out, /^✗ line 3$/mu);
  }
});

test("without a file the tests beside the config are run", async () => {
  const here = mkdtempSync(join(home, "beside-"));
  writeFileSync(join(here, "signalbox.yaml"), config());
  const args = ["test", "-c", join(here, "signalbox.yaml")];
  const none = await run(args);
  assert.equal(none.code, 1);
  assert.match(none.err, /there is no .*signalbox\.tests\.yaml; write one: tests: /u);
  writeFileSync(join(here, "signalbox.tests.yaml"), "tests: [{ prompt: refund, route: billing }]");
  assert.equal((await run(args)).code, 0);
});

test("a bad file is refused whole, with line and what to do, and never quotes a prompt", async () => {
  const cases: ReadonlyArray<readonly [content: string, ending: string, said: RegExp]> = [
    ["tests:\n  - { promt: secretword, route: billing }", "yaml", /:2:7 tests\[0\]\.promt: .*did you mean "prompt"\?/u],
    ["tests:\n  - { prompt: secretword }", "yaml", /:2:5 tests\[0\]: it expects nothing: give one or more of route/u],
    [
      "tests:\n  - { prompt: x, route: biling }",
      "yaml",
      /:2:25 .*no route is called "biling" \(did you mean "billing"\?\)/u,
    ],
    ["tests:\n  - { prompt: x, model: c }", "yaml", /:2:25 tests\[0\]\.model: no model is called "c"/u],
    [
      "tests:\n  - { prompt: x, label: { pi: email } }",
      "yaml",
      /no signal that is on is called "pi" \(did you mean "pii"/u,
    ],
    [
      "tests:\n  - { prompt: x, profile: chep, tier: small }",
      "yaml",
      /no profile is called "chep" \(did you mean "cheap"/u,
    ],
    ["tests:\n  - { body: {}, model: a }", "yaml", /api and body belong together/u],
    ["tests: []", "yaml", /expected at least 1 entries/u],
    ["", "yaml", /expected a section, found nothing/u],
    ["tests: [", "yaml", /bracket/u],
    ['{"prompt":"x","route":"billing"}\n{"prompt":"secretword', "jsonl", /:2:1: this is not JSON/u],
    ['{"prompt":1,"route":"billing"}', "jsonl", /:1:1 prompt: expected text, found a whole number/u],
    ["\n\n", "jsonl", /holds no tests/u],
    [`tests: [{ prompt: ${"x".repeat(1_048_576)} }]`, "yaml", /larger than 1048576 bytes: write .* as JSON lines/u],
  ];
  for (const [content, ending, expected] of cases) {
    const said = await verdict(file(content, ending));
    assert.equal(said.code, 1);
    assert.match(said.err, expected);
    assert.doesNotMatch(said.err + said.out, /secretword/u);
  }
  const cut = file(gzipSync(`{"prompt":"x","route":"billing"}\n`.repeat(1000)).subarray(0, 60), "jsonl.gz");
  assert.match((await verdict(cut)).err, /its gzip is damaged after line \d+/u);
  const json = parsed(await verdict(file("tests: [{ prompt: x, route: y }]"), "--json"));
  assert.equal((json["error"] as { code: string }).code, "tests_invalid");
});

test("Ctrl-C ends the tests, reports those that were run, and fails", async () => {
  const listeners = process.listenerCount("SIGINT");
  const lines = Array.from({ length: 20_000 }, () => '{"prompt":"a refund","route":"billing"}').join("\n");
  const running = verdict(file(lines, "jsonl"), "--json");
  const asking = setInterval(() => {
    if (process.listenerCount("SIGINT") > listeners) process.emit("SIGINT");
  }, 20);
  const said = await running.finally(() => clearInterval(asking));
  const json = parsed(said) as { tests: number; complete: boolean; failed: number };
  assert.equal(said.code, 1);
  assert.equal(json.complete, false);
  assert.ok(json.tests < 20_000 && json.failed === 0);
});
