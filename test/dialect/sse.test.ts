import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { createSseReader, sseEvent, type SseEvent } from "../../src/dialect/sse.ts";
import { RouterError } from "../../src/errors.ts";

const read = (pieces: readonly Uint8Array[], maxEventBytes = 1000) => {
  const reader = createSseReader({ maxEventBytes });
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
};
const plain = (events: readonly SseEvent[]) =>
  events.map(({ event, data, raw }) => ({ event, data, raw: Buffer.from(raw).toString() }));
const readText = (text: string) => plain(read([Buffer.from(text)]));

describe("reading", () => {
  test("events carry their name, their data lines joined, and their exact bytes", () => {
    assert.deepEqual(readText("event: ping\ndata: a\ndata:b\nid: 7\n\ndata:  c\r\n\r\n"), [
      { event: "ping", data: "a\nb", raw: "event: ping\ndata: a\ndata:b\nid: 7\n\n" },
      { event: "", data: " c", raw: "data:  c\r\n\r\n" },
    ]);
  });

  test("lines end in LF, CR or CRLF, mixed", () => {
    assert.deepEqual(
      readText("data: a\r\rdata: b\r\n\ndata: c\n\r\ndata: d\r\r\ndata: e\n\n").map(({ data, raw }) => [data, raw]),
      [
        ["a", "data: a\r\r"],
        ["b", "data: b\r\n\n"],
        ["c", "data: c\n\r\n"],
        ["d", "data: d\r\r\n"],
        ["e", "data: e\n\n"],
      ],
    );
  });

  test("comments, stray blank lines and fields without a colon lose no byte", () => {
    const text = ": OPENROUTER PROCESSING\n\n\n\ndata\nretry: 3\n\n";
    const events = readText(text);
    assert.equal(events.map((event) => event.raw).join(""), text);
    assert(events.every((event) => event.data === ""));
  });

  test("a byte order mark at the start belongs to no field", () => {
    assert.deepEqual(readText("\uFEFFdata: a\n\n"), [{ event: "", data: "a", raw: "\uFEFFdata: a\n\n" }]);
  });

  test("an event that nothing ends comes out at the end", () => {
    assert.deepEqual(readText("data: [DONE]"), [{ event: "", data: "[DONE]", raw: "data: [DONE]" }]);
    assert.deepEqual(readText("data: x\r\n\r"), [{ event: "", data: "x", raw: "data: x\r\n\r" }]);
  });

  test("wherever the bytes are cut, the same events come out, and all bytes", () => {
    const line = fc.constantFrom(
      "data: é漢😀",
      "data:",
      "event: x",
      ": ping",
      "id: 1",
      "",
      "",
      '{"a":1}',
      "\uFEFFdata: z",
      "data: y",
    );
    const stream = fc
      .array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\r\r")), { maxLength: 12 })
      .map((lines) => Buffer.from(lines.flat().join("")));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(200), { maxLength: 12 }), (bytes, marks) => {
        const cuts = [...new Set(marks.filter((cut) => cut < bytes.length))].sort((a, b) => a - b);
        const pieces = [...cuts, bytes.length].map((end, i) => bytes.subarray(i === 0 ? 0 : cuts[i - 1], end));
        const whole = plain(read([bytes]));
        assert.deepEqual(plain(read(pieces)), whole);
        assert.deepEqual(plain(read([...bytes].map((byte) => Buffer.from([byte])))), whole);
        assert.equal(whole.map((event) => event.raw).join(""), bytes.toString());
      }),
      { seed: 5, numRuns: 1500 },
    );
  });

  test("an event beyond the limit is the upstream's failure, in one piece or in many", () => {
    const long = Buffer.from(`data: ${"x".repeat(2000)}\n\n`);
    const failed = (error: unknown) => error instanceof RouterError && error.code === "upstream_failed";
    assert.throws(() => read([long]), failed);
    assert.throws(() => read([...long].map((byte) => Buffer.from([byte]))), failed);
    assert.throws(() => read([long.subarray(0, 1500)]), failed);
    assert.equal(read(Array(50).fill(Buffer.from(`data: ${"x".repeat(900)}\n\n`))).length, 50);
  });
});

test("a written event reads back, its line breaks as data lines", () => {
  assert.equal(Buffer.from(sseEvent("a\nb", "x")).toString(), "event: x\ndata: a\ndata: b\n\n");
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes("\r")),
      (data) => {
        assert.equal(read([sseEvent(data)])[0]?.data, data);
      },
    ),
    { seed: 6, numRuns: 300 },
  );
});
