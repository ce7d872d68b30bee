"""Knows the texts of data/text and data/routing, so that no new intent row repeats one of them."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import Any, Iterable, Iterator

import folds
from generate.grammar import Row

RUN, NEAR = 6, 0.4  # a row goes when this share of its runs of words occurs in held-out rows


def short(key: str) -> bytes:
    """A digest of a key: the sets stay small."""
    return hashlib.blake2b(key.encode(), digest_size=8).digest()


def keys(text: str) -> list[bytes]:
    """The whole normalised text, and its beginning where it is longer."""
    whole = folds.normalised(text)
    return [short(whole)] + ([short(whole[: folds.PREFIX])] if len(whole) > folds.PREFIX else [])


def runs(text: str) -> set[bytes]:
    """Runs of six words."""
    words = re.findall(r"\w+", text.lower())
    return {short(" ".join(words[i : i + RUN])) for i in range(len(words) - RUN + 1)}


def strings(value: Any) -> Iterator[str]:
    """All texts of a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


class Known:
    """Keys of every labelled text, of the unlabelled ones, and of every outcome question."""

    def __init__(self) -> None:
        self.known: set[bytes] = set()
        self.plain: set[bytes] = set()  # of the unlabelled texts
        self.held: set[bytes] = set()
        self.dropped: Counter[str] = Counter()
        self.seen: set[bytes] = set()
        held = {name for names in folds.HELD_SOURCES.values() for name in names}
        for path in sorted((folds.DATA / "text").glob("*.jsonl.gz")):
            into = self.plain if path.name.startswith("plain") else self.known
            for row in folds.read_rows(path):
                for field in ("text", "text_a", "text_b"):
                    if field in row:
                        into.update(keys(row[field]))
                        if "\nA. " in row[field]:
                            into.update(keys(row[field].split("\nA. ")[0]))
                if path.name.startswith("intent") and row["source"] in held:
                    self.held |= runs(row["text"])
        for path in sorted((folds.DATA / "routing").glob("*.jsonl.gz")):
            for row in folds.read_rows(path):
                for field in ("question", "prompt", "turns", "input"):
                    for text in strings(row.get(field)):
                        self.known.update(keys(text.split("\nA. ")[0]))

    def fresh(self, rows: Iterable[Row], picked: bool = False) -> Iterator[Row]:
        """The rows that repeat nothing known and no earlier row; rows among themselves may begin alike. `picked`: the rows are unlabelled texts, or built around some."""
        for row in rows:
            marks, words = keys(row["text"]), runs(row["text"])
            if any(mark in self.known or (mark in self.plain and not picked) for mark in marks):
                self.dropped["known"] += 1
            elif len(words & self.held) > NEAR * len(words):
                self.dropped["near held-out"] += 1
            elif marks[0] in self.seen:
                self.dropped["repeat"] += 1
            else:
                self.seen.add(marks[0])
                yield row
