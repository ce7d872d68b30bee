"""Where a smuggled order stands in the text that was made around it."""

from __future__ import annotations

import re

OPEN, CLOSE = "\ue000", "\ue001"  # private code points that no text of ours holds
MARKS = re.compile(f"([{OPEN}{CLOSE}])")


def enclosed(order: str) -> str:
    """The order between marks, to be found again once the document is whole."""
    return f"{OPEN}{order}{CLOSE}"


def released(text: str) -> tuple[str, list[list[int]]]:
    """The text without the marks, and [start, end] of what stood between them in code points; no marks, no span."""
    start, end = text.find(OPEN), text.find(CLOSE) - 1
    return MARKS.sub("", text), [[start, end]] if 0 <= start < end else []
