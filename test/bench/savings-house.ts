import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request as requestHttp } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { benchConfig } from "./config.ts";
import { serve } from "./processes.ts";

/** What a request left in the records. */
export interface Recorded {
  readonly status: number;
  readonly stream: boolean;
  readonly cost_usd?: number;
  readonly baseline_usd?: number;
  readonly overhead_ms: number;
  readonly cache?: { readonly result: string };
}

export interface Heard {
  readonly status: number;
  /** exact, semantic, shared or miss; undefined where nothing was looked up. */
  readonly found: string | undefined;
  readonly body: string;
  readonly bytes: number;
  /** Milliseconds from the sending to the first byte of the body, and to its last. */
  readonly firstMs: number;
  readonly lastMs: number;
}

interface Served {
  ask(asked: { readonly model: string; readonly text: string; readonly stream?: boolean }): Promise<Heard>;
  /** Ends the process; what it recorded, in the order in which requests ended. */
  stop(): Promise<readonly Recorded[]>;
}

/** A busy machine is waited for, so that the time of a second look does not change what is found; it is added time all the same. */
const SECOND_LOOK_MS = 2000;

/** Signalbox as a user starts it, with the config of the other benches, in a process of its own. */
export async function serveRecorded(upstreamUrl: string, cached: boolean): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-bench-"));
  const records = join(folder, "records.jsonl");
  const served = await serve(upstreamUrl, undefined, (url, ports) =>
    [
      benchConfig(url, ports),
      `records: { path: "${records}" }`,
      `encoder: { deadline_ms: ${SECOND_LOOK_MS} }`,
      cached ? "cache: { kind: memory }" : "",
    ].join("\n"),
  );
  const agent = new Agent({ keepAlive: true });
  return {
    ask: (asked) => ask(served.port, agent, asked),
    async stop() {
      agent.destroy();
      await served.stop();
      const lines = readFileSync(records, "utf8").trimEnd().split("\n");
      rmSync(folder, { recursive: true });
      return lines.map((line) => JSON.parse(line) as Recorded);
    },
  };
}

function ask(
  port: number,
  agent: Agent,
  { model, text, stream = false }: { model: string; text: string; stream?: boolean },
): Promise<Heard> {
  const messages = [{ role: "user", content: text }];
  const usage = stream ? { stream_options: { include_usage: true } } : {};
  const body = JSON.stringify({ model, messages, stream, ...usage });
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = performance.now();
    const asking = requestHttp({
      host: "127.0.0.1",
      port,
      path: "/v1/chat/completions",
      method: "POST",
      agent,
      headers,
    });
    asking.on("error", reject).on("response", (response) => {
      const pieces: Buffer[] = [];
      let firstMs = Number.NaN;
      response.on("error", reject).on("data", (piece: Buffer) => {
        if (pieces.push(piece) === 1) firstMs = performance.now() - sent;
      });
      response.on("end", () => {
        const whole = Buffer.concat(pieces);
        const found = response.headers["x-signalbox-cache"];
        resolve({
          status: response.statusCode!,
          found: typeof found === "string" ? found : undefined,
          body: whole.toString(),
          bytes: whole.length,
          firstMs,
          lastMs: performance.now() - sent,
        });
      });
    });
    asking.end(body);
  });
}
