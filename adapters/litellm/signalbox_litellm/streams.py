"""Puts values back in the place of placeholders in a stream, wherever it is cut."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from pydantic import BaseModel

from .deltas import DELTAS, Channel, event_like
from .restoring import Path, Restoring, TextRestorer, mapped
from .sse import SseEvent, SseReader, sse_event

# The last event of an API may repeat the whole answer.
MOST_EVENT_BYTES: Final = 64 * 1024 * 1024


class Growing:
    """A text that is on its way, and the last event that carried it."""

    __slots__ = ("channel", "event", "path", "text")

    def __init__(self, text: TextRestorer, channel: Channel) -> None:
        self.text = text
        self.channel = channel
        self.event: Any = None
        self.path: Path = ()


class EventRestorer:
    """
    Of a text that may be the beginning of a placeholder only that beginning is held back: until the next piece of the
    text, or until an event says that there is none, which it then goes before, as an event of its own.
    """

    def __init__(self, api: str, restoring: Restoring) -> None:
        self._restoring = restoring
        self._deltas = DELTAS[api]
        self._growing: dict[Any, Growing] = {}
        # The number of the last event, where events are numbered, and how many of ours went between.
        self._number = -1
        self._inserted = 0

    def push(self, event: Any) -> list[Any]:
        """Dicts and LiteLLM's models, never changed: what differs is a copy."""
        is_end = self._deltas.is_end(event)
        own = _number_of(event)
        if own is not None:
            self._number = own - 1
        before: list[Any] = []

        def change(path: Path, text: str) -> str:
            channel = self._deltas.channel_of(event, path)
            if channel is None:
                return self._restoring.text(text)
            return self._grow(event, path, channel, text, before, is_end)

        restored = mapped(event, change)
        if is_end:
            before += self.flush(lambda _: True)
        if own is not None:
            self._number = own
            if self._inserted:
                restored = _with_number(restored, own + self._inserted)
        return [*before, restored]

    def _grow(self, event: Any, path: Path, channel: Channel, text: str, before: list[Any], is_end: bool) -> str:
        grown = self._growing.get(channel.name)
        if grown is None and text == "":
            return text
        before += self.flush(lambda other: other.event is not event and _follows(channel, other.channel))
        if grown is None:
            grown = self._growing[channel.name] = Growing(TextRestorer(self._restoring), channel)
        grown.event, grown.path = event, path
        told = grown.text.push(text)
        return told + grown.text.end() if is_end else told

    def flush(self, is_over: Callable[[Growing], bool]) -> list[Any]:
        """What is held back of these texts, as events of their own."""
        told: list[Any] = []
        for name in [name for name, grown in self._growing.items() if is_over(grown)]:
            grown = self._growing.pop(name)
            text = grown.text.end()
            if text:
                told.append(self._insertion(grown, text))
        return told

    def _insertion(self, grown: Growing, text: str) -> Any:
        event = grown.event
        if isinstance(event, BaseModel):
            like: Any = type(event)(**event_like(event.model_dump(exclude_none=True), grown.path, text))
        else:
            like = event_like(event, grown.path, text)
        if _number_of(event) is not None:
            like = _with_number(like, self._number + 1 + self._inserted)
            self._inserted += 1
        return like


class SseRestorer:
    """The same for the bytes of server-sent events."""

    def __init__(self, api: str, restoring: Restoring) -> None:
        self._events = EventRestorer(api, restoring)
        self._reader = SseReader(MOST_EVENT_BYTES)
        # Whether events have names: then they are called what their type is.
        self._named = False

    def push(self, data: bytes) -> bytes:
        """Raises ValueError for an event beyond the limit."""
        return b"".join(self._restored(event) for event in self._reader.push(data))

    def end(self) -> bytes:
        rest = b"".join(self._restored(event) for event in self._reader.end())
        return rest + self._inserted(self._events.flush(lambda _: True))

    def _restored(self, event: SseEvent) -> bytes:
        try:
            fields = json.loads(event.data) if event.data.startswith("{") else None
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            held = self._events.flush(lambda _: True) if event.data else []
            return self._inserted(held) + event.raw
        self._named = event.name != ""
        *before, last = self._events.push(fields)
        return self._inserted(before) + (event.raw if last is fields else _sse(last, event.name))

    def _inserted(self, events: list[Any]) -> bytes:
        return b"".join(_sse(event, event.get("type", "") if self._named else "") for event in events)


async def restored(response: AsyncIterator[Any], api: str, restoring: Restoring) -> AsyncIterator[Any]:
    """What LiteLLM streams, with the client's own values. It tells events of some APIs as models, others as bytes."""
    events = EventRestorer(api, restoring)
    sse = SseRestorer(api, restoring)
    async for item in response:
        if isinstance(item, (bytes, str)):
            told = sse.push(item.encode() if isinstance(item, str) else item)
            if told:
                yield told
        else:
            for event in events.push(item):
                yield event
    for event in events.flush(lambda _: True):
        yield event
    if rest := sse.end():
        yield rest


def _follows(channel: Channel, before: Channel) -> bool:
    """True where the text before is over because this one goes on."""
    is_beside = channel.is_call and before.is_call
    return channel.group == before.group and channel.name != before.name and not is_beside


def _sse(event: object, name: str) -> bytes:
    return sse_event(json.dumps(event, ensure_ascii=False, separators=(",", ":")), name)


def _number_of(event: Any) -> int | None:
    number = event.get("sequence_number") if isinstance(event, dict) else getattr(event, "sequence_number", None)
    return number if isinstance(number, int) else None


def _with_number(event: Any, number: int) -> Any:
    if isinstance(event, dict):
        return {**event, "sequence_number": number}
    return event.model_copy(update={"sequence_number": number})
