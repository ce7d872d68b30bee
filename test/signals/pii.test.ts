import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { createPii, piiOptions } from "../../src/signals/pii.ts";
import { document, message, promptOf } from "./prompt.ts";

const calm = { spent: () => false, breathe: async () => {}, share: () => {} };
const signal = createPii(piiOptions.parse({}));

function labels(text: string): string[] {
  const look = signal.fast(promptOf("", [message("user", text)]), calm);
  assert.ok(!(look instanceof Promise));
  return look.readings.map(({ label }) => label);
}

const FOUND: Readonly<Record<string, readonly string[]>> = {
  card: [
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111.1111.1111.1111",
    "4111\u00a01111\u00a01111\u00a01111",
    "4111‑1111‑1111‑1111",
    "4111–1111–1111–1111",
    "٤١١١١١١١١١١١١١١١",
    "４１１１　１１１１　１１１１　１１１１",
    "4111 1111 1111 1111 12/26 123",
    "card: 378282246310005",
    "3782 822463 10005",
    "5555555555554444",
    "2223003122003222",
    "6011111111111117",
    "3530111333300000",
    "my visa 4222222222222",
    "41\u200b11111111111111",
    "credit card 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
  ],
  iban: [
    "DE89370400440532013000",
    "DE89 3704 0044 0532 0130 00",
    "de89 3704 0044 0532 0130 00",
    "GB82-WEST-1234-5698-7654-32",
    "NL91 ABNA 0417 1643 00",
    "NO93 8601 1117 947",
    "IBAN:FR1420041010050500013M02606.",
  ],
  us_ssn: ["078-05-1120", "078 05 1120", "078–05–1120", "my SSN is 078051120", "ITIN 912-70-1234", "SSN 914-42-1313"],
  uk_nhs: ["943 476 5919", "NHS number 9434765919"],
  uk_nino: ["AB123456C", "AB 12 34 56 C", "ab 12 34 56 c"],
  es_dni: ["12345678Z", "12345678-Z", "12.345.678-Z", "X1234567L", "mi DNI: 12345678A"],
  fr_nir: ["255081416802538", "2 55 08 14 168 025 38"],
  de_steuer_id: ["Steuer-ID 86095742719", "86 095 742 719"],
  it_codice_fiscale: ["RSSMRA85T10A562S", "rssmra85t10a562s"],
  br_cpf: ["529.982.247-25", "CPF 52998224725"],
  in_aadhaar: ["2341 2341 2346", "Aadhaar 234123412346"],
  cn_resident_id: ["11010519491231002X", "身份证号11010519491231002x。"],
  nl_bsn: ["BSN 111222333", "Mijn burgerservicenummer is 111222333"],
  pl_pesel: ["PESEL 44051401359"],
  phone: [
    "+49 30 901820",
    "+1 (415) 555-2671",
    "+919512162001",
    "(415) 555-2671",
    "415-555-2671",
    "call me at 415 555 2671",
    "020 7946 0958",
    "01 23 45 67 89",
    "我的电话是13812345678",
    "Telefon: 030/901820",
  ],
  email: ["a.b+c@mail.example.org", "josé@exämple.de", "mailto:x@y.io", "<me@example.com>"],
  ip: ["93.184.216.34", "2a00:1450:4001:81b::200e", "1125:a24d:968d:3587:26f7:f866:8e83:fe3d"],
  secret: [
    "sk-proj-abcdefghijklmnopqrstuvwx",
    "sk-ant-api03-abcdefghijklmnopqrstuvwx",
    "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "github_pat_11ABCDEFG0abcdefghijkl_mnop",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "xoxb-123456789012-abcdefghijkl",
    "glpat-abcdefghijklmnopqrst",
    "hf_abcdefghijklmnopqrstuvwxyzABCDEF",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
  ],
};

for (const [entity, texts] of Object.entries(FOUND)) {
  describe(`finds ${entity}`, () => {
    for (const text of texts) {
      void test(`in ${text}`, () => {
        assert.ok(labels(text).includes(entity), labels(text).join());
        assert.ok(labels(`Please note: ${text}, thanks.`).includes(entity));
        assert.ok(labels(`(${text})\nnext line`).includes(entity));
      });
    }
  });
}

const CLEAN = [
  "The recipe needs 936 grams of flour and 2 eggs.",
  "Version 3.486.1 breaks the build, version 1.2.3.4 does not",
  "Set the timeout to 13979508 ms, at 1700000000000.",
  "pi is 3.141592653589793 and e is 2.718281828459045",
  "The invoice total is $56922111.00",
  "4111111111111112 is no card",
  "DE89370400440532013001 is no IBAN",
  "order 48213-2024-11-05, 10:20:30",
  "std::vector<int> a::b and Foo::bar",
  "connect to 127.0.0.1 or ::1 or 192.0.2.7 or 2001:db8::1, mask 255.255.255.0",
  "ping 192.168.1.17, 10.0.0.8, 172.16.3.4, 169.254.1.1, 100.64.0.1, fe80::1, fd12:3456:789a::1",
  "build 22.15.7.1 of the driver, upgrade 9.8.7.6, pkg==4.3.2.1, Chrome/120.0.1.2, kernel: 5.15.0.91",
  "see https://example.com/a/1234567890?x=1",
  "sk-learn is a package, and sk-short",
  "@decorator and foo@bar are no addresses",
  "978-3-16-148410-0 is a book",
  "2024-11-05 to 2025-01-31",
  "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
  "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  "550e8400-e29b-41d4-a716-446655440000",
];
for (const text of CLEAN) test(`finds nothing in: ${text}`, () => assert.deepEqual(labels(text), []));

/** Random digits with the check digit that makes them a card. */
const cards = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 14, maxLength: 14 }).map((tail) => {
  const body = [4, ...tail];
  const sum = body.reduce(
    (total, digit, at) => total + (at % 2 === 0 ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit]! : digit),
    0,
  );
  return [...body, (10 - (sum % 10)) % 10].join("");
});

test("no card is missed, however its groups are parted and whatever stands around it", () => {
  const parts = fc.constantFrom("", " ", "-", ".", "\u00a0", "\u2009", "‑", "—", "−");
  const around = fc.constantFrom("", " ", "\n", "“", "(", "No. ", "card=", "：", "中文");
  fc.assert(
    fc.property(
      cards,
      parts,
      around,
      fc.constantFrom("", " ", ".", ")", "\n", "，", " exp 01/29"),
      (card, part, before, after) => {
        const text = before + card.match(/.{4}/gu)!.join(part) + after;
        assert.ok(labels(text).includes("card"), JSON.stringify(text));
      },
    ),
    { seed: 13, numRuns: 600 },
  );
});

test("a card that lies across two windows of a long text is found", async () => {
  for (let shift = 0; shift < 20; shift++) {
    const text = `${" ".repeat(16_384 - shift)}4111 1111 1111 1111${" ".repeat(30_000)}`;
    const { readings } = await signal.fast(promptOf("", [message("user", text)]), calm);
    assert.deepEqual(
      readings.map(({ label }) => label),
      ["card"],
    );
  }
});

test("every passage is read: system, documents, tool calls", () => {
  for (const passage of [
    message("system", "ada.lovelace@mail.dev"),
    document("ada.lovelace@mail.dev"),
    { role: "tool", origin: "tool_result", text: "ada.lovelace@mail.dev" } as const,
  ]) {
    assert.deepEqual(signal.fast(promptOf("", [message("user", "hello"), passage]), calm), {
      readings: [{ label: "email", score: 1, confidence: 0.95 }],
    });
  }
});

function score(text: string): number | undefined {
  const look = signal.fast(promptOf("", [message("user", text)]), calm);
  assert.ok(!(look instanceof Promise));
  return look.readings[0]?.score;
}

const ANYBODYS = [
  "noreply@github.com",
  "no-reply@accounts.google.com",
  "Write to support@acme.io or info@acme.io, sales@acme.io, admin@acme.io.",
  "postmaster@mail.acme.io",
  "git@github.com:acme/app.git",
  "jane.doe@example.com",
  "jane@example.org",
  "a@b.test",
  "bob@corp.example.net",
  "support+de@acme.io",
  "1.2.3.4",
  "93.184.216.34",
  "Is 8.8.8.8 a nice number?",
  "2a00:1450:4001:81b::200e",
];
for (const text of ANYBODYS) {
  test(`what could be anybody's is found, but not as personal: ${text}`, () => assert.equal(score(text), 0.5));
}

const SOMEBODYS = [
  "ada.lovelace@mail.dev",
  "support@acme.io forwarded it to ada.lovelace@mail.dev",
  "infotainment.fan@mail.dev",
  "the ip is 93.184.216.34",
  "http://93.184.216.34/login",
  "ssh root@93.184.216.34",
  "93.184.216.34:8080",
  "my server at 2a00:1450:4001:81b::200e is down",
  "meine IP-Adresse lautet 93.184.216.34",
  "version 1.2.3.4 runs on host 93.184.216.34",
];
for (const text of SOMEBODYS) {
  test(`what is somebody's is personal: ${text}`, () => assert.equal(score(text), 1));
}

test("only the entities of the config are looked for", () => {
  const narrow = createPii(piiOptions.parse({ entities: ["iban"] }));
  const text = "4111111111111111 and DE89370400440532013000 and ada.lovelace@mail.dev";
  assert.deepEqual(narrow.fast(promptOf("", [message("user", text)]), calm), {
    readings: [{ label: "iban", score: 1, confidence: 0.95 }],
  });
});

test("a checksum in its own shape is surer than one that needs a word beside it", () => {
  const sure = signal.fast(promptOf("", [message("user", "078-05-1120")]), calm);
  const weak = signal.fast(promptOf("", [message("user", "ssn 078051120")]), calm);
  assert.ok(!(sure instanceof Promise) && !(weak instanceof Promise));
  assert.ok(sure.readings[0]!.confidence > weak.readings[0]!.confidence);
});
