/** What the models behind the official clients say. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiRequest } from "../fakes/apis/server.ts";
import type { Answer } from "../fakes/apis/script.ts";
import type { World } from "../matrix/world.ts";

const usage = { input: 20, cachedInput: 8, output: 12, reasoning: 0 };
export const SAID: Answer = { text: "Swifts sleep aloft. 🐦", finish: "stop", usage };
/** Long enough to be stopped in the middle. */
export const LONG: Answer = { ...SAID, text: "Swifts sleep aloft. ".repeat(2000) };
const CALLS: Answer = {
  text: "I look.",
  tools: [
    { id: "call_1", name: "get_weather", input: { city: "Oslo" } },
    { id: "call_2", name: "get_weather", input: { city: "Rome" } },
  ],
  finish: "tool_calls",
  usage,
};

export const weatherOf = (city: string) => (city === "Oslo" ? "17 degrees" : "31 degrees");

/** Calls until it is told of the weather in both cities. */
export function inLoop({ json }: ApiRequest): Answer {
  const body = JSON.stringify(json);
  return body.includes("17 degrees") && body.includes("31 degrees") ? { ...SAID, text: "17 and 31." } : CALLS;
}

export const SCHEMA = { type: "object" as const, properties: { city: { type: "string" } }, required: ["city"] };

/** Waits until a client that left has been noticed. */
export async function noticed(world: World, seen: number): Promise<boolean> {
  for (let tries = 0; tries < 300; tries++) {
    const results = world.house.events
      .slice(seen)
      .flatMap((event) => (event.kind === "request" ? event.attempts.map(({ result }) => result) : []));
    if (results.includes("client_gone")) return true;
    await sleep(10);
  }
  return false;
}
