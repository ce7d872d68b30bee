/**
 * What a hop costs that does nothing: reads a request whole, sends it on, sends the answer back. A process of its
 * own, told the upstream's port; prints its port. The part of Signalbox's added time that is Node's and the machine's.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { Pool } from "undici";

const pool = new Pool(`http://127.0.0.1:${process.argv[2]}`);
const server = createServer((request, response) => {
  buffer(request)
    .then(async (body) => {
      const headers = { "content-type": "application/json" };
      const answer = await pool.request({ path: request.url ?? "/", method: "POST", headers, body });
      response.writeHead(answer.statusCode, { "content-type": String(answer.headers["content-type"]) });
      for await (const chunk of answer.body) response.write(chunk);
      response.end();
    })
    .catch(() => response.destroy());
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
console.log((server.address() as AddressInfo).port);
process.once("SIGTERM", () => process.exit(0));
