"""How deep in strings of JSON the end of a text stands, as it comes."""

from typing import Final

MOST_DEPTH: Final = 4
# All that stands outside of strings in JSON. Anything else: this is text that happens to begin with a bracket.
OUTSIDE: Final = frozenset('{}[]:,.+-eEtrufalsn0123456789"')
ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class Depth:
    """0 in plain text and between strings; 1 in a string; 2 in a string of JSON that stands in a string."""

    def __init__(self, most: int = MOST_DEPTH) -> None:
        self._most = most
        self._plain = most == 0
        self._open = 0
        self._inner: Depth | None = None
        # An escape that is not whole yet.
        self._escape = ""

    @property
    def depth(self) -> int:
        return 0 if self._inner is None else 1 + self._inner.depth

    def push(self, text: str) -> None:
        for sign in text:
            self._take(sign)

    def _take(self, sign: str) -> None:
        if self._plain or (self._inner is None and sign.isspace()):
            return
        if self._inner is not None:
            self._take_inside(self._inner, sign)
        elif sign in "{[":
            self._open += 1
        elif self._open == 0 or sign not in OUTSIDE:
            self._plain = True
        elif sign in "}]":
            self._open -= 1
        elif sign == '"':
            self._inner = Depth(self._most - 1)

    def _take_inside(self, inner: "Depth", sign: str) -> None:
        if self._escape:
            self._escape += sign
            by_number = self._escape[1] == "u"
            if by_number and len(self._escape) < 6:
                return
            inner._take(_numbered(self._escape[2:]) if by_number else ESCAPED.get(sign, sign))
            self._escape = ""
        elif sign == "\\":
            self._escape = sign
        elif sign == '"':
            self._inner = None
        else:
            inner._take(sign)


def _numbered(digits: str) -> str:
    try:
        return chr(int(digits, 16))
    except ValueError:
        return "?"
