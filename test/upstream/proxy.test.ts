import assert from "node:assert/strict";
import { test } from "node:test";
import { proxyFor } from "../../src/upstream/proxy.ts";

const ENV = { HTTPS_PROXY: "http://s:1", HTTP_PROXY: "http://p:1" };
const URL_OF = { s: "https://api.openai.com/v1", p: "http://vllm.corp:8000/v1" };

for (const [what, url, env, wanted] of [
  ["none where nothing is named", URL_OF.s, {}, undefined],
  ["HTTPS_PROXY for https", URL_OF.s, ENV, "http://s:1"],
  ["HTTP_PROXY for http", URL_OF.p, ENV, "http://p:1"],
  ["HTTP_PROXY is not for https", URL_OF.s, { HTTP_PROXY: "http://p:1" }, undefined],
  ["lower case first", URL_OF.s, { ...ENV, https_proxy: "http://lower:1" }, "http://lower:1"],
  ["an empty name is none", URL_OF.s, { https_proxy: "", HTTPS_PROXY: " " }, undefined],
  ["one without http://", URL_OF.s, { HTTPS_PROXY: "proxy:3128" }, "http://proxy:3128"],
  ["this machine", "http://127.0.0.1:8000/v1", ENV, undefined],
  ["this machine by its name", "http://localhost:8000", ENV, undefined],
  ["this machine over IPv6", "http://[::1]:8000", ENV, undefined],
  ["NO_PROXY: everything", URL_OF.s, { ...ENV, NO_PROXY: "*" }, undefined],
  ["NO_PROXY: the host", URL_OF.s, { ...ENV, NO_PROXY: "a.b, API.openai.com" }, undefined],
  ["NO_PROXY: the domain", URL_OF.s, { ...ENV, no_proxy: "openai.com" }, undefined],
  ["NO_PROXY: the domain with a dot", URL_OF.s, { ...ENV, NO_PROXY: ".openai.com" }, undefined],
  ["NO_PROXY: the domain with a star", URL_OF.s, { ...ENV, NO_PROXY: "*.openai.com" }, undefined],
  ["NO_PROXY: the end of another name", "https://notopenai.com", { ...ENV, NO_PROXY: "openai.com" }, "http://s:1"],
  ["NO_PROXY: its port", URL_OF.p, { ...ENV, NO_PROXY: "vllm.corp:8000" }, undefined],
  ["NO_PROXY: another port", URL_OF.p, { ...ENV, NO_PROXY: "vllm.corp:80" }, "http://p:1"],
  ["NO_PROXY: the usual port", URL_OF.s, { ...ENV, NO_PROXY: "api.openai.com:443" }, undefined],
  ["NO_PROXY: an address", "http://10.1.2.3:8000", { ...ENV, NO_PROXY: "10.1.2.3" }, undefined],
  ["NO_PROXY: a network", "http://10.1.2.3:8000", { ...ENV, NO_PROXY: "10.0.0.0/8" }, undefined],
  ["NO_PROXY: another network", "http://10.1.2.3:8000", { ...ENV, NO_PROXY: "10.2.0.0/16" }, "http://p:1"],
  ["NO_PROXY: the end of an address", "http://10.1.2.3:8000", { ...ENV, NO_PROXY: "2.3" }, "http://p:1"],
  ["NO_PROXY: IPv6", "http://[fd00::1]:8000", { ...ENV, NO_PROXY: "fd00::1" }, undefined],
  ["NO_PROXY: IPv6 with a port", "http://[fd00::1]:8000", { ...ENV, NO_PROXY: "[fd00::1]:8000" }, undefined],
  ["NO_PROXY: an IPv6 network", "http://[fd00::1]:8000", { ...ENV, NO_PROXY: "fd00::/8" }, undefined],
  ["NO_PROXY: nonsense", URL_OF.s, { ...ENV, NO_PROXY: ", :, /, 10.0.0.0/99, [, ]:1" }, "http://s:1"],
] as const satisfies readonly (readonly [string, string, Record<string, string>, string | undefined])[]) {
  test(`the environment's proxy: ${what}`, () => {
    assert.equal(proxyFor(url, env)?.url, wanted);
  });
}
