"""A whole answer as the events of a stream that says the same."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Fields = Mapping[str, Any]
Events = Iterator[dict[str, Any]]


def messages_events(answer: Fields) -> Events:
    """Of Anthropic's messages."""
    usage = dict(answer.get("usage") or {})
    begun = {**answer, "content": [], "stop_reason": None, "stop_sequence": None}
    yield {"type": "message_start", "message": {**begun, "usage": {**usage, "output_tokens": 0}}}
    for index, block in enumerate(answer.get("content") or []):
        begin, deltas = _block(block)
        yield {"type": "content_block_start", "index": index, "content_block": begin}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    stop = {name: answer.get(name) for name in ("stop_reason", "stop_sequence")}
    yield {"type": "message_delta", "delta": stop, "usage": usage}
    yield {"type": "message_stop"}


def _block(block: Fields) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    kind = block.get("type")
    if kind == "text":
        return {**block, "text": ""}, [{"type": "text_delta", "text": block.get("text") or ""}]
    if kind == "tool_use":
        said = json.dumps(block.get("input") or {}, ensure_ascii=False)
        return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": said}]
    if kind == "thinking":
        thought = {"type": "thinking_delta", "thinking": block.get("thinking") or ""}
        sealed = {"type": "signature_delta", "signature": block.get("signature") or ""}
        return {**block, "thinking": "", "signature": ""}, [thought, sealed]
    return dict(block), []


def responses_events(answer: Fields) -> Events:
    """Of OpenAI's responses."""
    for number, event in enumerate(_unnumbered(answer)):
        yield {**event, "sequence_number": number}


def _unnumbered(answer: Fields) -> Events:
    begun = {**answer, "status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, item in enumerate(answer.get("output") or []):
        yield from _item(index, item)
    end = "incomplete" if answer.get("status") == "incomplete" else "completed"
    yield {"type": f"response.{end}", "response": answer}


def _item(index: int, item: Fields) -> Events:
    place = {"output_index": index, "item_id": item.get("id")}
    empty: dict[str, Any] = {name: [] for name in ("content", "summary") if isinstance(item.get(name), list)}
    called = {"arguments": ""} if "arguments" in item else {}
    begun = {**item, **empty, **called, **({"status": "in_progress"} if "status" in item else {})}
    yield {"type": "response.output_item.added", "output_index": index, "item": begun}
    for at, part in enumerate(item.get("summary") or []):
        yield from _text({**place, "summary_index": at}, part, "response.reasoning_summary", "text")
    for at, part in enumerate(item.get("content") or []):
        names = ("refusal", "refusal") if part.get("type") == "refusal" else ("content", "text")
        yield from _text({**place, "content_index": at}, part, *names)
    if called:
        kind = "response.function_call_arguments"
        yield {"type": f"{kind}.delta", **place, "delta": item["arguments"]}
        yield {"type": f"{kind}.done", **place, "arguments": item["arguments"]}
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _text(place: Fields, part: Fields, kind: str, name: str) -> Events:
    part_kind = "response.content_part" if kind in ("content", "refusal") else f"{kind}_part"
    text_kind = {"content": "response.output_text", "refusal": "response.refusal"}.get(kind, f"{kind}_text")
    said = part.get(name) or ""
    yield {"type": f"{part_kind}.added", **place, "part": {**part, name: ""}}
    yield {"type": f"{text_kind}.delta", **place, "delta": said}
    yield {"type": f"{text_kind}.done", **place, name: said}
    yield {"type": f"{part_kind}.done", **place, "part": part}
