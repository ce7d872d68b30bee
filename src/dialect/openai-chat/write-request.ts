import type { ReasoningFamily } from "../../contracts.ts";
import { switchOf, wordFor } from "../effort.ts";
import type { Block, Format, Inquiry, Reasoning, Sampling, Tool, ToolChoice } from "../form.ts";
import { unsupported, type Fields } from "../shape.ts";

type Of<Kind extends Block["kind"]> = Extract<Block, { kind: Kind }>;

/**
 * The body that asks this of `model`, for any server that speaks chat completions. Only fields that OpenAI, vLLM and
 * Google's endpoint know: of the others some refuse a body with a field too many, so hints stay behind.
 * Left out of the history: thoughts that another server signed or closed; chat completions do not want them back.
 */
export function writeChatRequest(
  inquiry: Inquiry,
  model: string,
  family?: ReasoningFamily,
): { path: string; body: Fields } {
  const { stream, tools, toolChoice, parallelTools, maxOutputTokens, sampling, format, reasoning } = inquiry;
  return {
    path: "/chat/completions",
    body: set({
      model,
      messages: messagesOf(inquiry),
      stream: stream || undefined,
      stream_options: stream ? { include_usage: true } : undefined,
      tools: tools.length === 0 ? undefined : tools.map(toolOf),
      tool_choice: choiceOf(toolChoice, tools),
      // Without tools the field is refused.
      parallel_tool_calls: tools.length > 0 ? parallelTools : undefined,
      // OpenAI's newer models refuse `max_tokens`.
      max_completion_tokens: maxOutputTokens,
      ...samplingOf(sampling),
      response_format: format && formatOf(format),
      ...(reasoning && reasoningOf(reasoning, family)),
    }),
  };
}

function set(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function toolOf({ name, description, schema, strict }: Tool): Fields {
  return { type: "function", function: set({ name, description, parameters: schema, strict }) };
}

function choiceOf(choice: ToolChoice | undefined, tools: readonly Tool[]): unknown {
  if (typeof choice === "object") return { type: "function", function: { name: choice.name } };
  return tools.length === 0 && choice !== "required" ? undefined : choice;
}

function samplingOf(sampling: Sampling): Fields {
  if (sampling.topK !== undefined) unsupported("top_k", "chat completions have no such field");
  return {
    temperature: sampling.temperature,
    top_p: sampling.topP,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
    seed: sampling.seed,
    stop: sampling.stop,
  };
}

function formatOf(format: Format): Fields {
  if (format.kind === "json") return { type: "json_object" };
  const { name, description, schema, strict } = format;
  return { type: "json_schema", json_schema: set({ name, description, schema, strict }) };
}

/** Budgets up to these are low, then medium: half way between what Google's endpoint makes of each effort. */
const LOW_BUDGET = 4096;
const MEDIUM_BUDGET = 16_384;

/** How the family is told, where one is known: whose template has a switch is told no effort, for it would not hear it. */
function reasoningOf(reasoning: Reasoning, family: ReasoningFamily | undefined): Fields {
  const effort = effortOf(reasoning);
  const name = switchOf(family);
  if (name === undefined) return { reasoning_effort: effort && wordFor(family, effort) };
  // A budget that is no effort is a dynamic one: to think, as much as it likes.
  const isSaid = effort !== undefined || reasoning.budget !== undefined;
  return isSaid ? { chat_template_kwargs: { [name]: effort !== "none" } } : {};
}

function effortOf({ effort, budget }: Reasoning): string | undefined {
  if (effort !== undefined || budget === undefined || budget === "dynamic") return effort;
  if (budget <= 0) return "none";
  if (budget <= LOW_BUDGET) return "low";
  return budget <= MEDIUM_BUDGET ? "medium" : "high";
}

function messagesOf({ system, turns }: Inquiry): readonly Fields[] {
  const conversation = createConversation();
  // Several templates of open models know one system message only, and only as the first.
  if (system.length > 0) conversation.say({ role: "system", content: system.join("\n\n") });
  for (const { role, blocks } of turns) {
    if (role === "assistant") writeAssistant(conversation, blocks);
    else if (role === "user") writeUser(conversation, blocks);
    else conversation.say({ role: "system", content: contentOf(partsOf(blocks)) });
  }
  return conversation.end();
}

interface Conversation {
  say(message: Fields): void;
  /** An assistant's message, and the ids of its calls. */
  ask(message: Fields, ids: readonly string[]): void;
  answer(message: Fields, id: string): void;
  end(): readonly Fields[];
}

/** Answers of tools must stand right behind the calls: what else is said waits until each call has its own. */
function createConversation(): Conversation {
  const messages: Fields[] = [];
  const waiting: Fields[] = [];
  const open = new Set<string>();

  function settle(): void {
    messages.push(...waiting.splice(0));
    open.clear();
  }

  return {
    say: (message) => void (open.size > 0 ? waiting : messages).push(message),
    ask(message, ids) {
      settle();
      messages.push(message);
      for (const id of ids) open.add(id);
    },
    answer(message, id) {
      messages.push(message);
      open.delete(id);
      if (open.size === 0) settle();
    },
    end() {
      settle();
      return messages;
    },
  };
}

function writeAssistant(conversation: Conversation, blocks: readonly Block[]): void {
  if (blocks.some(({ kind }) => kind === "media")) unsupported("media", "an assistant's turn in chat holds text only");
  const thoughts = blocks.filter((block) => block.kind === "thinking").filter(isOpenThought);
  const calls = blocks.filter((block) => block.kind === "tool_call");
  const parts = partsOf(blocks);
  if (thoughts.length + calls.length + parts.length === 0) return;
  const message = set({
    role: "assistant",
    content: parts.length === 0 && calls.length > 0 ? null : contentOf(parts),
    reasoning_content: thoughts.map(({ text }) => text).join("\n\n") || undefined,
    tool_calls: calls.length === 0 ? undefined : calls.map(callOf),
  });
  conversation.ask(
    message,
    calls.map(({ id }) => id),
  );
}

/** Such as vLLM and DeepSeek show them, and DeepSeek wants them back. */
function isOpenThought({ text, signature, redacted }: Of<"thinking">): boolean {
  return text !== "" && signature === undefined && redacted === undefined;
}

function callOf({ id, name, arguments: input }: Of<"tool_call">): Fields {
  return { id, type: "function", function: { name, arguments: input || "{}" } };
}

/** What the tools say, then one message of what they showed and of what else the user says. */
function writeUser(conversation: Conversation, blocks: readonly Block[]): void {
  const results = blocks.filter((block) => block.kind === "tool_result");
  for (const result of results) {
    conversation.answer({ role: "tool", tool_call_id: result.id, content: resultText(result) }, result.id);
  }
  const parts = [...results.flatMap(shownBy), ...partsOf(blocks)];
  if (parts.length > 0) conversation.say({ role: "user", content: contentOf(parts) });
}

const FAILED = "[tool error]";
const SHOWN = "The result is in the user message that follows.";

/** Tool messages hold text only and have no field for a failure: its first line says so. */
function resultText({ content, isError }: Of<"tool_result">): unknown {
  const texts = content.filter((block) => block.kind === "text").map(({ text }) => text);
  if (texts.length === 0 && content.length > 0) texts.push(SHOWN);
  if (isError) texts[0] = [FAILED, ...texts.slice(0, 1)].join("\n");
  return contentOf(texts.map(textPart));
}

function shownBy({ id, content }: Of<"tool_result">): readonly Fields[] {
  const media = content.filter((block) => block.kind === "media");
  return media.length === 0 ? [] : [textPart(`From the result of tool call ${id}:`), ...media.map(mediaPart)];
}

/** One text as a string, which every server takes; anything else as parts. */
function contentOf(parts: readonly Fields[]): unknown {
  const [first, ...others] = parts;
  if (!first) return "";
  return others.length === 0 && first["type"] === "text" ? first["text"] : parts;
}

function textPart(text: string): Fields {
  return { type: "text", text };
}

/** The parts of what is said or shown; thoughts, calls and results stand elsewhere. */
function partsOf(blocks: readonly Block[]): readonly Fields[] {
  return blocks.flatMap((block) => {
    if (block.kind === "text") return [textPart(block.text)];
    if (block.kind === "refusal") return [{ type: "refusal", refusal: block.text }];
    return block.kind === "media" ? [mediaPart(block)] : [];
  });
}

function mediaPart(media: Of<"media">): Fields {
  if (media.source.kind === "file_id") unsupported("file_id", "the file lies with another server");
  if (media.modality === "image") return imagePart(media);
  if (media.modality === "audio") return audioPart(media);
  return media.modality === "file" ? filePart(media) : unsupported("video", "chat completions take none");
}

const DETAILS = new Set(["auto", "low", "high"]);

function imagePart({ source, detail }: Of<"media">): Fields {
  if (detail !== undefined && !DETAILS.has(detail)) unsupported("detail", "chat completions know auto, low and high");
  if (source.kind === "url") return { type: "image_url", image_url: set({ url: source.url, detail }) };
  if (source.kind !== "base64") return unsupported("image", "chat completions take it as a URL or base64");
  return { type: "image_url", image_url: set({ url: `data:${source.mime};base64,${source.data}`, detail }) };
}

const SOUNDS: Readonly<Record<string, string>> = {
  "audio/wav": "wav",
  "audio/wave": "wav",
  "audio/x-wav": "wav",
  "audio/mpeg": "mp3",
  "audio/mp3": "mp3",
};

function audioPart({ source }: Of<"media">): Fields {
  const format = source.kind === "base64" && Object.hasOwn(SOUNDS, source.mime) ? SOUNDS[source.mime] : undefined;
  if (source.kind !== "base64" || format === undefined)
    unsupported("audio", "chat completions take WAV and MP3 as base64");
  return { type: "input_audio", input_audio: { data: source.data, format } };
}

function filePart({ source, name }: Of<"media">): Fields {
  if (source.kind === "text") return textPart(name ? `${name}\n\n${source.text}` : source.text);
  if (source.kind !== "base64") return unsupported("file", "chat completions take it as base64 only");
  const filename = name ?? (source.mime === "application/pdf" ? "document.pdf" : "document");
  return { type: "file", file: { filename, file_data: `data:${source.mime};base64,${source.data}` } };
}
