import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { startFakeModel } from "../fakes/model.ts";
import { parsed, run } from "./terminal.ts";

// A directory without a config: the verbs look for signalbox.yaml where they are started.
const home = mkdtempSync(join(tmpdir(), "signalbox-cli-"));
process.chdir(home);
after(() => {
  process.chdir(tmpdir());
  rmSync(home, { recursive: true });
});

const KEYS = { GEMINI_API_KEY: "gemini-key", OPENAI_API_KEY: "openai-key" };
const PLAN_KEYS = [
  ..."decisionId model tier route confidence margin runnerUp reason sentence signals targets setHeaders".split(" "),
  ..."removeHeaders expectedCostUsd baselineCostUsd configHash safety candidates rules micros insteadModel askedCostUsd placeholders redacted cacheable".split(
    " ",
  ),
];

/** Nothing listens there. */
const silent = "http://127.0.0.1:1";

let files = 0;
function file(text: string, ending = "yaml"): string {
  const path = join(home, `file-${(files += 1)}.${ending}`);
  writeFileSync(path, text);
  return path;
}

const CONFIG = `
server: { limits: { body_bytes: 1024 } }
upstreams: { local: { kind: vllm, url: http://127.0.0.1:8000/v1 } }
tiers: { small: { quality: 0.5 }, large: { quality: 0.9 } }
models:
  a: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: local, model: a }] }
  b: { tier: large, price: { input: 2, output: 2 }, targets: [{ upstream: local, model: b }] }
signals: { complexity: { learned: false } }
rules:
  - { name: acme-team, when: { tenant: [acme], headers: { x-team: legal } }, then: { model: b } }
  - { name: no-spam, when: { text: "^SPAM" }, then: { block: "No spam." } }
`;

test("route decides for a text with the demo config, and says that it is the demo", async () => {
  const said = await run(["route", "hello there"]);
  assert.equal(said.code, 0);
  assert.match(said.out, /^small \(tier small, route default, confidence 0\.\d\d\): small is the cheapest .*\n$/u);
  assert.match(said.err, /^There is no signalbox\.yaml, so this is the demo config/u);
});

test("route reads a file, standard input and a body of each API", async () => {
  const config = file(CONFIG);
  const text = file("hello there\n", "txt");
  const body = JSON.stringify({ model: "b", messages: [{ role: "user", content: "hello there" }] });
  const gemini = JSON.stringify({ contents: [{ role: "user", parts: [{ text: "hello there" }] }] });
  assert.match((await run(["route", "-c", config, "--file", text])).out, /^a /u);
  assert.match((await run(["route", "-c", config], { stdin: "hello there\n" })).out, /^a /u);
  assert.match((await run(["route", "-c", config, "-"], { stdin: "hello there" })).out, /^a /u);
  assert.match((await run(["route", "-c", config, "--api", "openai-chat"], { stdin: body })).out, /^b .* by name/u);
  assert.match((await run(["route", "-c", config, "--api", "anthropic-messages"], { stdin: body })).out, /^b /u);
  assert.match((await run(["route", "-c", config, "--api", "gemini"], { stdin: gemini })).out, /^a /u);
});

test("route asks as a tenant, with headers, under a profile", async () => {
  const config = file(CONFIG);
  const asAcme = ["route", "-c", config, "--tenant", "acme", "--header", "X-Team: legal", "hello"];
  assert.match((await run(asAcme)).out, /^b .* b is pinned/u);
  assert.match((await run(["route", "-c", config, "--tenant", "acme", "hello"])).out, /^a /u);
  const best = parsed(await run(["route", "--json", "-c", config, "--profile", "best", "prove it step by step"]));
  assert.equal(best["model"], "b");
});

test("route --lines answers each line, also those that it cannot decide", async () => {
  const config = file(CONFIG);
  const plain = await run(["route", "-c", config, "--lines"], { stdin: "hello\n\nSPAM spam\nthank you\n" });
  assert.deepEqual(
    plain.out
      .trimEnd()
      .split("\n")
      .map((line) => line.slice(0, 24)),
    ["1: a (tier small, route ", "3: blocked (403): No spam", "4: a (tier small, route "].map((line) =>
      line.slice(0, 24),
    ),
  );
  assert.equal(plain.code, 0);

  const bodies = `{"messages":[{"role":"user","content":"hello"}]}\n{"messages":1}\n`;
  const args = ["route", "-c", config, "--lines", "--json", "--api", "openai-chat"];
  const said = await run(args, { stdin: bodies });
  const lines = said.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { model?: string; error?: object });
  assert.equal(lines[0]!.model, "a");
  assert.deepEqual(Object.keys(lines[1]!.error!), ["code", "message", "param"]);
  assert.equal(lines.length, 2);
  assert.equal(said.code, 1);
});

test("route and explain print the answer of RouteRequest as JSON", async () => {
  for (const verb of ["route", "explain"]) {
    const plan = parsed(await run([verb, "--json", "hello there"]));
    assert.deepEqual(Object.keys(plan), verb === "explain" ? [...PLAN_KEYS, "changed"] : PLAN_KEYS);
    const [target] = plan["targets"] as [object];
    assert.deepEqual(
      Object.keys(target),
      "id model tier upstream upstreamModel kind baseUrl location timeouts edits body".split(" "),
    );
    const [signal] = plan["signals"] as [object];
    assert.deepEqual(Object.keys(signal), "name label score confidence weight micros error stage".split(" "));
  }
  const body = `{"model":"auto","messages":[{"role":"user","content":"hello"}]}`;
  const edited = parsed(await run(["route", "--json", "--api", "openai-chat"], { stdin: body }));
  const [first] = edited["targets"] as [{ location: string; edits: object[] }];
  assert.equal(first.location, "LOCATION_INTERNAL");
  assert.deepEqual(first.edits, [{ offset: 9, length: 6, bytes: Buffer.from('"small"').toString("base64") }]);
});

test("a blocked prompt is an answer, with the body that its client would get", async () => {
  const blocked = parsed(await run(["route", "--json", "-c", file(CONFIG), "SPAM"]));
  assert.deepEqual(Object.keys(blocked["blocked"] as object), ["status", "code", "body"]);
  assert.match((blocked["blocked"] as { body: string }).body, /^\{"error":\{/u);
});

test("what cannot be routed fails with a code, and never repeats the prompt", async () => {
  const config = file(CONFIG);
  const cases: ReadonlyArray<readonly [string[], string, string]> = [
    [["route", "-c", config], "", "no_input"],
    [["route", "-c", config, "-"], "secretword".repeat(200), "body_too_large"],
    [["route", "-c", config, "--profile", "nope", "secretword"], "", "unknown_profile"],
    [["route", "-c", config, "--api", "openai-chat", "{secretword"], "", "invalid_json"],
    [["route", "-c", config, "--file", "nowhere.txt"], "", "failed"],
    [["explain", "-c", config, "--file", home], "", "failed"],
    [["route", "-c", config, "--file", "x", "secretword"], "", "failed"],
    [["route", "-c", "nowhere.yaml", "secretword"], "", "no_config"],
    [["explain", "-c", file("tiers: 1"), "secretword"], "", "config_invalid"],
  ];
  for (const [args, stdin, code] of cases) {
    const said = await run([...args, "--json"], { stdin });
    assert.equal((parsed(said)["error"] as { code: string }).code, code, args.join(" "));
    assert.equal(said.code, 1);
    const plain = await run(args, { stdin });
    assert.equal(plain.code, 1);
    assert.equal(plain.out, "");
    assert.match(plain.err, /^signalbox: /u);
    assert.doesNotMatch(said.out + plain.err, /secretword/u);
  }
});

test("words without quotes are one text", async () => {
  const config = file(CONFIG);
  const json = async (...words: string[]) => {
    const plan = parsed(await run(["route", "--json", "-c", config, ...words]));
    return [plan["model"], plan["expectedCostUsd"]];
  };
  assert.deepEqual(await json("what", "is", "the", "capital"), await json("what is the capital"));
  assert.notDeepEqual(await json("what"), await json("what is the capital"));
  assert.match((await run(["explain", "-c", config, "SPAM", "and", "more"])).out, /No spam/u);
});

test("a prompt file that cannot be read says why in words", async () => {
  assert.equal(
    (await run(["route", "--file", home])).err.split("\n").at(-2),
    `signalbox: cannot read ${home}: it is a directory`,
  );
  assert.match((await run(["route", "--file", "nowhere.txt"])).err, /: there is no such file$/mu);
});

test("explain draws the decision", async () => {
  const said = await run(["explain", "hello there"]);
  assert.equal(said.code, 0);
  assert.match(said.out, /^small · tier small · route default · cheapest_adequate\n/u);
  assert.match(said.out, /^keyword {5}smalltalk/mu);
  assert.doesNotMatch(said.out, /hello/u);
});

test("a wrong command line is exit code 2 and leaves standard output alone", async () => {
  const cases: ReadonlyArray<readonly [string[], RegExp]> = [
    [["rout", "hi"], /Did you mean route\?/u],
    [["route", "--nope"], /unknown option/u],
    [["route", "--header", "novalue", "hi"], /Expected name:value/u],
    [["route", "--api", "soap", "hi"], /Allowed choices are openai-chat/u],
    [["doctor", "--timeout", "0"], /Expected 1 to/u],
  ];
  for (const [args, words] of cases) {
    const said = await run(args);
    assert.equal(said.code, 2);
    assert.equal(said.out, "");
    assert.match(said.err, words);
  }
});

test("a wrong command line that asks for JSON gets it, on standard output and nowhere else", async () => {
  const cases: ReadonlyArray<readonly [string[], RegExp]> = [
    [["rout", "hi", "--json"], /^unknown command 'rout' \(Did you mean route\?\)$/u],
    [["route", "--json", "--nope"], /^unknown option '--nope'/u],
    [["serve", "--json", "--nope"], /^unknown option '--nope'/u],
    [["doctor", "--timeout", "0", "--json"], /Expected 1 to/u],
    [["--json"], /^unknown option '--json'$/u],
  ];
  for (const [args, words] of cases) {
    const said = await run(args);
    assert.equal(said.code, 2);
    const { error } = parsed(said) as { error: { code: string; message: string } };
    assert.equal(error.code, "usage");
    assert.match(error.message, words);
    assert.equal(said.err, "");
  }
  const text = await run(["route", "--nope", "--", "--json"]);
  assert.deepEqual([text.code, text.out], [2, ""], "after -- it is a text");
});

test("help is exit code 0 and names every verb", async () => {
  const said = await run(["--help"]);
  assert.equal(said.code, 0);
  for (const verb of ["init", "serve", "validate", "route", "explain", "models", "doctor"]) {
    assert.match(said.out, new RegExp(`^ {2}${verb} `, "mu"));
  }
});

test("validate tells a whole file in one line", async () => {
  const said = await run(["validate", "-c", file(CONFIG)]);
  assert.equal(said.code, 0);
  assert.match(said.out, /is whole: 2 models, 1 route, signals complexity; config hash [0-9a-f]{12}\n$/u);
  const json = parsed(await run(["validate", "--json", "-c", file(CONFIG)]));
  assert.deepEqual(Object.keys(json), ["path", "hash", "models", "routes", "signals", "hints"]);
  assert.deepEqual(json["hints"], []);
  assert.deepEqual(json["models"], ["a", "b"]);
});

test("validate hints at a tier that is worth less than one before it, and it is no error", async () => {
  const path = file(CONFIG.replace("quality: 0.9", "quality: 0.4"));
  const said = await run(["validate", "-c", path]);
  const hint =
    "tier large: its quality 0.4 is below the 0.5 of small, which stands before it; order the tiers from the cheapest to the strongest, or correct their quality";
  assert.equal(said.code, 0);
  assert.equal(said.err, `hint: ${hint}\n`);
  assert.deepEqual(parsed(await run(["validate", "--json", "-c", path]))["hints"], [hint]);
});

test("validate tells each problem with its place, and is exit code 1", async () => {
  const broken = file(CONFIG.replace("tier: large", "tier: larg"));
  const said = await run(["validate", "-c", broken]);
  assert.equal(said.code, 1);
  assert.equal(said.out, `${broken}:7:14 models.b.tier: no tier is called "larg" (did you mean "large"?)\n`);
  const json = parsed(await run(["validate", "--json", "-c", broken]));
  const { problems } = json["error"] as { problems: object[] };
  assert.deepEqual(Object.keys(problems[0]!), ["path", "line", "column", "message", "hint"]);
});

test("validate --schema prints the JSON Schema", async () => {
  const schema = parsed(await run(["validate", "--schema"]));
  assert.equal(schema["$id"], "urn:signalbox:config:1");
});

test("init writes a config that is whole once its keys are set, and says what comes next", async () => {
  const path = join(home, "new.yaml");
  const said = await run(["init", "--out", path]);
  assert.equal(said.code, 0);
  assert.equal(said.out, `${path} is written.\n`);
  assert.match(said.err, /export GEMINI_API_KEY=.*export OPENAI_API_KEY=.*signalbox doctor -c .*signalbox serve -c/su);
  assert.equal((await run(["validate", "-c", path], { env: KEYS })).code, 0);
  assert.match((await run(["validate", "-c", path])).out, /GEMINI_API_KEY is not set/u);
  for (const verb of [["route", "hello"], ["explain", "hello"], ["models"]]) {
    assert.equal((await run([...verb, "-c", path])).code, 0, `${verb[0]} sends nothing, so it needs no keys`);
  }
});

test("init overwrites nothing unless it is told to", async () => {
  const path = file("mine");
  const refused = await run(["init", "--out", path, "--json"]);
  assert.equal(refused.code, 1);
  assert.equal((parsed(refused)["error"] as { code: string }).code, "exists");
  assert.equal(readFileSync(path, "utf8"), "mine");
  assert.equal((await run(["init", "--out", path, "--force"])).code, 0);
  assert.notEqual(readFileSync(path, "utf8"), "mine");
});

test("init takes its answers from flags, and JSON tells what it did", async () => {
  const path = join(home, "flags.yaml");
  const flags = ["--out", path, "--no-gemini", "--vllm-url", "http://10.0.0.5:9000/v1", "--json"];
  assert.deepEqual(parsed(await run(["init", ...flags])), { path, variables: ["OPENAI_API_KEY"] });
  assert.match(readFileSync(path, "utf8"), /http:\/\/10\.0\.0\.5:9000\/v1/u);
  assert.equal((await run(["init", "--vllm-url", "not a url", "--out", "x.yaml"])).code, 1);
  const shown = parsed(await run(["init", "--out", "-", "--no-gemini", "--no-openai", "--json"]));
  assert.deepEqual(Object.keys(shown), ["path", "variables", "config"]);
  const printed = await run(["init", "--out", "-", "--no-gemini", "--no-openai"]);
  assert.equal(printed.out, shown["config"]);
  assert.equal((await run(["validate", "-c", file(printed.out)])).code, 0);
});

test("init offers the models that the server lists, by number or name", async (t) => {
  const upstream = await startFakeModel({ models: ["org/Qwen3-8B", "org/Other", "bad\u001bname"] });
  t.after(() => upstream.close());
  const asking = async (answer: string) => {
    const path = join(home, "served.yaml");
    const said = await run(["init", "--force", "--out", path], {
      answers: [
        ["vLLM server [", upstream.origin],
        ["by number or name [org/Qwen3-8B]", answer],
        ["Gemini?", ""],
        ["OpenAI?", "n"],
      ],
    });
    assert.equal(said.code, 0);
    assert.match(said.err, /^ {2}1 {2}org\/Qwen3-8B\n {2}2 {2}org\/Other\n/mu);
    assert.ok(said.err.includes(`The URL has no path, so it is taken as ${upstream.url}\n`));
    return readFileSync(path, "utf8");
  };
  assert.match(await asking(""), /^ {2}qwen3-8b:\n(?: {4}.*\n)*? {4}targets: .*model: "org\/Qwen3-8B" /mu);
  assert.match(await asking("2"), /^ {2}other:\n(?: {4}.*\n)*? {4}targets: .*model: "org\/Other" /mu);
  assert.match(await asking("later"), /model: "later" /u);
});

test("init takes the model and a URL without a path from flags, and says what it made of the URL", async () => {
  const path = join(home, "model.yaml");
  const said = await run(["init", "--out", path, "--vllm-url", "http://gpu:8000/", "--vllm-model", "org/My ${Model}"]);
  assert.equal(said.code, 0);
  assert.match(said.err, /^The URL has no path, so it is taken as http:\/\/gpu:8000\/v1$/mu);
  const json = parsed(await run(["models", "--json", "-c", path]));
  const [model] = json["models"] as [{ name: string; targets: [{ upstreamModel: string }] }];
  assert.equal(model.name, "my-model-");
  assert.equal(model.targets[0].upstreamModel, "org/My ${Model}");
  assert.match(readFileSync(path, "utf8"), /url: "http:\/\/gpu:8000\/v1"/u);
  assert.equal((await run(["init", "--force", "--out", path, "--vllm-model", ""])).code, 1);
});

test("init asks on a terminal, and asks again when an answer is no use", async () => {
  const path = join(home, "asked.yaml");
  const said = await run(["init", "--out", path], {
    answers: [
      ["vLLM server [", "what?"],
      ["vLLM server [", `${silent}/v1`],
      ["Model that it serves [meta-llama/Llama-3.1-8B-Instruct]", "x".repeat(300)],
      ["Model that it serves [meta-llama/Llama-3.1-8B-Instruct]", ""],
      ["Gemini?", "n"],
      ["OpenAI?", "perhaps"],
      ["OpenAI?", ""],
    ],
  });
  assert.equal(said.code, 0);
  const written = readFileSync(path, "utf8");
  assert.ok(written.includes(`url: "${silent}/v1"`));
  assert.match(written, /^ {2}llama-8b:/mu);
  assert.match(written, /kind: openai/u);
  assert.doesNotMatch(written, /kind: gemini/u);
});

test("init leaves nothing behind when the person hangs up, or when it cannot write", async () => {
  const path = join(home, "half.yaml");
  const said = await run(["init", "--out", path], {
    answers: [
      ["vLLM server [", silent],
      ["Model that it serves", null],
    ],
  });
  assert.equal(said.code, 1);
  assert.match(said.err, /nothing is written/u);
  assert.equal((await run(["init", "--out", join(home, "no", "where.yaml")])).code, 1);
  assert.deepEqual(
    readdirSync(home).filter((name) => name.startsWith("half") || name.endsWith(".new")),
    [],
  );
});

test("models lists the pool, cheapest tier first", async () => {
  const said = await run(["models", "-c", file(CONFIG)]);
  assert.equal(
    said.out,
    `model  tier   quality  input  output  cached  context  modalities  location
a      small      0.5      1       1       1   128000  text        internal
b      large      0.9      2       2       2   128000  text        internal

targets, first choice first
a -> local/a
b -> local/b
`,
  );
  const json = parsed(await run(["models", "--json", "-c", file(CONFIG)]));
  assert.deepEqual(Object.keys(json), ["hash", "models"]);
  const [model] = json["models"] as [object];
  assert.deepEqual(
    Object.keys(model).toSorted(),
    "context modalities name price quality speed targets tier tools".split(" "),
  );
});

test("models --live asks the upstreams what they serve", async (t) => {
  const upstream = await startFakeModel({ models: ["a", "c"] });
  t.after(() => upstream.close());
  const config = file(CONFIG.replace("http://127.0.0.1:8000/v1", upstream.url));
  const said = await run(["models", "--live", "-c", config]);
  assert.match(said.out, /^a -> local\/a {2}served$/mu);
  assert.match(said.out, /^b -> local\/b {2}not served; it has a/mu);
  await upstream.close();
  const json = parsed(await run(["models", "--live", "--json", "-c", config]));
  const [model] = json["models"] as [{ targets: [{ live: object }] }];
  assert.deepEqual(model.targets[0].live, { served: null, error: "no connection (ECONNREFUSED)" });
  assert.equal((await run(["models", "--live"])).code, 1);
});
