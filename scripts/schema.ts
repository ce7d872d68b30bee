import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { jsonSchema } from "../src/config/schema.ts";

/** Writes config.schema.json from the rooms' fragments; a test fails while the committed file says something else. */
const root = join(import.meta.dirname, "..");
const file = join(root, "config.schema.json");
writeFileSync(file, `${JSON.stringify(jsonSchema(), null, 2)}\n`);
execFileSync(join(root, "node_modules/.bin/oxfmt"), [file]);
