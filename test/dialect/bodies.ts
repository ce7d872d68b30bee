/** Realistic bodies, one or more an API: conversations with tools, images and documents. */
export const BODIES = {
  "openai-chat": [
    {
      model: "auto",
      messages: [
        { role: "system", content: "You are a travel agent." },
        { role: "developer", content: [{ type: "text", text: "Answer in French." }] },
        { role: "user", content: "<system-reminder>be kind</system-reminder>\nWeather in Paris?" },
        {
          role: "assistant",
          content: null,
          reasoning_content: "I need the weather.",
          tool_calls: [
            {
              id: "c1",
              type: "function",
              function: { name: "get_weather", arguments: '{"city":"Par\\u0069s","n":1}' },
            },
          ],
        },
        { role: "tool", tool_call_id: "c1", content: [{ type: "text", text: "18 degrees, rain" }] },
        { role: "assistant", content: "Il pleut." },
        {
          role: "user",
          content: [
            { type: "text", text: "And what is in this picture?" },
            { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } },
            { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
            { type: "file", file: { filename: "n.txt", file_data: "data:text/plain;base64,aGlkZGVuIG5vdGU=" } },
          ],
        },
      ],
      tools: [
        {
          type: "function",
          function: {
            name: "get_weather",
            description: "Weather of a city",
            parameters: { type: "object", properties: { city: { type: "string", description: "Name of the city" } } },
          },
        },
        { type: "custom", custom: { name: "run_code", description: "Runs code" } },
      ],
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.2,
      top_p: null,
      logprobs: true,
      reasoning_effort: "low",
      response_format: {
        type: "json_schema",
        json_schema: { name: "picture", schema: { description: "What is seen" } },
      },
      max_tokens: 100,
      max_completion_tokens: 256,
      metadata: { team: "legal", n: 3 },
    },
  ],
  "openai-responses": [
    {
      model: "auto:best",
      instructions: "Be brief.",
      input: [
        { role: "developer", content: "House rules." },
        { type: "message", role: "user", content: [{ type: "input_text", text: "Find the bug" }] },
        { type: "reasoning", summary: [{ type: "summary_text", text: "Reading files" }], encrypted_content: "gAAA" },
        { type: "function_call", call_id: "f1", name: "read_file", arguments: '{"path":"a.ts"}' },
        { type: "function_call_output", call_id: "f1", output: "const a = 1" },
        { type: "custom_tool_call", name: "patch", input: "*** Begin" },
        {
          type: "custom_tool_call_output",
          output: [
            { type: "input_text", text: "done" },
            { type: "input_image", image_url: "https://x/y.png" },
          ],
        },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "Fixed." }] },
        {
          role: "user",
          content: [
            { type: "input_text", text: "Now the docs" },
            { type: "input_file", file_id: "file-1" },
          ],
        },
      ],
      tools: [
        { type: "function", name: "read_file", description: "Reads" },
        { type: "web_search" },
        { type: "mcp", server_label: "wiki" },
      ],
      reasoning: { effort: "low" },
      max_output_tokens: 500,
      store: false,
    },
    { model: "auto", input: "Just one string" },
  ],
  "anthropic-messages": [
    {
      model: "auto",
      max_tokens: 1024,
      system: [{ type: "text", text: "You are Claude Code.", cache_control: { type: "ephemeral" } }],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "<system-reminder>As you answer</system-reminder>" },
            { type: "text", text: "Why does the build fail?" },
          ],
        },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "Look at the log", signature: "EqQB" },
            { type: "text", text: "Reading." },
            { type: "tool_use", id: "t1", name: "Bash", input: { command: "npm test\nls" } },
          ],
        },
        {
          role: "user",
          content: [
            {
              type: "tool_result",
              tool_use_id: "t1",
              content: [
                { type: "text", text: "1 failing" },
                { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBO" } },
                { type: "document", source: { type: "text", media_type: "text/plain", data: "nested page" } },
              ],
            },
            { type: "text", text: "<system-reminder>todo</system-reminder>" },
          ],
        },
        { role: "assistant", content: "It fails in a.ts" },
        {
          role: "user",
          content: [
            {
              type: "document",
              title: "Spec",
              source: { type: "content", content: [{ type: "text", text: "chapter one" }] },
            },
            {
              type: "document",
              source: { type: "base64", media_type: "application/pdf", data: "JVBERi0xLjcgaW4gbGV0dGVycw==" },
            },
            { type: "text", text: "Does it follow the spec?" },
          ],
        },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t9", content: "late result" }] },
      ],
      tools: [
        { name: "Bash", description: "Runs a command", input_schema: { type: "object" } },
        { type: "web_search_20250305", name: "web_search" },
      ],
      thinking: { type: "enabled", budget_tokens: 2000 },
      metadata: { user_id: "u-1" },
      stream: true,
    },
  ],
  gemini: [
    {
      systemInstruction: { parts: [{ text: "You are a librarian." }] },
      contents: [
        { role: "user", parts: [{ text: "Which book?" }, { inlineData: { mimeType: "image/jpeg", data: "/9j/" } }] },
        { role: "model", parts: [{ functionCall: { name: "search", args: { q: "whale" } } }] },
        { role: "user", parts: [{ functionResponse: { name: "search", response: { hits: ["Moby Dick"] } } }] },
        { role: "model", parts: [{ text: "Moby Dick.", thoughtSignature: "x!" }] },
        {
          role: "user",
          parts: [
            { text: "Who wrote it?" },
            { fileData: { mimeType: "video/mp4", fileUri: "gs://b/v" } },
            { inlineData: { mimeType: "text/plain", data: "aGlkZGVu" } },
          ],
        },
      ],
      tools: [{ functionDeclarations: [{ name: "search", description: "Searches books" }] }, { googleSearch: {} }],
      generationConfig: { temperature: 1, topP: 0.9, maxOutputTokens: 300, responseMimeType: "text/plain" },
      safetySettings: [],
      labels: { team: "books" },
    },
    {
      system_instruction: { parts: { text: "Snake case." } },
      contents: { parts: { text: "One object" } },
      generation_config: { max_output_tokens: 7 },
      model: "models/gemini-2.5-flash",
    },
  ],
} as const;
