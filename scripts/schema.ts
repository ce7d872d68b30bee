import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { schemaText } from "../src/config/schema.ts";

/** Writes config.schema.json from the rooms' fragments; a test fails while the committed file is older. */
writeFileSync(join(import.meta.dirname, "../config.schema.json"), schemaText());
