"""Answers that Signalbox may give again, handed to it as the model gave them: with placeholders, not with values."""

import base64
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

from pydantic import BaseModel

from .flight import Flight
from .sse import sse_event
from .telling import Teller

MOST_BYTES: Final = 1024 * 1024
MOST_EVENTS: Final = 50_000


class Answers:
    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    def whole(self, flight: Flight, response: object) -> None:
        if not _fell_back(response):
            self._tell(flight, _json(response), stream=False)

    async def heard(self, flight: Flight, response: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """The same stream. What breaks off, or is larger than what is stored anywhere, is not handed in."""
        events: list[Any] = []
        async for event in response:
            if len(events) <= MOST_EVENTS:
                events.append(event)
            yield event
        if len(events) <= MOST_EVENTS and not any(_fell_back(each) for each in (response, *events[:1])):
            self._tell(flight, b"".join(_streamed(events)), stream=True)

    def _tell(self, flight: Flight, body: bytes, *, stream: bool) -> None:
        if not body or len(body) > MOST_BYTES:
            return
        message = {
            "decisionId": flight.decision_id,
            **flight.tenant,
            "body": base64.b64encode(body).decode(),
            "stream": stream,
        }
        self._teller.tell("StoreAnswer", message, len(body))


def _streamed(events: Iterable[Any]) -> Iterable[bytes]:
    are_chunks = False
    for event in events:
        if isinstance(event, (bytes, str)):
            yield event if isinstance(event, bytes) else event.encode()
            continue
        kind = getattr(event, "type", None)
        are_chunks = not isinstance(kind, str)
        yield sse_event(_json(event).decode(), "" if are_chunks else str(getattr(kind, "value", kind)))
    if are_chunks:
        yield sse_event("[DONE]", "")


def _json(answer: object) -> bytes:
    """Empty for what is no answer."""
    if isinstance(answer, BaseModel):
        return answer.model_dump_json(exclude_none=True).encode()
    if isinstance(answer, dict):
        own = {name: value for name, value in answer.items() if not name.startswith("_")}
        return json.dumps(own, ensure_ascii=False, default=str).encode()
    return b""


def _fell_back(response: object) -> bool:
    """True where another model answered than the one that was decided on."""
    hidden = response.get("_hidden_params") if isinstance(response, dict) else getattr(response, "_hidden_params", None)
    headers = hidden.get("additional_headers") if isinstance(hidden, dict) else None
    return isinstance(headers, dict) and bool(headers.get("x-litellm-attempted-fallbacks"))
