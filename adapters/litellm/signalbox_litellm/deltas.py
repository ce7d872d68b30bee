"""How the events of a streamed answer carry its texts, by API. An event is a dict or one of LiteLLM's models."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .restoring import Path

# Members of a delta that are no text.
KINDS: Final = frozenset({"role", "id", "type", "name", "call_id", "status", "index"})
PLACE_OF_RESPONSES: Final = ("type", "item_id", "output_index", "content_index", "summary_index")
# Members of an event that say where its text goes.
PLACE: Final = ("index", "type")


@dataclass(frozen=True, slots=True)
class Channel:
    """
    Which text a string goes on with. Those of a group are told one after another: where one goes on, others end, but
    for calls of tools, which some servers tell side by side.
    """

    name: tuple[object, ...]
    group: tuple[object, ...]
    is_call: bool = False


@dataclass(frozen=True, slots=True)
class Deltas:
    """`channel_of`: None for a string that is whole. `is_end`: true for an event behind which no text goes on."""

    channel_of: Callable[[Any, Path], Channel | None]
    is_end: Callable[[Any], bool]


def member(value: Any, name: object) -> Any:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list):
        return value[name] if isinstance(name, int) else None
    return getattr(value, str(name), None)


def _of_chat(event: Any, path: Path) -> Channel | None:
    is_delta = len(path) > 2 and (len(path) > 3 if path[2] == "delta" else path[2:] == ("text",))
    if not is_delta or path[0] != "choices" or path[-1] in KINDS or "logprobs" in path:
        return None
    steps = _numbered(event, path)
    return Channel(steps, steps[:2], "tool_calls" in path)


def _ends_chat(event: Any) -> bool:
    choices = member(event, "choices")
    if not isinstance(choices, list) or not choices:
        return True
    return any(member(choice, "finish_reason") is not None for choice in choices)


def _of_messages(event: Any, path: Path) -> Channel | None:
    is_delta = member(event, "type") == "content_block_delta" and len(path) == 2 and path[0] == "delta"
    return Channel((member(event, "index"), path[1]), ()) if is_delta and path[1] != "type" else None


def _ends_messages(event: Any) -> bool:
    return member(event, "type") not in ("content_block_delta", "ping")


def _of_responses(event: Any, path: Path) -> Channel | None:
    if path != ("delta",) or _ends_responses(event):
        return None
    place = tuple(member(event, name) for name in PLACE_OF_RESPONSES)
    return Channel(place, place)


def _ends_responses(event: Any) -> bool:
    kind = member(event, "type")
    return not (isinstance(kind, str) and kind.endswith(".delta"))


# By what RouteRequest calls the API.
DELTAS: Final[Mapping[str, Deltas]] = {
    "API_KIND_OPENAI_CHAT": Deltas(_of_chat, _ends_chat),
    "API_KIND_OPENAI_RESPONSES": Deltas(_of_responses, _ends_responses),
    "API_KIND_ANTHROPIC_MESSAGES": Deltas(_of_messages, _ends_messages),
}


def event_like(event: Mapping[str, Any], path: Path, text: str) -> dict[str, Any]:
    """An event like this one, with `text` alone at `path`."""
    rest = {name: value for name, value in event.items() if name != "usage"}
    return {**rest, **_pruned(event, path, text)}


def _pruned(value: Any, path: Path, text: str) -> Any:
    if not path:
        return text
    inner = _pruned(member(value, path[0]), path[1:], text)
    if isinstance(value, list):
        return [inner]
    return {**{name: value[name] for name in PLACE if name in value}, path[0]: inner}


def _numbered(event: Any, path: Path) -> tuple[object, ...]:
    """With the numbers that elements give themselves: a chunk may hold the second call alone."""
    steps: list[object] = []
    value = event
    for step in path:
        value = member(value, step)
        index = member(value, "index") if isinstance(step, int) else None
        steps.append(index if isinstance(index, int) else step)
    return tuple(steps)
