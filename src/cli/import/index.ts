import { checkConfig } from "../../config/check.ts";
import { readForeign, writeConfig } from "../../config/foreign.ts";
import { problemText } from "../../config/problem.ts";
import { standInFor } from "../../config/stand-in.ts";
import { Failure } from "../failure.ts";
import { createDraft, type Draft } from "./draft.ts";
import { litellmReason, readLitellm } from "./litellm.ts";
import { createReading, type Note, type Part } from "./part.ts";
import { readVllmSr, vllmSrReason } from "./vllm-sr.ts";

/** Whose configs can be taken over. */
export const FORMATS = ["vllm-sr", "litellm"] as const;
export type Format = (typeof FORMATS)[number];

interface Importer {
  readonly called: string;
  readonly wants: string;
  /** Answers which form of such a file it is; undefined for what is none. */
  read(root: Part, draft: Draft): string | undefined;
  why(path: string): string | undefined;
}

const IMPORTERS: Readonly<Record<Format, Importer>> = {
  "vllm-sr": {
    called: "vLLM Semantic Router",
    wants: "vllm_endpoints and model_config, or providers and routing",
    read: readVllmSr,
    why: vllmSrReason,
  },
  litellm: { called: "LiteLLM", wants: "model_list", read: readLitellm, why: litellmReason },
};

export interface Imported {
  /** A config that `signalbox validate` takes. */
  readonly yaml: string;
  readonly recognised: string;
  /** What has no place in it, or is said in another way, by line. */
  readonly notes: readonly Note[];
  /** Environment variables that it refers to. */
  readonly variables: readonly string[];
}

const COMMENTS: Readonly<Record<string, string>> = {
  server: "The doors: gRPC and HTTP on one port, 127.0.0.1:8080 unless it says otherwise.",
  aliases: "Model names that are routed.",
  upstreams: "Model servers. Keys come from the environment.",
  tiers: "Cheapest first. quality is what a model of the tier is worth where nothing better is known.",
  models: "The model pool. Prices are USD per million tokens, context is in tokens.",
  signals: "What reads the prompts.",
  routes: "Named ways with models of their own.",
};

/** Another router's config as one of ours. Errors: Failure for what cannot be read, or holds no model that can be asked. */
export function importConfig(format: Format, text: string, file: string): Imported {
  const { called, wants, read, why } = IMPORTERS[format];
  const foreign = readForeign(text);
  if (!("lineOf" in foreign)) {
    const problems = foreign.map(({ line, message }) => `  ${line > 0 ? `line ${line}: ` : ""}${message}`);
    throw new Failure(`${file} cannot be read:\n${problems.join("\n")}`, { code: "bad_import" });
  }
  const draft = createDraft();
  const reading = createReading(foreign, why);
  const form = read(reading.root, draft);
  if (form === undefined)
    throw new Failure(`${file} is no config of ${called}: it has no ${wants}`, { code: "bad_import" });
  const notes = reading.notes();
  if (draft.models.size === 0) {
    const reasons = notes.map(noteText).slice(0, MOST_REASONS);
    throw new Failure([`${file} names no model that can be asked from here:`, ...reasons].join("\n"), {
      code: "bad_import",
    });
  }
  const head = `Taken over from a config of ${called}; signalbox init listed what has no place here.\nAfter a change: signalbox validate.`;
  const yaml = writeConfig(draft.finish(), head, COMMENTS);
  assertUsable(yaml, file);
  const references = yaml.matchAll(/(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)\}/gu);
  const variables = [...new Set([...references].map((match) => match[1]!))];
  return { yaml, recognised: `${called}, ${form}`, notes, variables };
}

const MOST_REASONS = 20;

export const noteText = ({ line, path, why }: Note): string =>
  `  ${line > 0 ? `line ${line} ` : ""}${path === "" ? "" : `${path}: `}${why}`;

/** What comes out can be used, or does not come out. */
function assertUsable(yaml: string, file: string): void {
  const readFile = () => {
    throw new Error("nothing refers to a file");
  };
  const checked = checkConfig(yaml, { env: {}, readFile, standIn: standInFor });
  if ("config" in checked) return;
  const problems = checked.problems.map((problem) => `  ${problemText("the config", problem)}`);
  throw new Failure(`what ${file} says cannot be made a config that is whole:\n${problems.join("\n")}`, {
    code: "bad_import",
  });
}
