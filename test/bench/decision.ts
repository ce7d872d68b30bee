import { parseBody } from "../../src/dialect/json.ts";
import { openaiChat } from "../../src/dialect/openai-chat/prompt.ts";
import { createChannel } from "../../src/events.ts";
import { route } from "../../src/route/index.ts";
import { createRuntime, type Runtime } from "../../src/runtime.ts";
import { WINDOW_UNITS } from "../../src/signals/windows.ts";
import { createState } from "../../src/state.ts";
import { config } from "../rig/house.ts";
import { median, medianRow, quantile, type Bench, type Row } from "./bench.ts";
import { benchConfig } from "./config.ts";
import { chatBodies, prompts } from "./prompts.ts";

const LENGTHS = [40, 400, 2000, 20_000, 200_000];
const PROMPTS = 64;
/** Characters read in one run of one length, within bounds: short prompts many times, long ones a few. */
const CHARACTERS = 2_000_000;
const FEWEST = 64;
const MOST = 4000;

export const decision: Bench = {
  name: "decision",
  says: "route() in this process, no wire: four signals, vote, decision, plan; beside it the reading of the body. `unread` counts decisions in which a signal ran out of its time.",
  async run({ runs }) {
    const { config: checked, hash } = config(benchConfig("http://127.0.0.1:9/v1", { listen: 0, admin: 0 }));
    const state = createState(createChannel(), checked.breaker, () => performance.now());
    const runtime = await createRuntime(checked, hash, state);
    try {
      const rows: Row[] = [];
      for (const length of LENGTHS) {
        await measure(runtime, length);
        const measured: Row[] = [];
        for (let run = 0; run < runs; run++) measured.push(await measure(runtime, length));
        rows.push(medianRow(measured));
      }
      return rows;
    } finally {
      runtime.release();
      await state.shutdown();
    }
  },
};

async function measure(runtime: Runtime, length: number): Promise<Row> {
  const bodies = chatBodies(prompts(PROMPTS, length)).map((body) => Buffer.from(body));
  const times = Math.min(MOST, Math.max(FEWEST, Math.round(CHARACTERS / length)));
  const reading: number[] = [];
  const whole: number[] = [];
  const rest: number[] = [];
  const signals = new Map<string, number[]>(runtime.signals.map(({ name }) => [name, []]));
  let unread = 0;
  for (let index = 0; index < times; index++) {
    const bytes = bodies[index % bodies.length]!;
    const started = performance.now();
    const prompt = openaiChat.read(parseBody(bytes, runtime.limits), {});
    const read = performance.now();
    const plan = await route(runtime, {
      prompt,
      caller: { tenant: "bench", trusted: false },
      headers: {},
      constraints: {},
      preview: false,
      edit: openaiChat.modelEdits(bytes),
    });
    const micros = (performance.now() - read) * 1000;
    reading.push((read - started) * 1000);
    whole.push(micros);
    rest.push(micros - plan.signals.reduce((sum, report) => sum + report.micros, 0));
    for (const report of plan.signals) signals.get(report.signal)!.push(report.micros);
    if (plan.signals.some(({ failure }) => failure !== undefined)) unread += 1;
  }
  return {
    characters: String(length),
    "p50 us": median(whole),
    "p99 us": quantile(whole, 0.99),
    ...Object.fromEntries([...signals].map(([name, micros]) => [name, median(micros)])),
    // Signals that read in windows take turns, so their times overlap and leave no rest.
    "rest us": length > WINDOW_UNITS ? "-" : median(rest),
    "body us": median(reading),
    unread,
    of: times,
  };
}
