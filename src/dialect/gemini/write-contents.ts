import type { Block, Turn } from "../form.ts";
import { isFields, unsupported, type Fields } from "../shape.ts";
import { isThirdGeneration } from "./models.ts";
import { objectIn } from "./nesting.ts";

/** A turn as Gemini has it. */
export interface Content {
  readonly role: "user" | "model";
  readonly parts: readonly Fields[];
}

type Of<Kind extends Block["kind"]> = Extract<Block, { kind: Kind }>;

/** What a part depends on beside its own block. */
interface Context {
  /** Names of the called tools by the ids of their calls. */
  readonly names: ReadonlyMap<string, string>;
  readonly mediaInResults: boolean;
}

/** What Google documents for calls that no Gemini model made: the third generation refuses calls without any signature. */
const NO_SIGNATURE = "skip_thought_signature_validator";

/**
 * The conversation with neighbours of one role joined. Turns that say nothing are left out: Gemini refuses them.
 * Errors: unsupported_feature.
 */
export function writeContents(turns: readonly Turn[], model: string): readonly Content[] {
  const isThird = isThirdGeneration(model);
  const context = { names: namesOfCalls(turns), mediaInResults: isThird };
  const contents: { readonly role: Content["role"]; readonly parts: Fields[] }[] = [];
  for (const turn of turns) {
    const role = turn.role === "assistant" ? "model" : "user";
    for (const part of turn.blocks.flatMap((block) => partsOf(block, context))) {
      const last = contents.at(-1);
      if (last?.role === role) last.parts.push(part);
      else contents.push({ role, parts: [part] });
    }
  }
  return contents.map(({ role, parts }) => {
    if (role === "user") return { role, parts: resultsFirst(parts) };
    return { role, parts: isThird ? signed(parts) : parts };
  });
}

function namesOfCalls(turns: readonly Turn[]): ReadonlyMap<string, string> {
  const calls = turns.flatMap((turn) => turn.blocks).filter((block) => block.kind === "tool_call");
  return new Map(calls.map(({ id, name }) => [id, name]));
}

/** Results must follow their calls with nothing between. */
function resultsFirst(parts: readonly Fields[]): readonly Fields[] {
  const isResult = (part: Fields) => part["functionResponse"] !== undefined;
  return [...parts.filter(isResult), ...parts.filter((part) => !isResult(part))];
}

/** Gemini signs the first of parallel calls, and asks for that one's signature only. */
function signed(parts: readonly Fields[]): readonly Fields[] {
  const first = parts.findIndex((part) => part["functionCall"] !== undefined);
  return parts.map((part, index) => (index === first ? { thoughtSignature: NO_SIGNATURE, ...part } : part));
}

function partsOf(block: Block, context: Context): readonly Fields[] {
  if (block.kind === "thinking") return thoughtOf(block);
  if (block.kind === "media") return [mediaOf(block)];
  if (block.kind === "tool_call") return [callOf(block)];
  if (block.kind === "tool_result") return resultOf(block, context);
  return block.text === "" ? [] : [{ text: block.text }];
}

function thoughtOf({ text, signature, redacted }: Of<"thinking">): readonly Fields[] {
  if (redacted !== undefined) unsupported("redacted_thinking", "only the model that thought it can read it");
  if (text === "" && signature === undefined) return [];
  return [{ text, thought: true, ...(signature !== undefined && { thoughtSignature: signature }) }];
}

function callOf({ id, name, arguments: json, signature }: Of<"tool_call">): Fields {
  const args = json.trim() === "" ? {} : objectIn(json);
  if (!args) unsupported("tool_calls.arguments", "they are no JSON object");
  return {
    functionCall: { ...(id !== "" && { id }), name, args },
    ...(signature !== undefined && { thoughtSignature: signature }),
  };
}

/** Kinds of media that the third generation reads inside a result; others stand beside it. */
const IN_RESULTS = new Set(["image/png", "image/jpeg", "image/webp", "application/pdf", "text/plain"]);

function resultOf(block: Of<"tool_result">, { names, mediaInResults }: Context): readonly Fields[] {
  const name = block.name ?? names.get(block.id);
  if (name === undefined) unsupported("tool_result", "the call that it answers is not in the conversation");
  const texts = block.content.flatMap((inner) => (inner.kind === "text" ? [inner.text] : []));
  const media = block.content.filter((inner) => inner.kind === "media");
  const isInside = ({ source }: Of<"media">) =>
    mediaInResults && source.kind === "base64" && IN_RESULTS.has(source.mime);
  const inside = media.filter(isInside).map(mediaOf);
  return [
    {
      functionResponse: {
        ...(block.id !== "" && { id: block.id }),
        name,
        response: responseOf(texts, block.isError),
        ...(inside.length > 0 && { parts: inside }),
      },
    },
    ...media.filter((inner) => !isInside(inner)).map(mediaOf),
  ];
}

/** Gemini reads `output` as what the tool said, `error` as how it failed, and an object with neither as the whole output. */
function responseOf(texts: readonly string[], isError: boolean): Fields {
  const said = texts.length > 1 ? texts : valueOf(texts[0] ?? "");
  if (isError) return { error: said };
  return isFields(said) && !("output" in said) && !("error" in said) ? said : { output: said };
}

/** Longer numbers lose their last digits when they are read, such as the ids of many databases. */
const LONG_NUMBER = /\d{16}/;

function valueOf(text: string): string | Fields {
  return LONG_NUMBER.test(text) ? text : (objectIn(text) ?? text);
}

function mediaOf({ source }: Of<"media">): Fields {
  if (source.kind === "base64") return { inlineData: { mimeType: source.mime, data: source.data } };
  if (source.kind === "text") return { text: source.text };
  if (source.kind === "file_id") return unsupported("file_id", "only the account that holds it knows it; send base64");
  if (!source.url.startsWith("https://")) unsupported("url", "only https addresses are fetched; send it as base64");
  const mimeType = source.mime ?? mimeOfAddress(source.url);
  return { fileData: { ...(mimeType !== undefined && { mimeType }), fileUri: source.url } };
}

/** The types that Gemini fetches from anywhere, by the endings of their names. */
const MIMES: ReadonlyMap<string, string> = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["webp", "image/webp"],
  ["bmp", "image/bmp"],
  ["pdf", "application/pdf"],
  ["json", "application/json"],
  ["txt", "text/plain"],
  ["html", "text/html"],
  ["css", "text/css"],
  ["csv", "text/csv"],
  ["xml", "text/xml"],
  ["rtf", "text/rtf"],
  ["js", "text/javascript"],
]);

function mimeOfAddress(url: string): string | undefined {
  const path = url.replace(/[?#].*$/s, "");
  return MIMES.get(path.slice(path.lastIndexOf(".") + 1).toLowerCase());
}
