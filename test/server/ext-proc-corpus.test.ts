import assert from "node:assert/strict";
import { test } from "node:test";
import { CORPUS, type Case } from "../conformance/corpus/corpus.ts";
import { unlike } from "../conformance/corpus/compare.ts";
import { corpusConfig, expected, type Fate } from "../conformance/corpus/expected.ts";
import { BodyMode, connectGateway, sendThrough, type GatewayEnd, type WholeMode } from "../fakes/ext-proc.ts";
import { startHouse } from "../rig/house.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };

test("the corpus is large, and each of its requests has a name of its own", () => {
  assert.ok(CORPUS.length >= 150, String(CORPUS.length));
  assert.equal(new Set(CORPUS.map(({ name }) => name)).size, CORPUS.length);
});

async function fateOf(gateway: GatewayEnd, one: Case, mode: WholeMode): Promise<Fate> {
  const stream = gateway.open();
  const body = Buffer.from(one.body);
  const headers = [
    [":method", "POST"],
    [":path", one.path],
    ["content-type", "application/json"],
    ["content-length", String(body.length)],
    ...Object.entries(one.headers),
  ] as const;
  const onward = await sendThrough(stream, { mode, body, headers, pieces: 5 });
  stream.reset();
  if (onward.kind === "immediate") return { kind: "refuse", status: onward.status, code: codeOf(onward.body) };
  return {
    kind: "forward",
    model: onward.headers.find(([name]) => name === "x-selected-model")?.[1] ?? "",
    body: JSON.parse(onward.body.toString("utf8")),
  };
}

/** Only OpenAI's errors have a code. */
function codeOf(body: string): string {
  const { error } = JSON.parse(body) as { error: { code?: string } };
  return error.code ?? "";
}

const MODES = { BUFFERED: BodyMode.BUFFERED, FULL_DUPLEX_STREAMED: BodyMode.FULL_DUPLEX_STREAMED } as const;
for (const [name, mode] of Object.entries(MODES)) {
  test(`each request of the corpus has the fate that RouteRequest gives it, in ${name}`, async () => {
    const house = await startHouse(corpusConfig(urls));
    const gateway = await connectGateway(house.url);
    try {
      const wrong: string[] = [];
      const kinds = new Map<string, number>();
      for (const one of CORPUS) {
        const [wanted, found] = [await expected(house, one), await fateOf(gateway, one, mode)];
        wrong.push(...unlike("envoy", one, wanted, found));
        const kind = wanted.kind === "forward" ? wanted.model : String(wanted.status);
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
      assert.deepEqual(wrong, []);
      // A corpus that all goes one way would show little.
      for (const kind of ["small", "large", "400", "403"])
        assert.ok((kinds.get(kind) ?? 0) >= 5, `${kind}: ${kinds.get(kind)}`);
    } finally {
      await gateway.close();
      await house.stop();
    }
  });
}
