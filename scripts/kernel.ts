import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import loadWabt from "wabt";

/** Assembles src/inference/kernel.wat into kernel-code.ts; a test fails while the committed file says something else. */
const folder = join(import.meta.dirname, "../src/inference");

/** Standard since WebAssembly 3.0; the assembler wants them named. */
const FEATURES = { simd: true, threads: true, multi_memory: true };

export async function assemble(): Promise<string> {
  const wabt = await loadWabt();
  const text = new Uint8Array(readFileSync(join(folder, "kernel.wat")));
  const { buffer } = wabt.parseWat("kernel.wat", text, FEATURES).toBinary({});
  // The assembler knows the grammar; that the types fit is the engine's to say.
  await WebAssembly.compile(Buffer.from(buffer));
  return Buffer.from(buffer).toString("base64");
}

if (import.meta.main) {
  const lines = (await assemble()).match(/.{1,100}/gu) ?? [];
  const code = lines.map((line) => `  "${line}",`).join("\n");
  writeFileSync(
    join(folder, "kernel-code.ts"),
    `/** kernel.wat, assembled, in base64. Written by \`npm run kernel\`. */\nexport const KERNEL_CODE = [\n${code}\n].join("");\n`,
  );
}
