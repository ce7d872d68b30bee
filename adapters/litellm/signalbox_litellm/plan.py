"""A decision as Signalbox tells it, read no further than it is used here, and edits of a body."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

MOST_TARGETS: Final = 64
MOST_PLACEHOLDERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `length` bytes at `offset` by `data`."""

    offset: int
    length: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Target:
    id: str
    model: str
    upstream_model: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Blocked:
    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Cached:
    """An answer that was given before. `answer`: the whole JSON body in the request's own API; it prints nowhere."""

    kind: str
    id: str
    model: str
    age_ms: float
    similarity: float
    answer: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """
    `targets`: best first; none where the model is not of Signalbox's pool, or where there is an answer already.
    `values`: by placeholder, what personal data the edited bodies hold placeholders for; it prints nowhere.
    `redacted`: how many places of each entity were changed. `cacheable`: whether the answer may be handed in.
    """

    decision_id: str
    model: str
    tier: str
    route: str
    reason: str
    confidence: float
    targets: tuple[Target, ...]
    blocked: Blocked | None
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    redacted: Mapping[str, int] = field(default_factory=dict)
    cached: Cached | None = None
    cacheable: bool = False


def read_plan(value: object) -> Plan:
    """Raises ValueError for anything that is no RouteRequestResponse."""
    plan = _fields(value)
    blocked = plan.get("blocked")
    targets = _list(plan.get("targets"))
    if len(targets) > MOST_TARGETS:
        raise ValueError("too many targets")
    read = Plan(
        decision_id=_text(plan, "decisionId"),
        model=_text(plan, "model"),
        tier=_text(plan, "tier"),
        route=_text(plan, "route"),
        reason=_text(plan, "reason"),
        confidence=_number(plan.get("confidence", 0)),
        targets=tuple(_target(_fields(target)) for target in targets),
        blocked=None if blocked is None else _blocked(_fields(blocked)),
        values=_values(_list(plan.get("placeholders"))),
        redacted={name: int(_number(count)) for name, count in _fields(plan.get("redacted") or {}).items()},
        cached=None if plan.get("cached") is None else _cached(_fields(plan["cached"])),
        cacheable=plan.get("cacheable") is True,
    )
    if read.decision_id == "" or (read.blocked is None and read.cached is None and read.model == ""):
        raise ValueError("neither a decision nor a refusal")
    return read


def edit(body: bytes, edits: Sequence[Edit]) -> bytes:
    """Raises ValueError for edits that overlap, are out of order or out of range."""
    pieces: list[bytes] = []
    done = 0
    for each in edits:
        end = each.offset + each.length
        if not (each.offset >= done and each.length >= 0 and end <= len(body)):
            raise ValueError("an edit overlaps another, is out of order or out of range")
        pieces += [body[done : each.offset], each.data]
        done = end
    return b"".join([*pieces, body[done:]])


def changes(body: bytes, target: Target) -> dict[str, object]:
    """The fields beside the model that the edits of a target set. Raises ValueError for edits that leave no JSON."""
    if all(each.data == _json(target.upstream_model) for each in target.edits):
        return {}
    before, after = _fields(json.loads(body)), _fields(json.loads(edit(body, target.edits)))
    return {name: value for name, value in after.items() if name != "model" and before.get(name) != value}


def _json(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False).encode()


def _target(target: Mapping[str, object]) -> Target:
    return Target(
        id=_text(target, "id"),
        model=_text(target, "model"),
        upstream_model=_text(target, "upstreamModel"),
        edits=tuple(_edit(_fields(each)) for each in _list(target.get("edits"))),
    )


def _edit(value: Mapping[str, object]) -> Edit:
    try:
        data = base64.b64decode(_text(value, "bytes"), validate=True)
    except binascii.Error:
        raise ValueError("bytes of an edit are not base64") from None
    return Edit(int(_number(value.get("offset", 0))), int(_number(value.get("length", 0))), data)


def _blocked(value: Mapping[str, object]) -> Blocked:
    try:
        error = _fields(_fields(json.loads(_text(value, "body"))).get("error"))
        message = _text(error, "message")
    except ValueError:
        message = "Blocked by Signalbox."
    return Blocked(int(_number(value.get("status", 403))), message)


def _values(placeholders: Sequence[object]) -> Mapping[str, str]:
    if len(placeholders) > MOST_PLACEHOLDERS:
        raise ValueError("too many placeholders")
    read = [_fields(each) for each in placeholders]
    return {_text(each, "placeholder"): _text(each, "value") for each in read}


def _cached(value: Mapping[str, object]) -> Cached:
    return Cached(
        kind=_text(value, "kind"),
        id=_text(value, "id"),
        model=_text(value, "model"),
        age_ms=_number(value.get("ageMs", 0)),
        similarity=_number(value.get("similarity", 0)),
        answer=_fields(json.loads(_text(value, "json"))),
    )


def _fields(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError("expected an object")
    return value


def _list(value: object) -> Sequence[object]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ValueError("expected a list")
    return value


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("expected a number")
    return value
