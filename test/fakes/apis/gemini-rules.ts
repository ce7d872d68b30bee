import {
  type Check,
  type Fields,
  all,
  anything,
  at,
  base64,
  broken,
  filled,
  flag,
  integer,
  isFields,
  listOf,
  mapOf,
  matching,
  number,
  object,
  oneOf,
  record,
  text,
} from "./rules.ts";

const functionName = matching(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/u);
const mime = matching(/^[a-z]+\/[a-z0-9.+-]+$/u);
/** Bytes in JSON: either alphabet of base64, padded or not. */
const bytes = all(filled, matching(/^[A-Za-z0-9+/_-]+={0,2}$/u));
const inlineData = object({ mimeType: mime, data: base64 }, { displayName: text });

const DATA: Readonly<Record<string, Check>> = {
  text,
  inlineData,
  fileData: object({ fileUri: filled }, { mimeType: mime, displayName: text }),
  functionCall: object({ name: functionName }, { id: text, args: record }),
  functionResponse: object(
    { name: functionName, response: record },
    { id: text, parts: listOf(object({}, { inlineData, fileData: record })), scheduling: text, willContinue: flag },
  ),
  executableCode: record,
  codeExecutionResult: record,
};
const SIDE = {
  thought: flag,
  thoughtSignature: bytes,
  videoMetadata: record,
  mediaResolution: record,
  partMetadata: record,
};

const part: Check = (value, path) => {
  object({}, { ...DATA, ...SIDE })(value, path);
  const held = Object.keys(DATA).filter((key) => (value as Fields)[key] !== undefined);
  if (held.length !== 1) broken(path, "must hold exactly one kind of data");
};

const content = object({ parts: listOf(part, 1) }, { role: oneOf("user", "model") });

const having = (key: string, { parts }: Fields) =>
  (parts as readonly Fields[]).map((each) => each[key]).filter((each): each is Fields => isFields(each));

/** Turns: from a user's, and the responses of functions right after the calls, as many, with their names. */
const answered: Check = (value, path) => {
  let calls: readonly Fields[] = [];
  for (const [index, each] of (value as readonly Fields[]).entries()) {
    const here = at(path, index);
    if (index === 0 && each.role === "model") broken(at(here, "role"), "the first turn must be a user's");
    const results = having("functionResponse", each);
    if (results.length > 0 && each.role !== "user") broken(here, "function responses stand in a user's turn");
    if (results.length !== calls.length)
      broken(here, "there must be as many function responses as function calls in the turn before");
    const wanted = calls.map(({ name }) => String(name)).sort();
    if (
      results
        .map(({ name }) => String(name))
        .sort()
        .join("\n") !== wanted.join("\n")
    )
      broken(here, "function responses must have the names of the function calls before");
    for (const { id } of calls)
      if (id !== undefined && !results.some((result) => result.id === id))
        broken(here, "no function response has the id of the call");
    calls = having("functionCall", each);
    if (calls.length > 0 && each.role !== "model") broken(here, "function calls stand in a model's turn");
  }
  if (calls.length > 0) broken(path, "the last function calls have no responses");
};

const schema: Check = (value, path) => {
  // The API's own dialect of schemas; JSON Schema as it is goes into the fields named for it.
  const known = object(
    {},
    {
      type: oneOf(
        ...["string", "number", "integer", "boolean", "array", "object", "null"].flatMap((each) => [
          each,
          each.toUpperCase(),
        ]),
      ),
      format: text,
      title: text,
      description: text,
      nullable: flag,
      enum: listOf(text),
      default: anything,
      example: anything,
      items: schema,
      minItems: anything,
      maxItems: anything,
      minLength: anything,
      maxLength: anything,
      minProperties: anything,
      maxProperties: anything,
      minimum: number(),
      maximum: number(),
      pattern: text,
      anyOf: listOf(schema),
      properties: mapOf(schema, 10_000),
      propertyOrdering: listOf(text),
      required: listOf(text),
    },
  );
  known(value, path);
};

const declaration: Check = (value, path) => {
  object(
    { name: functionName },
    {
      description: text,
      parameters: schema,
      parametersJsonSchema: anything,
      response: schema,
      responseJsonSchema: anything,
      behavior: text,
    },
  )(value, path);
  if (isFields(value) && value.parameters !== undefined && value.parametersJsonSchema !== undefined)
    broken(path, "parameters and parametersJsonSchema exclude each other");
};

const thinkingConfig: Check = (value, path) => {
  object(
    {},
    {
      includeThoughts: flag,
      thinkingBudget: integer(-1, 65_536),
      thinkingLevel: oneOf(...["minimal", "low", "medium", "high"].flatMap((each) => [each, each.toUpperCase()])),
    },
  )(value, path);
  if (isFields(value) && value.thinkingBudget !== undefined && value.thinkingLevel !== undefined)
    broken(path, "thinkingBudget and thinkingLevel exclude each other");
};

const generationConfig = object(
  {},
  {
    candidateCount: integer(1, 8),
    maxOutputTokens: integer(1),
    stopSequences: listOf(filled, 0, 5),
    temperature: number(0, 2),
    topP: number(0, 1),
    topK: number(1),
    seed: integer(-(2 ** 31), 2 ** 31 - 1),
    presencePenalty: number(-2, 2),
    frequencyPenalty: number(-2, 2),
    responseLogprobs: flag,
    logprobs: integer(0, 20),
    responseMimeType: oneOf("text/plain", "application/json", "text/x.enum"),
    responseSchema: schema,
    responseJsonSchema: anything,
    responseModalities: listOf(oneOf("TEXT", "IMAGE", "AUDIO")),
    thinkingConfig,
    mediaResolution: text,
    speechConfig: record,
    imageConfig: record,
    enableEnhancedCivicAnswers: flag,
  },
);

const fields = object(
  { contents: all(listOf(content, 1), answered) },
  {
    model: text,
    systemInstruction: object({ parts: listOf(object({ text }), 1) }, { role: text }),
    tools: listOf(
      object(
        {},
        {
          functionDeclarations: listOf(declaration, 1),
          googleSearch: record,
          codeExecution: record,
          urlContext: record,
        },
      ),
    ),
    toolConfig: object(
      {},
      {
        functionCallingConfig: object(
          {},
          { mode: oneOf("AUTO", "ANY", "NONE", "VALIDATED"), allowedFunctionNames: listOf(text) },
        ),
        retrievalConfig: record,
        includeServerSideToolInvocations: flag,
      },
    ),
    safetySettings: listOf(object({ category: filled, threshold: filled })),
    generationConfig,
    cachedContent: text,
    serviceTier: text,
    store: flag,
    labels: mapOf(text, 64),
  },
);

const together: Check = (value) => {
  const { generationConfig: config, toolConfig, tools } = value as Fields;
  const { responseSchema, responseJsonSchema, responseMimeType } = isFields(config) ? config : {};
  if (responseSchema !== undefined && responseJsonSchema !== undefined)
    broken("generationConfig", "responseSchema and responseJsonSchema exclude each other");
  if ((responseSchema ?? responseJsonSchema) !== undefined && responseMimeType !== "application/json")
    broken("generationConfig.responseMimeType", "must be application/json where a schema stands");
  const calling =
    isFields(toolConfig) && isFields(toolConfig.functionCallingConfig) ? toolConfig.functionCallingConfig : {};
  if (calling.allowedFunctionNames !== undefined && calling.mode !== "ANY" && calling.mode !== "VALIDATED")
    broken("toolConfig", "allowedFunctionNames needs the mode ANY");
  const declared = ((tools ?? []) as readonly Fields[]).flatMap(
    ({ functionDeclarations }) => (functionDeclarations ?? []) as readonly Fields[],
  );
  for (const name of (calling.allowedFunctionNames ?? []) as readonly string[])
    if (!declared.some((each) => each.name === name)) broken("toolConfig", `${name} is not declared`);
};

export const generateRules = all(fields, together);

/** Models from Gemini 3 on: the first call of each step since the last words of the user comes with its signature. */
export function signedRules({ contents }: Fields): void {
  const turns = contents as readonly Fields[];
  const spoken = turns.findLastIndex((turn) => turn.role !== "model" && having("functionResponse", turn).length === 0);
  for (const [index, turn] of turns.entries()) {
    if (index < spoken) continue;
    const first = (turn.parts as readonly Fields[]).find(({ functionCall }) => functionCall !== undefined);
    if (first !== undefined && first.thoughtSignature === undefined)
      broken(`contents.${index}`, "a function call is missing its thoughtSignature");
  }
}
