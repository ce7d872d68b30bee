"""A small text grammar shared by the generators: templates with choices and slots, expanded by a seeded generator.

`[a|b|]` picks one alternative (they nest), `{name}` draws from the pool of that name, `{Name}` capitalises what was
drawn, `{name:1}` draws once a text and repeats the value. `~(`, `~)`, `~<`, `~>`, `~/` stand for `[ ] { } |`.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any, Callable, Iterable, Sequence

Row = dict[str, Any]
Pool = Sequence[str] | Callable[["Grammar"], str]

ESCAPES = {"(": "[", ")": "]", "<": "{", ">": "}", "/": "|", "~": "~"}
DEV_SHARE = 0.12  # of a pool's entries are kept for families of the dev split
SPLIT_POOL = 24  # pools shorter than this are shared by both splits


class Grammar:
    """Expands templates. `part` ("train" or "dev") decides which end of the long pools is drawn from."""

    def __init__(self, pools: dict[str, Pool], rng: random.Random, part: str = "train") -> None:
        self.pools = pools
        self.rng = rng
        self.part = part
        self.kept: dict[str, str] = {}

    def forget(self) -> None:
        """Starts a new text: values named by `{pool:key}` are drawn anew."""
        self.kept.clear()

    def share(self, pool: Sequence[str]) -> Sequence[str]:
        """The entries of a pool that belong to this split."""
        if len(pool) < SPLIT_POOL:
            return pool
        cut = max(1, round(len(pool) * (1 - DEV_SHARE)))
        return pool[:cut] if self.part == "train" else pool[cut:]

    def choose(self, pool: Sequence[str]) -> str:
        """One expanded entry of a list of templates."""
        return self.expand(self.rng.choice(self.share(pool)))

    def several(self, pool: Sequence[str], low: int, high: int) -> list[str]:
        """Between low and high different entries, expanded."""
        entries = self.share(pool)
        count = min(len(entries), self.rng.randint(low, high))
        return [self.expand(entry) for entry in self.rng.sample(list(entries), count)]

    def slot(self, name: str) -> str:
        """The value of `{name}`; callables give literal text, lists give templates."""
        base, _, key = name.partition(":")
        if key and name.lower() in self.kept:
            value = self.kept[name.lower()]
        else:
            pool = self.pools[base] if base in self.pools else self.pools[base[0].lower() + base[1:]]
            value = pool(self) if callable(pool) else self.choose(pool)
            if key:
                self.kept[name.lower()] = value
        return value if base in self.pools else value[:1].upper() + value[1:]

    def expand(self, template: str) -> str:
        """The template with every choice made and every slot filled."""
        text, end = self._run(template, 0, "")
        if end != len(template):
            raise ValueError(f"unbalanced template: {template!r}")
        return text

    def say(self, template: str) -> str:
        """Like expand, with the gaps closed that empty alternatives leave in prose."""
        return tidy(self.expand(template))

    def _run(self, template: str, at: int, stop: str) -> tuple[str, int]:
        out: list[str] = []
        while at < len(template):
            char = template[at]
            if char in stop:
                return "".join(out), at
            if char == "~":
                out.append(ESCAPES[template[at + 1]])
                at += 2
            elif char == "{":
                end = template.index("}", at)
                out.append(self.slot(template[at + 1 : end]))
                at = end + 1
            elif char == "[":
                options, at = self._options(template, at + 1)
                out.append(self._run(self.rng.choice(options), 0, "")[0])
            else:
                out.append(char)
                at += 1
        return "".join(out), at

    def _options(self, template: str, at: int) -> tuple[list[str], int]:
        """Raw alternatives of the bracket that opened before `at`, and the place after it closes."""
        depth, start, options = 1, at, []
        while depth:
            char = template[at]
            if char == "~":
                at += 1
            elif char == "[":
                depth += 1
            elif char == "]":
                depth -= 1
            elif char == "|" and depth == 1:
                options.append(template[start:at])
                start = at + 1
            at += 1
        options.append(template[start : at - 1])
        return options, at


def tidy(text: str) -> str:
    """Closes doubled spaces and spaces before a full stop or comma, sets a/an by the next letter."""
    text = re.sub(r"\b([Aa]) (?=[aeio]|u(?!ni|s[eu]|k|t[ei]))", r"\1n ", re.sub(r"(?<=\S) {2,}", " ", text))
    text = re.sub(r"\b([Aa])n (?=[bcdfgjklmnpqrstvwyz])", r"\1 ", text)
    return re.sub(r"([.?!])\.(?=\s|$)", r"\1", re.sub(r" +([,.!?;:])(?=\s|$)", r"\1", text)).strip()


def write_rows(path: Path, rows: Iterable[Row]) -> int:
    """Writes rows as gzip-compressed JSON lines; the same rows give the same bytes. Returns their number."""
    count = 0
    with open(path, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as packed:
        for row in rows:
            packed.write((json.dumps(row, ensure_ascii=False) + "\n").encode())
            count += 1
    return count


def print_counts(rows: Sequence[Row], keys: Sequence[str]) -> None:
    """Prints how many rows there are for each value of the given columns."""
    for key in keys:
        for value, count in sorted(Counter(str(row[key]) for row in rows).items()):
            print(f"{key} {value}: {count}", flush=True)
