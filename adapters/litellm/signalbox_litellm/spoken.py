"""What LiteLLM's log events say of an answer, in the words of ReportOutcome."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel

LONGEST_FINISH: Final = 64
TIMEOUTS: Final = frozenset({"Timeout", "APITimeoutError"})


def metadata_of(kwargs: Mapping[str, object]) -> Mapping[str, object]:
    """LiteLLM's own metadata of a request, wherever this kind of call has it."""
    params = _fields(kwargs.get("litellm_params"))
    return {**_fields(params.get("metadata")), **_fields(params.get("litellm_metadata"))}


def model_of(kwargs: Mapping[str, object]) -> str:
    """The model group that answered or failed."""
    group = _fields(kwargs.get("standard_logging_object")).get("model_group")
    return group if isinstance(group, str) else ""


def success_of(kwargs: Mapping[str, object], response: object, start: datetime, end: datetime) -> dict[str, object]:
    said = _fields(kwargs.get("standard_logging_object"))
    outcome: dict[str, object] = {"latencyMs": _ms(start, end)}
    tokens = {
        "inputTokens": said.get("prompt_tokens"),
        "outputTokens": said.get("completion_tokens"),
        "cachedInputTokens": _cached(response),
    }
    usage = {name: count for name, count in tokens.items() if isinstance(count, int) and count > 0}
    if usage:
        outcome["usage"] = usage
    first = kwargs.get("completion_start_time")
    if said.get("stream") and isinstance(first, datetime):
        outcome["ttftMs"] = _ms(start, first)
    finish = _finish(response)
    return {**outcome, "finish": finish[:LONGEST_FINISH]} if finish else outcome


def withhold_values(kwargs: dict[str, Any], result: object) -> None:
    """LiteLLM logs of a redacted request the answer as the model gave it, not as the client was told it."""
    told = kwargs.pop("served_output_texts", None)
    said = kwargs.get("standard_logging_object")
    if told is not None and isinstance(said, dict):
        said["response"] = result.model_dump() if isinstance(result, BaseModel) else result


def count_as_cached(kwargs: dict[str, Any], result: object, tokens: Mapping[str, int]) -> None:
    """LiteLLM counts an answer that no model was asked for: its tokens, and no money."""
    kwargs["response_cost"] = 0.0
    kwargs["cache_hit"] = True
    said = kwargs.get("standard_logging_object")
    if isinstance(said, dict):
        said.update({"response_cost": 0.0, "cache_hit": True, **tokens})
    usage = getattr(result, "usage", None)
    spelled = zip(("input_tokens", "output_tokens", "total_tokens"), tokens.values(), strict=True)
    for name, count in [*tokens.items(), *spelled]:
        if hasattr(usage, name):
            setattr(usage, name, count)


def status_of(kwargs: Mapping[str, object]) -> int:
    """HTTP status of a failure; 0 where no answer came."""
    error = kwargs.get("exception")
    if type(error).__name__ in TIMEOUTS:
        return 0
    status = getattr(error, "status_code", 0)
    return status if isinstance(status, int) and 100 <= status <= 599 else 0


def _finish(response: object) -> str:
    choices = _at(response, "choices")
    of_chat = _at(choices[0], "finish_reason") if isinstance(choices, list) and choices else None
    finish = of_chat or _at(response, "stop_reason") or _at(response, "status")
    return finish if isinstance(finish, str) else ""


def _cached(response: object) -> object:
    usage = _at(response, "usage")
    return _at(_at(usage, "prompt_tokens_details") or _at(usage, "input_tokens_details"), "cached_tokens")


def _at(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def _ms(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds() * 1000)


def _fields(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
