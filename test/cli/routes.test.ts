import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { routesCommand } from "../../src/cli/routes.ts";
import { memoryEncoder } from "../rig/encoder.ts";
import { parsed, run } from "./terminal.ts";
import { runVerb } from "./verb.ts";

const home = mkdtempSync(join(tmpdir(), "signalbox-routes-"));
after(() => rmSync(home, { recursive: true }));

let files = 0;
function file(text: string): string {
  const path = join(home, `file-${(files += 1)}.yaml`);
  writeFileSync(path, text);
  return path;
}

const REFUNDS = '["I want my money back", "please refund my order", "give me the money back now", "refund the money"]';
const config = (logins: string) => `
upstreams: { local: { kind: vllm, url: http://127.0.0.1:8000/v1 } }
tiers: { small: { quality: 0.5 }, large: { quality: 0.9 } }
models:
  a: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: local, model: a }] }
  b: { tier: large, price: { input: 2, output: 2 }, targets: [{ upstream: local, model: b }] }
signals:
  keyword: { rules: [{ label: invoices, any: [invoice], pin: { route: billing } }] }
  embedding:
    routes:
      - { label: refunds, threshold: 0.6, pin: { route: billing }, examples: ${REFUNDS} }
      - label: logins
        examples:
          - I cannot sign into my account
          - reset my account access
${logins}
rules: [{ name: vip, when: { tenant: [acme] }, then: { route: billing } }]
routes:
  billing: { models: [b], min_quality: 0.4, timeouts: { total_ms: 5000 }, rollout: { percent: 20, default: a } }
  forgotten: {}
`;
const SOUND = config("          - the sign in page rejects my account\n          - sign in to the account fails");

const check = (text: string, ...more: string[]) =>
  runVerb((terminal) => routesCommand(terminal, async () => memoryEncoder()), ["check", "-c", file(text), ...more]);

test("routes lists what each route says and what leads to it, without loading an encoder", async () => {
  const path = file(SOUND);
  const said = await run(["routes", "-c", path]);
  assert.equal(said.code, 0);
  const flat = said.out.replaceAll(/\s+/gu, " ");
  assert.match(
    flat,
    /billing from rule vip, keyword invoices, 4 examples of refunds \(threshold 0\.6\) models b; min_quality 0\.4; timeouts total_ms 5000; rollout percent 20, default a/u,
  );
  assert.match(flat, /forgotten from nothing: no request takes it as everywhere/u);
  assert.match(flat, /default from whatever no pin sends elsewhere/u);
  assert.match(flat, /lead to no route 4 examples of logins \(threshold learned\) vote only/u);

  const json = parsed(await run(["routes", "list", "--json", "-c", path])) as {
    routes: { name: string; line?: number; rules: string[]; examples: object[] }[];
    others: object[];
  };
  assert.deepEqual(
    json.routes.map(({ name, line }) => [name, line]),
    [
      ["billing", 20],
      ["forgotten", 21],
      ["default", undefined],
    ],
  );
  assert.deepEqual(json.routes[0]!.examples, [
    { label: "refunds", line: 11, examples: 4, threshold: 0.6, pin: { route: "billing" } },
  ]);
  assert.deepEqual(json.others, [{ label: "logins", line: 12, examples: 4, threshold: null, pin: null }]);
});

test("routes try scores a prompt against the examples of every label, and says what is decided", async () => {
  const path = file(SOUND);
  const said = await run(["routes", "try", "-c", path, "I want my money back please"]);
  assert.equal(said.code, 0, said.err);
  assert.match(said.out, /^▸ +refunds +I want my money back +0\.\d\d +0\.\d\d +0\.60 +route billing$/mu);
  assert.match(said.out, /^✓? +logins .* votes$/mu);
  assert.match(said.out, /\n(?:a|b) \(tier (?:small|large), route billing, /u);

  const json = parsed(await run(["routes", "try", "--json", "-c", path, "an invoice of last year"])) as {
    scores: { label: string; wins: boolean; read: boolean; probability: number; threshold: number }[];
    plan: { route: string };
  };
  assert.deepEqual(json.scores.map(({ label }) => label).toSorted(), ["logins", "refunds"]);
  assert.ok(json.scores.every(({ read, probability, threshold }) => read === probability >= threshold));
  assert.equal(json.plan.route, "billing", "a keyword pins what no example does");
});

test("routes try needs no examples: it says that there are none, and what is decided", async () => {
  const none = SOUND.replace(/ {2}embedding:[\s\S]*?(?=\nrules)/u, "");
  const said = await run(["routes", "try", "-c", file(none), "hello"]);
  assert.equal(said.code, 0, said.err);
  assert.match(said.out, /^No route has examples.*\n\n[ab] \(tier/u);
});

test("routes check measures thresholds with each example left out, and passes what is sound", async () => {
  const said = await check(SOUND);
  assert.equal(said.code, 0, said.err);
  assert.match(said.out, /^refunds +0\.60\* +\d\/4 +0\/4 +\d+ +0\.\d\d +\d\/4 +0\/4 +\d+$/mu);
  assert.match(said.out, /^logins +0\.\d\d +\d\/4 +0\/4 /mu);
  assert.match(said.out, /unreached: \S+\.yaml:21 the route forgotten/u);
  assert.doesNotMatch(said.out, /contradicts|collides|swallowed/u);
});

test("routes check fails where a text stands in two routes, and names both lines", async () => {
  const said = await check(config("          - Please  refund my ORDER\n          - sign in to the account fails"));
  assert.equal(said.code, 1);
  const flat = said.out.replaceAll(/\s+/gu, " ");
  assert.match(
    flat,
    /contradicts: \S+:11 "please refund my order" of refunds is also \S+:16 "Please refund my ORDER" of logins/u,
  );
});

test("routes check names examples that another route swallows, that collide, and labels with few", async () => {
  const said = await check(config("          - my order, please refund"), "--json");
  assert.equal(said.code, 0, "only what contradicts fails");
  const { findings } = parsed(said) as { findings: { kind: string; example?: { line: number }; by?: string }[] };
  const swallowed = findings.find(({ kind, example }) => kind === "swallowed" && example?.line === 16);
  assert.equal(swallowed?.by, "refunds");
  assert.deepEqual(
    [...new Set(findings.map(({ kind }) => kind))],
    ["swallowed", "collision", "few_examples", "unreached"],
  );
});

test("an encoder without a full stage cannot check with it; a wrong word is a wrong command line", async () => {
  const path = file(SOUND);
  const bare = () => Promise.resolve(memoryEncoder({ hasFullStage: false }));
  const said = await runVerb((terminal) => routesCommand(terminal, bare), ["check", "-c", path, "--stage", "full"]);
  assert.deepEqual([said.code, said.err], [1, "this encoder has no full stage"]);
  assert.equal((await run(["routes", "chek", "-c", path])).code, 2);
  assert.equal((await run(["routes", "check", "--stage", "half", "-c", path])).code, 2);
});
