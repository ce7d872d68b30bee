import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConfig } from "../../src/config/check.ts";
import type { Problem } from "../../src/config/problem.ts";
import { problemText } from "../../src/config/problem.ts";

const BASE = `upstreams:
  local: { kind: vllm, url: http://127.0.0.1:8000/v1 }
tiers:
  small: { quality: 0.5 }
models:
  llama:
    tier: small
    price: { input: 0.05, output: 0.08 }
    targets: [{ upstream: local, model: llama }]
`;

const SECRET = "hunter2-hunter2-hunter2";
const env = { SECRET, EMPTY: "" };

function noFiles(): never {
  throw Object.assign(new Error(`no such file, but here is ${SECRET}`), { code: "ENOENT" });
}

function check(text: string, around: { env?: Record<string, string>; readFile?: (path: string) => string } = {}) {
  return checkConfig(text, { env, readFile: noFiles, ...around });
}

/** Problems as people see them. */
function problems(text: string): string[] {
  const checked = check(text);
  return "problems" in checked ? checked.problems.map((problem) => problemText("f", problem)) : [];
}

/** BASE with one part replaced. */
function swap(part: string, by: string): string {
  assert.ok(BASE.includes(part), part);
  return BASE.replace(part, () => by);
}

test("flags stand in place of the file's values before anything is checked, and are named where they are wrong", () => {
  const LISTEN = { name: "--listen", steps: ["server", "listen"] };
  const ADMIN = { name: "--admin", steps: ["server", "admin", "listen"] };
  const told = (text: string, listen: string, admin = "127.0.0.1:9090") => {
    const flags = [
      { ...LISTEN, value: listen },
      { ...ADMIN, value: admin },
    ];
    const checked = checkConfig(text, { env, readFile: noFiles, flags });
    return "problems" in checked
      ? checked.problems.map((problem) => problemText("f", problem))
      : [checked.config.server.listen, checked.config.server.admin.listen];
  };
  const open = `${BASE}server: { listen: 0.0.0.0:80, admin: { listen: wrong } }\n`;
  assert.deepEqual(told(BASE, "127.0.0.1:1"), ["127.0.0.1:1", "127.0.0.1:9090"]);
  assert.deepEqual(told(open, "127.0.0.1:1", "127.0.0.1:2"), ["127.0.0.1:1", "127.0.0.1:2"]);
  assert.deepEqual(told(BASE, "0.0.0.0:1", "[::]:2"), [
    "--listen: others can reach 0.0.0.0:1: name client keys or trusted gateways in server.auth, or write server.auth: none",
    "--admin: others can reach [::]:2: set server.admin.token",
  ]);
  assert.deepEqual(told(BASE, "127.0.0.1:1", "127.0.0.1:1"), [
    "--admin: the admin port is the port of the doors, 127.0.0.1:1",
  ]);
  assert.deepEqual(told(BASE, "127.0.0.1:99999"), [
    "--listen: expected address:port, such as 127.0.0.1:8080 or [::1]:8080",
  ]);
  assert.deepEqual(told(`${BASE}server: 7\n`, "127.0.0.1:1"), [
    "f:10:9 server: expected a section, found a whole number",
  ]);
  assert.deepEqual(told(`${BASE}server: { auth: none }\n`, "0.0.0.0:1"), ["0.0.0.0:1", "127.0.0.1:9090"]);
});

test("a minimal config is whole: every default stands in it", () => {
  const checked = check(BASE);
  assert.ok("config" in checked);
  assert.deepEqual(checked.config, {
    version: 1,
    server: {
      listen: "127.0.0.1:8080",
      auth: "none",
      admin: { listen: "127.0.0.1:9090" },
      limits: { body_bytes: 10_485_760, concurrent: 10_000 },
      response_headers: true,
      routing_header: "x-selected-model",
      drain_ms: 30_000,
    },
    aliases: ["auto"],
    upstreams: {
      local: { kind: "vllm", url: "http://127.0.0.1:8000/v1", connections: 256, location: "internal" },
    },
    breaker: { percent: 50, minimum_requests: 5, window_ms: 10_000, reset_ms: 5000 },
    failover: { retries: 2 },
    tiers: {
      small: {
        quality: 0.5,
        timeouts: { connect_ms: 1000, first_token_ms: 15_000, between_tokens_ms: 30_000, total_ms: 300_000 },
      },
    },
    models: {
      llama: {
        tier: "small",
        price: { input: 0.05, output: 0.08 },
        context: 128_000,
        modalities: ["text"],
        tools: true,
        ttft_ms: 500,
        ms_per_token: 15,
        targets: [{ upstream: "local", model: "llama" }],
      },
    },
    encoder: {
      workers: 1,
      second_stage: "when_it_could_flip",
      deadline_ms: 50,
      max_tokens: 128,
    },
    signals: {},
    rules: [],
    routes: {},
    safety: {},
    decision: {
      tolerance: 0.1,
      threshold: 0.6,
      escalate_below_margin: 0,
      keep: ["turns", "tools"],
      rollout: { mode: "route", percent: 100 },
    },
    profiles: {},
    budgets: {},
    log: "info",
  });
  assert.match(checked.hash, /^[0-9a-f]{12}$/u);
  assert.deepEqual(checked.files, []);
});

test("a problem has path, line, column, sentence and hint", () => {
  const checked = check(swap("tier: small", "tier: smal"));
  assert.deepEqual(checked, {
    problems: [
      {
        path: "models.llama.tier",
        line: 7,
        column: 11,
        message: 'no tier is called "smal"',
        hint: 'did you mean "small"?',
      },
    ] satisfies Problem[],
    files: [],
  });
});

const WRONG: ReadonlyArray<readonly [name: string, text: string, problems: readonly string[]]> = [
  [
    "an empty file says what is needed",
    "# nothing\n",
    [
      "f:1:1 upstreams: this is missing: expected a section",
      "f:1:1 tiers: this is missing: expected a section",
      "f:1:1 models: this is missing: expected a section",
    ],
  ],
  ["a list is no config", "- a\n", ["f:1:1: expected a section, found a list"]],
  [
    "a bracket left open",
    `${BASE}aliases: [auto\n`,
    ["f:11:1: a bracket is not closed above, or what stands in it is not indented"],
  ],
  ["a tab", `${BASE}decision:\n\ttolerance: 0.1\n`, ["f:11:1: a tab cannot indent YAML (use spaces)"]],
  [
    "two keys on a line",
    `${BASE}log: info: info\n`,
    ["f:10:6: one line holds two keys (put the value in quotes, or on a line of its own)"],
  ],
  ["two documents", `${BASE}---\n${BASE}`, ["f:10:1: the file must hold one document (remove the lines ---)"]],
  [
    "a tag",
    `${BASE}log: !secret { level: info }\n`,
    ["f:10:6: YAML tags (!name) are not understood here (put a text in quotes)"],
  ],
  [
    "an alias of nothing",
    `${BASE}log: *x\n`,
    ["f:10:6 log: this alias names no anchor above it (put a text in quotes)"],
  ],
  ["a key twice", `${BASE}log: info\nlog: warn\n`, ["f:11:1 log: this key stands here twice"]],
  [
    "a key twice, deep inside",
    swap("input: 0.05,", "input: 0.05, input: 0.06,"),
    ["f:8:27 models.llama.price.input: this key stands here twice"],
  ],
  [
    "an unknown key with its neighbour",
    `${BASE}decison: { tolerance: 0.1 }\n`,
    ['f:10:1 decison: "decison" is not a key that is known here (did you mean "decision"?)'],
  ],
  [
    "an unknown key like no other",
    `${BASE}decision: { rollout: { colour: red } }\n`,
    ['f:10:24 decision.rollout.colour: "colour" is not a key that is known here (known here: mode, percent, default)'],
  ],
  [
    "a misspelled key is one problem, not also a missing one",
    swap("upstream: local", "upstrem: local"),
    ['f:9:17 models.llama.targets[0].upstrem: "upstrem" is not a key that is known here (did you mean "upstream"?)'],
  ],
  [
    "an unknown key of one of several forms",
    swap("kind: vllm,", "kind: vllm, connektions: 3,"),
    ['f:2:24 upstreams.local.connektions: "connektions" is not a key that is known here (did you mean "connections"?)'],
  ],
  [
    "an unknown form",
    swap("kind: vllm", "kind: vlm"),
    ['f:2:18 upstreams.local.kind: expected one of openai, vllm, gemini, anthropic, azure (did you mean "vllm"?)'],
  ],
  [
    "a missing key is shown at its section",
    swap("    price: { input: 0.05, output: 0.08 }\n", ""),
    ["f:6:3 models.llama.price: this is missing: expected a section"],
  ],
  [
    "a room's own sentence",
    swap(", url: http://127.0.0.1:8000/v1", ""),
    ["f:2:3 upstreams.local.url: an upstream of this kind needs its url"],
  ],
  [
    "text for a number",
    `${BASE}decision: { tolerance: high }\n`,
    ["f:10:24 decision.tolerance: expected a number, found text"],
  ],
  ["a list for text", swap("tier: small", "tier: [small]"), ["f:7:11 models.llama.tier: expected text, found a list"]],
  [
    "a fraction for a whole number",
    `${BASE}server: { drain_ms: 1.5 }\n`,
    ["f:10:21 server.drain_ms: expected a whole number, found a fraction"],
  ],
  [
    "yes for true",
    `${BASE}server: { response_headers: yes }\n`,
    ["f:10:29 server.response_headers: expected true or false, found text"],
  ],
  ["too much", `${BASE}decision: { tolerance: 3 }\n`, ["f:10:24 decision.tolerance: expected at most 1"]],
  ["nothing", `${BASE}decision:\n`, ["f:10:10 decision: expected a section, found nothing"]],
  [
    "a word that is none of the choices",
    `${BASE}log: wran\n`,
    ['f:10:6 log: expected one of silent, error, warn, info, debug (did you mean "warn"?)'],
  ],
  [
    "an upstream that is not there",
    swap("upstream: local", "upstream: locl"),
    ['f:9:27 models.llama.targets[0].upstream: no upstream is called "locl" (did you mean "local"?)'],
  ],
  [
    "a fallback that is not there",
    `${BASE}decision: { fallback: lama }\n`,
    ['f:10:23 decision.fallback: no model is called "lama" (did you mean "llama"?)'],
  ],
  [
    "a rule's model that is not there",
    `${BASE}rules: [{ name: r, then: { models: [llama, lama] } }]\n`,
    ['f:10:44 rules[0].then.models[1]: no model is called "lama" (did you mean "llama"?)'],
  ],
  [
    "a signal's pin that is not there",
    `${BASE}signals: { keyword: { rules: [{ label: a, any: [b], pin: { tier: smal } }] } }\n`,
    ['f:10:66 signals.keyword.rules[0].pin.tier: no tier is called "smal" (did you mean "small"?)'],
  ],
  [
    "a score for nobody",
    `${BASE}signals: { complexity: { scores: { simple: { smal: 1 } } } }\n`,
    ['f:10:46 signals.complexity.scores.simple.smal: no model or tier is called "smal" (did you mean "small"?)'],
  ],
  [
    "a score of a subject for nobody",
    `${BASE}signals: { domain: { scores: { math: { smal: 1 } } } }\n`,
    ['f:10:40 signals.domain.scores.math.smal: no model or tier is called "smal" (did you mean "small"?)'],
  ],
  [
    "the pin of a route by examples that is not there",
    `${BASE}signals: { embedding: { routes: [{ label: a, examples: [b], pin: { model: lama } }] } }\n`,
    ['f:10:75 signals.embedding.routes[0].pin.model: no model is called "lama" (did you mean "llama"?)'],
  ],
  [
    "a class that only the encoder can tell, where nothing learned is read",
    `${BASE}signals: { jailbreak: { learned: false } }\nsafety: { harmful: { action: block } }\n`,
    [
      'f:11:20 safety.harmful: what is harmful is read by the encoder alone: set "learned" of signals.jailbreak to true',
    ],
  ],
  [
    "an answer kept for a domain that does not exist",
    `${BASE}cache: { kind: memory, thresholds: { mathe: 0.9 } }\n`,
    ['f:10:38 cache.thresholds.mathe: no domain is called "mathe" (did you mean "math"?)'],
  ],
  [
    "a route that keeps answers where there is no cache",
    `${BASE}routes: { web: { cache: { mode: exact } } }\n`,
    ["f:10:18 routes.web.cache: nothing is kept: say where at the top, such as cache: { kind: memory }"],
  ],
  [
    "a client key for a model that is not there",
    `${BASE}server: { auth: { keys: [{ key: long-enough, models: [lama] }] } }\n`,
    ['f:10:55 server.auth.keys[0].models[0]: no model is called "lama" (did you mean "llama"?)'],
  ],
  [
    "an alias that hides a model",
    `${BASE}aliases: [auto, llama]\n`,
    ['f:10:17 aliases[1]: "llama" is also the name of a model'],
  ],
  [
    "a name that begins with a digit",
    swap("  llama:\n", "  9llama:\n"),
    ['f:6:3 models["9llama"]: a name starts with a letter and has up to 128 letters, digits or . _ : / -'],
  ],
  [
    "names that every object has",
    `${BASE}__proto__: 1\nroutes: { constructor: {} }\n`,
    ['f:10:1 __proto__: "__proto__" cannot be a name', 'f:11:11 routes.constructor: "constructor" cannot be a name'],
  ],
  [
    "an open door without keys",
    `${BASE}server: { listen: 0.0.0.0:8080 }\n`,
    [
      "f:10:19 server.listen: others can reach 0.0.0.0:8080: name client keys or trusted gateways in server.auth, or write server.auth: none",
    ],
  ],
  [
    "an open admin port without a token",
    `${BASE}server: { admin: { listen: "[::]:9090" } }\n`,
    ["f:10:28 server.admin.listen: others can reach [::]:9090: set server.admin.token"],
  ],
  [
    "an address without a port",
    `${BASE}server: { listen: 127.0.0.1 }\n`,
    ["f:10:19 server.listen: expected address:port, such as 127.0.0.1:8080 or [::1]:8080"],
  ],
  [
    "a gateway network that is everybody",
    `${BASE}server: { auth: { trusted: [0.0.0.0/0] } }\n`,
    ["f:10:29 server.auth.trusted[0]: expected an address or a network, such as 10.0.0.0/8"],
  ],
  [
    "one key for two clients",
    `${BASE}server: { auth: { keys: [{ key: long-enough }, { key: long-enough }] } }\n`,
    ["f:10:55 server.auth.keys[1].key: this is also the key of server.auth.keys[0]"],
  ],
  [
    "a header that has another meaning",
    `${BASE}server: { routing_header: authorization }\n`,
    ["f:10:27 server.routing_header: this header has another meaning already"],
  ],
  [
    "a variable that is not set",
    swap("kind: vllm,", "kind: vllm, key: ${NOPE},"),
    ["f:2:29 upstreams.local.key: the environment variable NOPE is not set"],
  ],
  [
    "a variable that is empty",
    swap("kind: vllm,", "kind: vllm, key: ${EMPTY},"),
    ["f:2:29 upstreams.local.key: the environment variable EMPTY is empty"],
  ],
  [
    "no name of a variable",
    `${BASE}rules: [{ name: r, when: { text: "a\${3}" }, then: { model: llama } }]\n`,
    ["f:10:34 rules[0].when.text: ${3} names no environment variable and no file (write $${ for a plain ${)"],
  ],
  [
    "a secret file that cannot be read",
    swap("kind: vllm,", "kind: vllm, key: '${file:/run/secrets/key}',"),
    ['f:2:29 upstreams.local.key: the secret file "/run/secrets/key" cannot be read: ENOENT'],
  ],
  [
    "a reference where a number belongs",
    swap("kind: vllm,", "kind: vllm, connections: ${SECRET},"),
    ["f:2:37 upstreams.local.connections: expected a number, found text (a reference always gives text)"],
  ],
];

for (const [name, text, expected] of WRONG) {
  test(`wrong config: ${name}`, () => assert.deepEqual(problems(text), expected));
}

test("several problems come in the order of the file", () => {
  const text = `${swap("tier: small", "tier: smal").replace("vllm,", "vllm, conections: 1,")}log: 1\n`;
  assert.deepEqual(
    problems(text).map((line) => line.split(" ")[0]),
    ["f:2:24", "f:10:6"],
    "names are looked up once the form is right",
  );
});

test("of very many problems fifty are told", () => {
  const many = Array.from({ length: 60 }, (_, index) => `k${index}: 1`).join("\n");
  const told = problems(BASE + many);
  assert.equal(told.length, 51);
  assert.equal(told.at(-1), "f: 10 more problems");
});

test("a reference may stand without quotes, also inside braces; $${ is a plain ${", () => {
  const text = swap("model: llama }", "model: a-$${b}-${SECRET} }").replace(
    "kind: vllm,",
    "kind: vllm, key: ${SECRET},",
  );
  const checked = check(text);
  assert.ok("config" in checked);
  assert.equal(checked.config.upstreams["local"]?.key, SECRET);
  assert.equal(checked.config.models["llama"]?.targets[0]?.model, `a-\${b}-${SECRET}`);
});

test("a secret file loses its last line break and is listed, readable or not", () => {
  const text = swap("kind: vllm,", "kind: vllm, key: ${file:keys/local},");
  const checked = check(text, { readFile: (path) => (path === "keys/local" ? "from-file\n" : "") });
  assert.ok("config" in checked);
  assert.equal(checked.config.upstreams["local"]?.key, "from-file");
  assert.deepEqual(checked.files, ["keys/local"]);
  assert.deepEqual(check(text).files, ["keys/local"]);
});

test("no message holds the value of a secret, wherever the reference stands", () => {
  const places = [
    swap("kind: vllm", "kind: ${SECRET}"),
    swap("http://127.0.0.1:8000/v1", "${SECRET}"),
    swap("http://127.0.0.1:8000/v1", "http://user:${SECRET}@host/"),
    swap("tier: small", "tier: ${SECRET}"),
    swap("upstream: local", "upstream: ${SECRET}"),
    `${BASE}server: { listen: "\${SECRET}" }\n`,
    `${BASE}server: { listen: "0.0.0.0:1\${SECRET}" }\n`,
    `${BASE}server: { auth: { keys: [{ key: "\${SECRET} \${SECRET}" }] } }\n`,
    `${BASE}log: "\${SECRET}"\n`,
    `${BASE}aliases: ["\${SECRET}", "\${SECRET}"]\n`,
    `${BASE}decision: { fallback: "\${SECRET}" }\n`,
    `${BASE}rules: [{ name: "\${SECRET}", then: { model: llama } }, { name: "\${SECRET}", then: { route: x } }]\n`,
    `${BASE}signals: { keyword: { rules: [{ label: "\${SECRET}", any: ["("], match: regex }] } }\n`,
    `${BASE}signals: { jailbreak: { patterns: ["(\${SECRET}"] } }\n`,
    `${BASE}rules: [{ name: r, when: { text: "(\${SECRET}" }, then: { model: llama } }]\n`,
  ];
  for (const text of places) {
    const told = JSON.stringify(check(text));
    assert.ok(told.includes('"problems"'), text);
    assert.equal(told.includes("hunter2"), false, told);
  }
});

test("the hash changes with a secret and with the order of tiers, not with comments, and gives nothing away", () => {
  const hashOf = (text: string, secret = "first-secret") => {
    const checked = check(text, { env: { KEY: secret } });
    assert.ok("hash" in checked, JSON.stringify(checked));
    return checked.hash;
  };
  const text = swap("kind: vllm,", "kind: vllm, key: ${KEY},").replace(
    "small: { quality: 0.5 }",
    "small: { quality: 0.5 }\n  large: { quality: 0.9 }",
  );
  const turned = text.replace(
    "small: { quality: 0.5 }\n  large: { quality: 0.9 }",
    "large: { quality: 0.9 }\n  small: { quality: 0.5 }",
  );
  assert.equal(hashOf(text), hashOf(`# a comment\n${text}log: info\n`));
  assert.notEqual(hashOf(text), hashOf(text, "second-secret"));
  assert.notEqual(hashOf(text), hashOf(turned));
});

test("anchors and aliases are followed", () => {
  const text = `${BASE}profiles: { one: &p { tolerance: 0.2 }, two: *p }\n`;
  const checked = check(text);
  assert.ok("config" in checked);
  assert.deepEqual(checked.config.profiles, { one: { tolerance: 0.2 }, two: { tolerance: 0.2 } });
});

test("what is made to stall is refused at once", () => {
  const level = (at: number) => `${"abcdefghij"[at]}: &${"abcdefghij"[at]}`;
  const bomb = Array.from({ length: 9 }, (_, at) =>
    at === 0
      ? `${level(0)} [x]`
      : `${level(at)} [${Array(10)
          .fill(`*${"abcdefghij"[at - 1]}`)
          .join(", ")}]`,
  ).join("\n");
  const MB = 1_048_576;
  const cases: ReadonlyArray<readonly [text: string, message: RegExp]> = [
    [bomb, /too many parts/u],
    ["profiles: &p { cheap: *p }", /levels inside each other/u],
    ["[".repeat(MB), /levels inside each other/u],
    ["- ".repeat(90_000), /./u],
    [`[${",".repeat(MB - 1)}`, /too many parts/u],
    ["}".repeat(MB), /./u],
    ["x".repeat(MB + 1), /larger than 1048576 bytes/u],
    [Array.from({ length: 25_000 }, (_, index) => `k${index}: 1`).join("\n"), /missing/u],
    [`"${"\\x".repeat(90_000)}"`, /./u],
  ];
  for (const [text, message] of cases) {
    const start = performance.now();
    const checked = check(text);
    assert.ok("problems" in checked);
    assert.match(checked.problems[0]!.message, message);
    assert.ok(performance.now() - start < 5000, `${text.slice(0, 10)} took too long`);
  }
});
