"""A decision as Signalbox tells it, read no further than it is used here, and edits of a body."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MOST_TARGETS: Final = 64


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
class Plan:
    """`targets`: best first; none where the model is not of Signalbox's pool."""

    decision_id: str
    model: str
    tier: str
    route: str
    reason: str
    confidence: float
    targets: tuple[Target, ...]
    blocked: Blocked | None


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
    )
    if read.decision_id == "" or (read.blocked is None and read.model == ""):
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
    if all(each.data == json.dumps(target.upstream_model).encode() for each in target.edits):
        return {}
    before, after = _fields(json.loads(body)), _fields(json.loads(edit(body, target.edits)))
    return {name: value for name, value in after.items() if name != "model" and before.get(name) != value}


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
