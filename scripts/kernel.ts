import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import loadWabt from "wabt";

/** Assembles KERNEL.wat into KERNEL-code.ts beside it; a test fails while a committed file says something else. */
const KERNELS = ["inference/kernel", "cache/index/scan"] as const;

const src = join(import.meta.dirname, "../src");

/** Standard since WebAssembly 3.0; the assembler wants them named. */
const FEATURES = { simd: true, threads: true, multi_memory: true };

/** @param kernel the file, without its ending, below src */
export async function assemble(kernel: (typeof KERNELS)[number] = "inference/kernel"): Promise<string> {
  const wabt = await loadWabt();
  const text = new Uint8Array(readFileSync(join(src, `${kernel}.wat`)));
  const { buffer } = wabt.parseWat(`${kernel}.wat`, text, FEATURES).toBinary({});
  // The assembler knows the grammar; that the types fit is the engine's to say.
  await WebAssembly.compile(Buffer.from(buffer));
  return Buffer.from(buffer).toString("base64");
}

if (import.meta.main) {
  for (const kernel of KERNELS) {
    const lines = (await assemble(kernel)).match(/.{1,100}/gu) ?? [];
    const code = lines.map((line) => `  "${line}",`).join("\n");
    const name = basename(kernel);
    writeFileSync(
      join(src, `${kernel}-code.ts`),
      `/** ${name}.wat, assembled, in base64. Written by \`npm run kernel\`. */\nexport const ${name.toUpperCase()}_CODE = [\n${code}\n].join("");\n`,
    );
  }
}
