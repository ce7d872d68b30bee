"""The official Python clients against a house. Arguments: its URL, then the names of models to ask.

What the models say depends on the prompt and its tools: see clients.test.ts.
"""

import json
import sys

import anthropic
import openai

URL, *MODELS = sys.argv[1:]
TEXT = "Swifts sleep aloft. 🐦"
DONE = "17 and 31."
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"Oslo": "17 degrees", "Rome": "31 degrees"}

gpt = openai.OpenAI(base_url=f"{URL}/v1", api_key="key-of-the-client", max_retries=0)
claude = anthropic.Anthropic(base_url=URL, api_key="key-of-the-client", max_retries=0)


def said(text):
    return [{"role": "user", "content": text}]


def same(found, wanted):
    assert found == wanted, f"{found!r} is not {wanted!r}"


def raises(kind, ask):
    try:
        ask()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def chat(model):
    whole = gpt.chat.completions.create(model=model, messages=said("hello"))
    same((whole.choices[0].message.content, whole.choices[0].finish_reason), (TEXT, "stop"))
    same((whole.usage.prompt_tokens, whole.usage.completion_tokens, whole.model), (20, 12, model))
    with gpt.chat.completions.stream(model=model, messages=said("hello")) as stream:
        same(stream.get_final_completion().choices[0].message.content, TEXT)

    tools = [{"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}]
    messages = said("weather in Oslo and Rome?")
    first = gpt.chat.completions.create(model=model, messages=messages, tools=tools).choices[0]
    same(first.finish_reason, "tool_calls")
    messages.append(first.message.model_dump(exclude_none=True))
    for call in first.message.tool_calls:
        city = json.loads(call.function.arguments)["city"]
        messages.append({"role": "tool", "tool_call_id": call.id, "content": WEATHER[city]})
    last = gpt.chat.completions.create(model=model, messages=messages, tools=tools)
    same(last.choices[0].message.content, DONE)

    error = raises(
        openai.BadRequestError, lambda: gpt.chat.completions.create(model=model, messages=said("too long"))
    )
    same(error.code, "context_length_exceeded")
    raises(openai.InternalServerError, lambda: gpt.chat.completions.create(model=model, messages=said("broken")))


def responses(model):
    def ask(text):
        return {"model": model, "input": text, "store": False}

    whole = gpt.responses.create(**ask("hello"))
    same((whole.output_text, whole.status, whole.usage.input_tokens), (TEXT, "completed", 20))
    with gpt.responses.stream(**ask("hello")) as stream:
        stream.until_done()
        same(stream.get_final_response().output_text, TEXT)

    tools = [{"type": "function", "name": "get_weather", "parameters": SCHEMA, "strict": None}]
    items = said("weather in Oslo and Rome?")
    first = gpt.responses.create(**ask(items), tools=tools)
    items += [item.model_dump(exclude_none=True) for item in first.output]
    for call in first.output:
        if call.type == "function_call":
            city = json.loads(call.arguments)["city"]
            items.append({"type": "function_call_output", "call_id": call.call_id, "output": WEATHER[city]})
    same(gpt.responses.create(**ask(items), tools=tools).output_text, DONE)
    raises(openai.BadRequestError, lambda: gpt.responses.create(**ask("too long")))


def messages(model):
    def ask(content):
        return {"model": model, "max_tokens": 900, "messages": content}

    whole = claude.messages.create(**ask(said("hello")))
    same((whole.content[0].text, whole.stop_reason, whole.model), (TEXT, "end_turn", model))
    same((whole.usage.input_tokens, whole.usage.cache_read_input_tokens, whole.usage.output_tokens), (12, 8, 12))
    with claude.messages.stream(**ask(said("hello"))) as stream:
        same(stream.get_final_message().content[0].text, TEXT)

    @anthropic.beta_tool
    def get_weather(city: str) -> str:
        """Weather of a city.

        Args:
            city: Name of a city
        """
        return WEATHER[city]

    for stream in (False, True):
        runner = claude.beta.messages.tool_runner(
            **ask(said("weather in Oslo and Rome?")), tools=[get_weather], stream=stream
        )
        same(runner.until_done().content[0].text, DONE)

    error = raises(anthropic.BadRequestError, lambda: claude.messages.create(**ask(said("too long"))))
    assert "prompt is too long" in str(error), error
    raises(anthropic.InternalServerError, lambda: claude.messages.create(**ask(said("broken"))))


for name in MODELS:
    for door in (chat, responses, messages):
        # The fake of Azure's newest path has no responses.
        if door is responses and name.endswith("azure-v1"):
            continue
        try:
            door(name)
        except Exception:
            print(f"{door.__name__} of {name}:", file=sys.stderr)
            raise
print("ok", openai.__version__, anthropic.__version__)
