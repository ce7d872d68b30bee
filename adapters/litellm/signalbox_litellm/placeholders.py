"""Finds the placeholders of a request in what a model wrote, also where it changed their form a little."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

# How an angle bracket may come: as it is, full-width, for HTML, or escaped in JSON that somebody wrote into text.
OPENERS: Final = ("<", "\uff1c", "&lt;", "\\u003c")
CLOSERS: Final = (">", "\uff1e", "&gt;", "\\u003e")
# Where a placeholder may begin.
FIRST_SIGN: Final = re.compile("[<\uff1c&\\\\]")
# Between the words of a placeholder, and around them.
SEPARATORS: Final = frozenset("_*\\- \t\n\r\f\v\u00a0")
MOST_SEPARATORS: Final = 3


@dataclass(frozen=True, slots=True)
class Match:
    """What ends at `end` stands for `value`, which no print of this shows."""

    end: int
    value: str

    def __repr__(self) -> str:
        return f"Match(end={self.end})"


class Matcher:
    """`values`: by placeholder, such as `<EMAIL_1>`."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {placeholder[1:-1]: value for placeholder, value in values.items()}
        self._prefixes = {name[:end] for name in self._values for end in range(len(name) + 1)}

    def match(self, text: str, start: int) -> Match | Literal["open"] | None:
        """What begins at `start`; "open" where the text ends before it is known, None where nothing does."""
        at = _behind(text, start, OPENERS)
        if not isinstance(at, int):
            return at
        escaped = _escapes(text, start)
        name, separators = "", 0
        while at < len(text):
            if name in self._values:
                end = _behind(text, at, CLOSERS)
                if end == "open":
                    return "open"
                if end is not None:
                    # One backslash alone was there before.
                    return None if escaped and not _escapes(text, at) else Match(end, self._values[name])
            sign = text[at]
            at += 1
            if sign in SEPARATORS:
                separators += 1
                if separators > MOST_SEPARATORS or not self._may_part(name):
                    return None
                continue
            # Behind a number that is over comes no other digit.
            grown = None if separators > 0 and name in self._values else self._grown(name, sign)
            if grown is None:
                return None
            name, separators = grown, 0
        return "open"

    def _grown(self, name: str, sign: str) -> str | None:
        """With one more letter, which may stand where the separator was left out."""
        for longer in (name + sign.upper(), f"{name}_{sign.upper()}"):
            if longer in self._prefixes:
                return longer
        return None

    def _may_part(self, name: str) -> bool:
        return name == "" or name in self._values or f"{name}_" in self._prefixes


def _escapes(text: str, at: int) -> bool:
    """True for a backslash that escapes what comes: no other one, and no escape by number."""
    return text[at] == "\\" and (at == 0 or text[at - 1] != "\\") and text[at + 1 : at + 2] not in ("u", "U")


def _behind(text: str, at: int, forms: tuple[str, ...]) -> int | Literal["open"] | None:
    """Behind a bracket that stands here, a backslash that escapes it included; "open" where the text ends in it."""
    start = at + 1 if _escapes(text, at) else at
    for form in forms:
        piece = text[start : start + len(form)].lower()
        if piece == form:
            return start + len(form)
        if len(text) - start < len(form) and form.startswith(piece):
            return "open"
    return None
