"""Server-sent events: bytes that are cut anywhere, and events."""

import re
from dataclasses import dataclass
from typing import Final

BLANK_LINE: Final = re.compile(rb"\r\n\r\n|\n\n|\r\r")
LINE_END: Final = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class SseEvent:
    """`raw`: its bytes as they came, the blank line behind it included."""

    name: str
    data: str
    raw: bytes


class SseReader:
    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._waiting = b""

    def push(self, data: bytes) -> list[SseEvent]:
        """Raises ValueError for an event beyond the limit."""
        events: list[SseEvent] = []
        # A blank line may be cut in two.
        known = max(0, len(self._waiting) - 3)
        waiting = self._waiting + data
        done = 0
        while (end := BLANK_LINE.search(waiting, max(done, known))) is not None:
            events.append(_read(waiting[done : end.end()]))
            done = end.end()
        self._waiting = waiting[done:]
        if len(self._waiting) > self._most:
            raise ValueError("an event of the stream is too large")
        return events

    def end(self) -> list[SseEvent]:
        """What is left when the stream has ended."""
        rest, self._waiting = self._waiting, b""
        return [_read(rest)] if rest else []


def sse_event(data: str, name: str) -> bytes:
    return (f"event: {name}\n" if name else "").encode() + f"data: {data}\n\n".encode()


def _read(raw: bytes) -> SseEvent:
    name, data = "", []
    for line in LINE_END.split(raw.decode(errors="replace")):
        field, _, value = line.partition(":")
        if field == "event":
            name = value.removeprefix(" ")
        elif field == "data":
            data.append(value.removeprefix(" "))
    return SseEvent(name, "\n".join(data), raw)
