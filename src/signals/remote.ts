import { z } from "zod";
import type { Prompt, Reading } from "../contracts.ts";
import { isFault, post } from "./classifier.ts";
import { deadlineOption, labelOption, pinOption, scoresOption, type ScoreTable, weightOption } from "./options.ts";
import { createPause } from "./pause.ts";
import type { Look, Pace, Signal, Tools } from "./signal.ts";

const NETWORK_MS = 200;
/** Of the turn, in UTF-16 units: what is longer is cut. */
const MOST_SENT = 8192;
/** Read beyond that, so that what is cut through is known for what it is. */
const MARGIN = 512;

const label = z.strictObject({
  label: labelOption.describe("A label that the classifier may answer with"),
  threshold: z.number().min(0).max(1).default(0.5).describe("Score from which its pin counts"),
  scores: scoresOption.optional().describe("Score in [0,1] per model or tier when the label is read"),
  pin: pinOption.optional().describe("The model, tier or route that answers when the label is read"),
});

export const remoteOptions = z
  .strictObject({
    weight: weightOption(0.3),
    deadline_ms: deadlineOption(NETWORK_MS),
    url: z
      .url({ protocol: /^https?$/u })
      .max(2048)
      .refine((url) => !URL.canParse(url) || new URL(url).username === "", "no credentials in the URL; use headers")
      .describe(
        "Where the text is posted, its first 8,192 characters, as {text}; the answer is {labels: [{label, score, confidence?}]}, 64 KiB at most. One that fails five times on end is left alone for 10 s",
      ),
    headers: z
      .record(
        z.string().regex(/^[A-Za-z0-9-]{1,128}$/u, "not a header name"),
        z
          .string()
          .max(4096)
          .regex(/^[\t\x20-\x7e]*$/u, "a header may hold visible ASCII only"),
      )
      .refine((headers) => Object.keys(headers).length <= 20, "at most 20 headers")
      .default({})
      .describe("Sent with each request, such as authorization. Write ${NAME} or ${file:PATH} instead of a secret"),
    labels: z.array(label).max(1000).default([]).describe("What its labels mean; others are read and do not vote"),
  })
  .superRefine(({ labels }, context) => {
    for (const [index, { label: name }] of labels.entries()) {
      if (labels.findIndex((other) => other.label === name) < index) {
        context.addIssue({ code: "custom", path: ["labels", index, "label"], message: `${name} stands here twice` });
      }
    }
  })
  .describe(
    "A classifier of yours over HTTP, which sees the newest human turn of every request, without what pii takes out by rules: name only one that may",
  );

export type RemoteOptions = z.output<typeof remoteOptions>;

/** Score per label and per model or tier, for the labels that give any. */
export function remoteScores({ labels }: RemoteOptions): ScoreTable {
  return Object.fromEntries(
    labels.flatMap(({ label: name, scores }) => (scores === undefined ? [] : [[name, scores]])),
  );
}

/**
 * Asks an HTTP classifier about the newest human turn. Its labels are the readings, the highest score first; of those
 * that reach their threshold the first with a pin gives it. What goes wrong is a fault in the look: no answer in time,
 * a status other than 2xx, an answer of another form or too long, or a classifier that is left alone for a while.
 */
export function createRemote(options: RemoteOptions, { clock, shown }: Pick<Tools, "clock" | "shown">): Signal {
  const pause = createPause(clock);
  const meanings = new Map(options.labels.map((meaning) => [meaning.label, meaning]));
  return {
    name: "remote",
    deadlineMs: options.deadline_ms,
    async fast({ turn }: Prompt, pace: Pace): Promise<Look> {
      if (turn.trim() === "") return { readings: [] };
      if (pace.spent()) return { readings: [], unread: true };
      const read = turn.slice(0, MOST_SENT + MARGIN);
      const text = (shown ? await shown(read) : read).slice(0, MOST_SENT).toWellFormed();
      const pass = pause.admit();
      if (!pass) {
        return { readings: [], fault: { failure: "error", text: "The classifier failed before and is left alone." } };
      }
      const answer = await post(options, text);
      if (isFault(answer)) {
        pass.fail();
        return { readings: [], fault: answer };
      }
      pass.succeed();
      return { readings: readingsOf(answer.labels, meanings), ...(turn.length > MOST_SENT && { unread: true }) };
    },
  };
}

type Meanings = ReadonlyMap<string, RemoteOptions["labels"][number]>;
type Told = ReadonlyArray<{ readonly label: string; readonly score: number; readonly confidence?: number | undefined }>;

function readingsOf(told: Told, meanings: Meanings): Reading[] {
  const sorted = told.toSorted((a, b) => b.score - a.score || (a.label < b.label ? -1 : 1));
  const pinning = sorted.find(({ label: name, score }) => {
    const meaning = meanings.get(name);
    return meaning?.pin !== undefined && score >= meaning.threshold;
  });
  return sorted.map(({ label: name, score, confidence = score }) => {
    const pin = name === pinning?.label ? meanings.get(name)?.pin : undefined;
    return { label: name, score, confidence, ...(pin && { pin }) };
  });
}
