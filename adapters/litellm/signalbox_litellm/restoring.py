"""Puts the client's own values back where a model was shown placeholders."""

import json
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

from pydantic import BaseModel

from .depth import Depth
from .placeholders import FIRST_SIGN, Matcher

Path = tuple[str | int, ...]
Change = Callable[[Path, str], str]
# What is nested deeper than this comes back as it is.
MOST_NESTED: Final = 64


class Restoring:
    """The placeholders of one request. `values`: by placeholder; no print of this shows them."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.matcher = Matcher(values)
        # Where a value would break JSON that it is put into as it is, it is known how deep each place stands.
        self.escapes = any(_escaped(value) != value for value in values.values())

    def text(self, text: str) -> str:
        """A whole text."""
        if FIRST_SIGN.search(text) is None:
            return text
        restorer = TextRestorer(self)
        return restorer.push(text) + restorer.end()

    def whole(self, answer: Any) -> Any:
        """A whole answer, of whatever API: a copy where anything changes, for LiteLLM logs what it is told itself."""
        return mapped(answer, lambda _, text: self.text(text))


class TextRestorer:
    """One text of an answer, as it comes. What may be the beginning of a placeholder is kept until it is known."""

    def __init__(self, restoring: Restoring) -> None:
        self._matcher = restoring.matcher
        self._depth = Depth() if restoring.escapes else None
        self.kept = ""

    def push(self, text: str) -> str:
        return self._restore(self.kept + text, False)

    def end(self) -> str:
        return self._restore(self.kept, True)

    def _restore(self, text: str, is_last: bool) -> str:
        out: list[str] = []
        done = 0
        sign = FIRST_SIGN.search(text)
        while sign is not None:
            at = sign.start()
            match = self._matcher.match(text, at)
            if match == "open" and not is_last:
                out.append(self._passed(text[done:at]))
                self.kept = text[at:]
                return "".join(out)
            if match is not None and match != "open":
                out += [self._passed(text[done:at]), self._at_depth(match.value)]
                self._passed(text[at : match.end])
                done = match.end
            sign = FIRST_SIGN.search(text, max(done, at + 1))
        self.kept = ""
        return "".join([*out, self._passed(text[done:])])

    def _passed(self, text: str) -> str:
        if self._depth is not None:
            self._depth.push(text)
        return text

    def _at_depth(self, value: str) -> str:
        for _ in range(0 if self._depth is None else self._depth.depth):
            value = _escaped(value)
        return value


def mapped(value: Any, change: Change, path: Path = ()) -> Any:
    """The same with its strings changed: what does not change is the very same object, what does is a copy."""
    if isinstance(value, str):
        return value if isinstance(value, Enum) else change(path, value)
    if len(path) > MOST_NESTED:
        return value
    if isinstance(value, BaseModel):
        return _mapped_model(value, change, path)
    if isinstance(value, dict):
        pairs = [(_key(name, change, path), mapped(each, change, (*path, name))) for name, each in value.items()]
        same = all(name is old and each is value[old] for (name, each), old in zip(pairs, value, strict=True))
        return value if same else dict(pairs)
    if isinstance(value, list):
        items = [mapped(each, change, (*path, at)) for at, each in enumerate(value)]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    return value


def _mapped_model(model: BaseModel, change: Change, path: Path) -> BaseModel:
    own = {**model.__dict__, **(model.__pydantic_extra__ or {})}
    changed = {
        name: new
        for name, each in own.items()
        if not name.startswith("_") and (new := mapped(each, change, (*path, name))) is not each
    }
    return model.model_copy(update=changed) if changed else model


def _key(name: Any, change: Change, path: Path) -> Any:
    """Arguments of tools may have placeholders for keys; nobody streams keys."""
    return change((), name) if path and isinstance(name, str) and FIRST_SIGN.search(name) else name


def _escaped(text: str) -> str:
    """As it stands between the quotes of a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
