"""Gives out an answer that was given before, in the way that LiteLLM lets a hook do that for each API."""

import json
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, Final

from litellm.types.llms.openai import ResponsesAPIResponse
from litellm.types.utils import ModelResponse
from starlette.responses import StreamingResponse

from .flight import Flight
from .plan import Cached
from .replay import messages_events, responses_events
from .sse import sse_event

CHAT: Final = "API_KIND_OPENAI_CHAT"
RESPONSES: Final = "API_KIND_OPENAI_RESPONSES"
MESSAGES: Final = "API_KIND_ANTHROPIC_MESSAGES"
# What LiteLLM believes that a model said, where only text can be said to it: it is replaced before the client sees it.
STANDS_FOR_IT: Final = "cached"
# What was read, and what was written, in the words of every API; each tells a token under one name alone.
TOKENS: Final = (
    ("prompt_tokens", "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"),
    ("completion_tokens", "output_tokens"),
)
STREAMED: Final[Mapping[str, Callable[[Mapping[str, Any]], Iterator[dict[str, Any]]]]] = {
    RESPONSES: responses_events,
    MESSAGES: messages_events,
}


def answer_from_cache(data: MutableMapping[str, Any], api: str, hit: Cached) -> bool:
    """
    LiteLLM asks no model then. Returns whether the client wants a stream that `given` has to make itself. Raises
    ValueError for an answer that is none of this API.
    """
    data["mock_response"] = ModelResponse(**hit.answer) if api == CHAT else STANDS_FOR_IT
    data["model"] = hit.model
    data["fallbacks"] = []
    # LiteLLM's own pretended answers of the other APIs are never streams.
    return api != CHAT and bool(data.pop("stream", False))


def given(flight: Flight, headers: Mapping[str, str]) -> Any:
    """The answer to what is no chat, in the form that LiteLLM gives to the client."""
    hit = flight.hit
    assert hit is not None
    answer = hit.answer if flight.restoring is None else flight.restoring.whole(hit.answer)
    if flight.streams:
        return StreamingResponse(_events(flight.api, answer), media_type="text/event-stream", headers=dict(headers))
    return ResponsesAPIResponse(**answer) if flight.api == RESPONSES else dict(answer)


async def _events(api: str, answer: Mapping[str, Any]) -> Any:
    for event in STREAMED[api](answer):
        yield sse_event(json.dumps(event, ensure_ascii=False), event["type"])


def headers_of(hit: Cached) -> dict[str, str]:
    return {
        "x-litellm-response-cost": "0.0",
        "x-signalbox-cache": hit.kind,
        "x-signalbox-cache-age": str(int(hit.age_ms // 1000)),
        "x-signalbox-cache-similarity": f"{hit.similarity:.3f}",
        "x-signalbox-cache-id": hit.id,
    }


def counted_in(hit: Cached) -> dict[str, int]:
    """Tokens, in LiteLLM's words."""
    usage = hit.answer.get("usage")
    told = usage if isinstance(usage, dict) else {}
    read, written = (sum(_count(told, name) for name in names) for names in TOKENS)
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _count(usage: Mapping[str, object], name: str) -> int:
    count = usage.get(name)
    return count if isinstance(count, int) else 0
