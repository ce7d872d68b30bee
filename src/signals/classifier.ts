import { z } from "zod";
import { labelOption } from "./options.ts";
import type { RemoteOptions } from "./remote.ts";
import type { Fault } from "./signal.ts";

/** Of an answer: what is longer is not read. */
const MOST_BYTES = 65_536;

const share = z.number().min(0).max(1);

/** What a classifier answers; members of other names are its own affair. */
const answerForm = z.object({
  labels: z
    .array(z.object({ label: labelOption, score: share, confidence: share.optional() }))
    .max(256)
    .refine((labels) => new Set(labels.map(({ label }) => label)).size === labels.length, "each label once"),
});

export type Answer = z.output<typeof answerForm>;

export function isFault(answer: Answer | Fault): answer is Fault {
  return "failure" in answer;
}

/** Posts the text and reads the answer, within the deadline. Never rejects; a fault quotes neither text nor answer. */
export async function post(
  { url, headers, deadline_ms: deadlineMs }: RemoteOptions,
  text: string,
): Promise<Answer | Fault> {
  const abort = AbortSignal.timeout(deadlineMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { accept: "application/json", ...headers, "content-type": "application/json" },
      body: JSON.stringify({ text }),
      // Somebody else's server is not where the operator wanted the text to go.
      redirect: "error",
      signal: abort,
    });
    if (!response.ok) {
      await response.body?.cancel();
      return error(`The classifier answered with status ${response.status}.`);
    }
    const body = await bounded(response);
    if (body === undefined) return error(`The classifier's answer is longer than ${MOST_BYTES} bytes.`);
    const parsed = answerForm.safeParse(parse(body));
    return parsed.success ? parsed.data : error("The classifier's answer has another form than {labels: [...]}.");
  } catch {
    if (abort.aborted) {
      return { failure: "deadline", text: `The classifier did not answer within ${deadlineMs} ms.` };
    }
    return error("The classifier cannot be reached, or broke off.");
  }
}

const error = (text: string): Fault => ({ failure: "error", text });

/** The body as text; undefined where it is longer. */
async function bounded(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels what is still to come.
    if (bytes > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
