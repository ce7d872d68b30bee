/** What of a request reached a model server, read from the body of its API and told in the words of `Expected`. */
import type { Expected } from "../fakes/apis/asks.ts";
import { type Fields, isFields } from "../fakes/apis/rules.ts";
import { fields, list } from "./json.ts";
import type { Api } from "./world.ts";

type Mutable = { -readonly [Key in keyof Expected]?: Expected[Key] | undefined };
type Image = NonNullable<Expected["image"]>;
type CallMade = NonNullable<Expected["calls"]>[number];

const parse = (json: unknown): Fields => fields(JSON.parse(String(json)));

const READERS: Readonly<Record<Api, (body: Fields) => Mutable>> = {
  "openai-chat": fromChat,
  "openai-responses": fromResponses,
  "anthropic-messages": fromMessages,
  gemini: fromGemini,
};

/** Without what is not there. */
export function arrivedIn(api: Api, body: unknown): Partial<Expected> {
  const read = Object.entries(READERS[api](fields(body)));
  const isThere = (value: unknown) => value !== undefined && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(read.filter(([, value]) => isThere(value)));
}

/** Text of a content that is a string or parts with texts. */
const textsOf = (content: unknown): string[] =>
  typeof content === "string"
    ? [content]
    : list(content).flatMap(({ text }) => (typeof text === "string" ? [text] : []));

function imageOf(url: unknown): Image | undefined {
  if (typeof url !== "string") return undefined;
  const [, mime, data] = /^data:([^;]*);base64,(.*)$/su.exec(url) ?? [];
  return mime === undefined || data === undefined ? { url } : { mime, data };
}

const keysOf = (schema: unknown) => (isFields(schema) ? Object.keys(fields(schema.properties)) : undefined);
const thinksOf = (effort: unknown) => (typeof effort === "string" && effort !== "none" ? true : undefined);
const one = (value: unknown) => (Array.isArray(value) ? (value as unknown[])[0] : value) as string | undefined;

function fromChat(body: Fields): Mutable {
  const messages = list(body.messages);
  const spoken = messages.filter(({ role }) => role === "user" || role === "assistant");
  const results = new Map(messages.map(({ tool_call_id: id, content }) => [id, textsOf(content).join("")]));
  return {
    texts: spoken.flatMap(({ content }) => textsOf(content)),
    system: messages.filter(({ role }) => role === "system").flatMap(({ content }) => textsOf(content))[0],
    tools: list(body.tools).map((tool) => String(fields(tool.function).name)),
    forced: fields(fields(body.tool_choice).function).name as string | undefined,
    calls: spoken.flatMap(({ tool_calls: calls }) =>
      list(calls).map((call): CallMade => {
        const { name, arguments: input } = fields(call.function);
        return { name: String(name), input: parse(input), result: results.get(call.id) ?? "" };
      }),
    ),
    image: imageOf(
      spoken
        .flatMap(({ content }) => list(content))
        .map((part) => fields(part.image_url).url)
        .find(Boolean),
    ),
    thinks: thinksOf(body.reasoning_effort),
    schema: keysOf(fields(fields(body.response_format).json_schema).schema),
    ...samplingOf(body),
    stop: one(body.stop),
    maxTokens: (body.max_completion_tokens ?? body.max_tokens) as number | undefined,
  };
}

const samplingOf = (body: Fields): Mutable => ({
  temperature: body.temperature as number | undefined,
  topP: body.top_p as number | undefined,
});

function fromResponses(body: Fields): Mutable {
  const items = typeof body.input === "string" ? [{ role: "user", content: body.input }] : list(body.input);
  const spoken = items.filter((item: Fields) => item.role === "user" || item.role === "assistant");
  const of = (type: string) => items.filter((item: Fields) => item.type === type) as readonly Fields[];
  const results = new Map(of("function_call_output").map(({ call_id: id, output }) => [id, textsOf(output).join("")]));
  return {
    texts: spoken.flatMap(({ content }) => textsOf(content)),
    system: body.instructions as string | undefined,
    tools: list(body.tools).map(({ name }) => String(name)),
    forced: fields(body.tool_choice).name as string | undefined,
    calls: of("function_call").map(({ call_id: id, name, arguments: input }) => ({
      name: String(name),
      input: parse(input),
      result: results.get(id) ?? "",
    })),
    image: imageOf(
      spoken
        .flatMap(({ content }) => list(content))
        .map((part) => part.image_url)
        .find(Boolean),
    ),
    thinks: thinksOf(fields(body.reasoning).effort),
    signature: of("reasoning")
      .map((item) => item.encrypted_content)
      .find(Boolean) as string | undefined,
    schema: keysOf(fields(fields(body.text).format).schema),
    ...samplingOf(body),
    maxTokens: body.max_output_tokens as number | undefined,
  };
}

function fromMessages(body: Fields): Mutable {
  const messages = list(body.messages);
  const blocks = messages.flatMap(({ content }) => list(content));
  const of = (type: string) => blocks.filter((block) => block.type === type);
  const results = new Map(of("tool_result").map(({ tool_use_id: id, content }) => [id, textsOf(content).join("")]));
  const source = fields(of("image")[0]?.source);
  return {
    texts: messages.flatMap(({ content }) =>
      typeof content === "string" ? [content] : textsOf(list(content).filter(({ type }) => type === "text")),
    ),
    system: textsOf(body.system)[0],
    tools: list(body.tools).map(({ name }) => String(name)),
    forced: fields(body.tool_choice).name as string | undefined,
    calls: of("tool_use").map(({ id, name, input }) => ({
      name: String(name),
      input: fields(input),
      result: results.get(id) ?? "",
    })),
    image:
      source.type === "base64" ? { mime: String(source.media_type), data: String(source.data) } : imageOf(source.url),
    thinks: ["enabled", "adaptive"].includes(String(fields(body.thinking).type)) ? true : undefined,
    signature: of("thinking")[0]?.signature as string | undefined,
    schema: keysOf(fields(fields(body.output_config).format).schema),
    ...samplingOf(body),
    stop: one(body.stop_sequences),
    maxTokens: body.max_tokens as number | undefined,
  };
}

function fromGemini(body: Fields): Mutable {
  const parts = list(body.contents).flatMap((content) => list(content.parts));
  const having = (key: string) => parts.map((part) => part[key]).filter(isFields);
  const results = having("functionResponse");
  const config = fields(body.generationConfig);
  const thinking = fields(config.thinkingConfig);
  const [inline] = having("inlineData");
  const [file] = having("fileData");
  return {
    texts: textsOf(parts.filter(({ thought }) => thought !== true)),
    system: textsOf(fields(body.systemInstruction).parts)[0],
    tools: list(body.tools).flatMap((tool) => list(tool.functionDeclarations).map(({ name }) => String(name))),
    forced: one(fields(fields(body.toolConfig).functionCallingConfig).allowedFunctionNames),
    calls: having("functionCall").map(({ id, name, args }, index) => {
      const result = results.find((each) => each.id === id && id !== undefined) ?? results[index];
      return { name: String(name), input: fields(args), result: String(fields(result?.response).output) };
    }),
    image: inline ? { mime: String(inline.mimeType), data: String(inline.data) } : imageOf(file?.fileUri),
    thinks: (thinking.thinkingBudget ?? 0) !== 0 || thinking.thinkingLevel !== undefined ? true : undefined,
    signature: parts.map((part) => part.thoughtSignature).find((each) => each !== undefined && each !== UNSIGNED) as
      | string
      | undefined,
    schema: keysOf(config.responseJsonSchema ?? config.responseSchema),
    temperature: config.temperature as number | undefined,
    topP: config.topP as number | undefined,
    stop: one(config.stopSequences),
    maxTokens: config.maxOutputTokens as number | undefined,
  };
}

/** What Google's reference has for a call without a signature. */
const UNSIGNED = "skip_thought_signature_validator";
