import { z } from "zod";

export const recordsOptions = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(4096)
    .default(".signalbox/records.jsonl")
    .meta({ description: "The file of JSON lines, one for each request. Counted from the working directory." }),
  keep: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .meta({ description: "How many files are kept that were set aside, each when it had 100 MiB." }),
  text: z
    .boolean()
    .default(false)
    .meta({ description: "Keep the newest human turn of each request in its record. Off: no prompt text is stored." }),
});

export const logOptions = z
  .enum(["silent", "error", "warn", "info", "debug"])
  .default("info")
  .meta({ description: "How much is logged; debug tells every request, without its text." });
