import type { Api, Modality, Passage, Prompt, Role } from "../contracts.ts";
import { firstWords } from "../text/envelopes.ts";
import { spell, spellArguments } from "./shape.ts";
import { estimateTokens } from "../text/tokens.ts";

/** What a body says beside its messages. */
interface Request {
  readonly api: Api;
  readonly model: string;
  readonly stream: boolean;
  readonly parameters?: readonly string[];
  readonly maxOutputTokens?: number | undefined;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Collects what a model would see, oldest first, while a dialect walks through a body. */
export interface Transcript {
  /** A new message; what follows belongs to it. */
  begin(role: Role): void;
  /** Words of the one who speaks. */
  words(text: string): void;
  /** Quoted matter inside the message. */
  quote(text: string): void;
  attach(modality: Modality): void;
  call(name: string, input: unknown): void;
  result(text: string): void;
  tool(name: string, definition: unknown): void;
  /** A form that the answer must have, such as a JSON schema: read like a tool's definition. */
  form(definition: unknown): void;
  finish(request: Request): Prompt;
}

/** Tokens that a message costs beside its text. */
const MESSAGE_TOKENS = 4;
/** Rough means of one attachment; nobody opens it here. */
const ATTACHMENT_TOKENS: Readonly<Record<Modality, number>> = {
  text: 0,
  image: 800,
  audio: 600,
  video: 3000,
  file: 2000,
};

const ROLES: Readonly<Record<string, Role>> = {
  system: "system",
  developer: "system",
  assistant: "assistant",
  model: "assistant",
  tool: "tool",
  function: "tool",
};

/** A role nobody knows is read like a user's: safety must see it, and it may be the human. */
export function roleOf(value: unknown): Role {
  return (typeof value === "string" && Object.hasOwn(ROLES, value) ? ROLES[value] : undefined) ?? "user";
}

/** What bytes of this media type are to a model. */
export function modalityOf(mime: string): Modality {
  const kind = /^(image|audio|video)\//i.exec(mime)?.[1]?.toLowerCase();
  return (kind as Modality | undefined) ?? "file";
}

const TEXT_MIME = /^(?:text\/|application\/(?:json|xml|yaml|x-yaml|x-ndjson|javascript|sql))/i;

/** The text of a base64 attachment whose media type says that it is text; else nothing. */
export function textOf(mime: string, base64: unknown): string {
  return typeof base64 === "string" && TEXT_MIME.test(mime) ? Buffer.from(base64, "base64").toString("utf8") : "";
}

export function createTranscript(): Transcript {
  const everything: Passage[] = [];
  const system: string[] = [];
  const human: string[][] = [];
  const modalities = new Set<Modality>(["text"]);
  const tools = new Set<string>();
  let role: Role = "user";
  let tokens = 0;

  function add(role: Role, origin: Passage["origin"], text: string): void {
    if (text === "") return;
    everything.push({ role, origin, text });
    tokens += estimateTokens(text);
  }

  return {
    begin(next) {
      role = next;
      tokens += MESSAGE_TOKENS;
      if (role === "user") human.push([]);
    },
    words(text) {
      if (text === "") return;
      add(role, role === "tool" ? "tool_result" : "message", text);
      if (role === "system") system.push(text);
      if (role === "user") human.at(-1)?.push(text);
    },
    quote(text) {
      add(role, "document", text);
    },
    attach(modality) {
      modalities.add(modality);
      tokens += ATTACHMENT_TOKENS[modality];
    },
    call(name, input) {
      add("assistant", "tool_call", `${name}\n${spellArguments(input)}`.trim());
    },
    result(text) {
      add("tool", "tool_result", text);
    },
    tool(name, definition) {
      if (name !== "") tools.add(name);
      add("system", "tool_definition", spell(definition));
    },
    form(definition) {
      add("system", "tool_definition", spell(definition));
    },
    finish({ api, model, stream, parameters = [], maxOutputTokens, metadata = {} }) {
      const turns = human.map((parts) => parts.join("\n"));
      return {
        api,
        model,
        turn: firstWords(turns.toReversed()),
        firstTurn: firstWords(turns),
        system: system.join("\n\n"),
        everything,
        needs: { modalities: [...modalities], tools: [...tools], parameters },
        stream,
        inputTokens: tokens,
        ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
        metadata,
      };
    },
  };
}
