import { startFakeApi, type ApiRequest, type FakeApi } from "../fakes/apis/server.ts";
import { threeModels } from "./house.ts";

/** What a model that is asked to choose sees. */
export interface Seen {
  readonly system: string;
  readonly user: string;
  /** What each code stands for. */
  readonly options: ReadonlyMap<string, string>;
}

const USAGE = { input: 200, cachedInput: 0, output: 3, reasoning: 0 };

/** A model server that is asked to choose, and says what `choose` makes of the question. */
export function startChooser(choose: (seen: Seen) => string): Promise<FakeApi> {
  return startFakeApi("openai", {
    script: (request) => ({ text: choose(seenIn(request)), finish: "stop", usage: USAGE }),
  });
}

/** The code of the option of which this is said. */
export function codeOf({ options }: Seen, about: string): string {
  return [...options].find(([, text]) => text.includes(about))?.[0] ?? "none";
}

export function seenIn({ json }: ApiRequest): Seen {
  const [system = "", user = ""] = (json as { messages: { content: string }[] }).messages.map(({ content }) => content);
  const options = [...system.matchAll(/^([A-Z]{5}): (.*)$/gmu)].map(([, code, about]) => [code!, about!] as const);
  return { system, user, options: new Map(options) };
}

/**
 * `threeModels`, and beside them one that only chooses, at 1 USD for a million tokens. Everything is too close to call.
 * @param router more of `decision.router`
 */
export function closeCalls(urls: { models: string; chooser: string }, router = "percent: 100", more = ""): string {
  const { models, chooser } = urls;
  return threeModels({ small: models, medium: models, large: models }, more)
    .replace("upstreams:", `upstreams:\n  c: { kind: openai, url: "${chooser}", key: key-of-c }`)
    .replace(
      "models:",
      "models:\n  chooser: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: c, model: chooser-v1 }] }",
    )
    .replace(
      "decision: { fallback: large }",
      `decision: { threshold: 0, escalate_below_margin: 0.5, router: { model: chooser, ${router} } }
routes: { default: { models: [small, medium, large] } }`,
    );
}
