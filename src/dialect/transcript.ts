import type { Api, Modality, Passage, Prompt, Role } from "../contracts.ts";
import { firstWords } from "../text/envelopes.ts";
import { estimateTokens } from "../text/tokens.ts";
import type { Aside } from "./names.ts";
import { refuse } from "./shape.ts";
import { spell, spellArguments, spellAside } from "./spell.ts";

/** What a body says beside its messages. */
interface Request {
  readonly api: Api;
  readonly model: string;
  readonly stream: boolean;
  readonly parameters?: readonly string[];
  readonly maxOutputTokens?: number | undefined;
  readonly cacheKey?: string | undefined;
  readonly saysReasoning?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Collects what a model would see, oldest first, while a dialect walks through a body. What stands beside the
 * conversation (`aside`) becomes one passage at the end.
 */
export interface Transcript extends Aside {
  /** A new message; what follows belongs to it. */
  begin(role: Role): void;
  /** Words of the one who speaks. Those of one message become one passage, whatever stands between them. */
  words(text: string): void;
  /** Quoted matter inside the message, in one piece or several. */
  quote(...texts: readonly string[]): void;
  attach(modality: Modality): void;
  call(name: string, input: unknown): void;
  result(...texts: readonly string[]): void;
  tool(name: string, definition: unknown): void;
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

/** Begins a message. A role that says more than who speaks is read like any other text. */
export function readRole(transcript: Transcript, value: unknown): void {
  const role = roleOf(value);
  transcript.begin(role);
  if (value !== role && !(typeof value === "string" && Object.hasOwn(ROLES, value))) transcript.aside("role", value);
}

/** What bytes of this media type are to a model. */
export function modalityOf(mime: string): Modality {
  const kind = /^(image|audio|video)\//i.exec(mime)?.[1]?.toLowerCase();
  return (kind as Modality | undefined) ?? "file";
}

/** The longest name that a client may give to a model, in UTF-16 units. */
const MODEL_NAME = 256;

/** So many words of enumerations beside a conversation, such as `auto`, say nothing; more may be a sentence. */
const WORDS_ASIDE = 2;

/** Units read again on either side of the place where two pieces of a text meet. */
const SEAM = 128;

/**
 * The passages that pieces of one text make: its lines; and, where the pieces may meet within a sentence or a word,
 * the places where they meet once more, as running text.
 */
function join(pieces: readonly string[]): string[] {
  if (pieces.length < 2) return [...pieces];
  const lines = pieces.join("\n");
  let space = "\n";
  for (let at = 1; at < pieces.length && space !== ""; at++) {
    const met = spaceAt(pieces[at - 1]!, pieces[at]!);
    if (met !== "\n") space = met;
  }
  if (space === "\n") return [lines];
  const seams = pieces.map(ends);
  return [lines, space === "" ? `${seams.join("")}\n${seams.join(" ")}` : seams.join("")];
}

/** What stands where two texts meet: a line's end, another space, or nothing. */
function spaceAt(left: string, right: string): "\n" | " " | "" {
  const units = [left.charCodeAt(left.length - 1), right.charCodeAt(0)];
  if (units.includes(LINE_END)) return "\n";
  return units.some((unit) => unit <= 0x20 || unit === NO_BREAK_SPACE) ? " " : "";
}

const LINE_END = 0x0a;
const NO_BREAK_SPACE = 0xa0;

/** The middle of a long piece was read with the whole text. */
function ends(piece: string): string {
  return piece.length <= 2 * SEAM ? piece : `${piece.slice(0, SEAM)}\n${piece.slice(-SEAM)}`;
}

export function createTranscript(): Transcript {
  const everything: Passage[] = [];
  const system: string[] = [];
  const human: string[][] = [];
  const modalities = new Set<Modality>(["text"]);
  const tools = new Set<string>();
  /** Words of the message that is being read, and where in `everything` they go. */
  let spoken: string[] = [];
  let place = 0;
  const beside = new Set<string>();
  let doesBesideSpeak = false;
  let role: Role = "user";
  let tokens = 0;

  /** The seam repeats what was counted. */
  function add(role: Role, origin: Passage["origin"], texts: readonly string[]): void {
    const pieces = texts.filter((text) => text !== "");
    for (const text of pieces) tokens += estimateTokens(text);
    for (const text of join(pieces)) everything.push({ role, origin, text });
  }

  function endMessage(): void {
    if (spoken.length === 0) return;
    const origin = role === "tool" ? "tool_result" : "message";
    everything.splice(place, 0, ...join(spoken).map((text): Passage => ({ role, origin, text })));
    spoken = [];
  }

  return {
    begin(next) {
      endMessage();
      role = next;
      tokens += MESSAGE_TOKENS;
      if (role === "user") human.push([]);
    },
    words(text) {
      if (text === "") return;
      if (spoken.length === 0) place = everything.length;
      spoken.push(text);
      tokens += estimateTokens(text);
      if (role === "system") system.push(text);
      if (role === "user") human.at(-1)?.push(text);
    },
    quote(...texts) {
      add(role, "document", texts);
    },
    attach(modality) {
      modalities.add(modality);
      tokens += ATTACHMENT_TOKENS[modality];
    },
    call(name, input) {
      add("assistant", "tool_call", [`${name}\n${spellArguments(input)}`.trim()]);
    },
    result(...texts) {
      add("tool", "tool_result", texts);
    },
    tool(name, definition) {
      if (name !== "") tools.add(name);
      add("system", "tool_definition", [spell(definition)]);
    },
    aside(name, value) {
      spellAside(name, value, (line, weight) => {
        beside.add(line);
        if (weight === "text") doesBesideSpeak = true;
      });
    },
    finish({ api, model, stream, parameters = [], maxOutputTokens, cacheKey, saysReasoning, metadata = {} }) {
      if (model.length > MODEL_NAME) refuse("model", `at most ${MODEL_NAME} characters`);
      endMessage();
      if (doesBesideSpeak || beside.size > WORDS_ASIDE) add("user", "document", [[...beside].join("\n")]);
      const turns = human.map((parts) => parts.join("\n"));
      const turn = firstWords(turns.toReversed());
      return {
        api,
        model,
        turn,
        firstTurn: turns.length === 1 ? turn : firstWords(turns),
        system: system.join("\n\n"),
        everything,
        needs: { modalities: [...modalities], tools: [...tools], parameters },
        stream,
        inputTokens: tokens,
        ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
        ...(cacheKey ? { cacheKey } : {}),
        ...(saysReasoning === true ? { saysReasoning } : {}),
        metadata,
      };
    },
  };
}
