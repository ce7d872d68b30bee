"""What may be learned from and what is only reported on; and reading the data files."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import unicodedata
from pathlib import Path
from typing import Any, Iterator

MODELS = Path(__file__).resolve().parent.parent
DATA = MODELS / "data"
WORK = MODELS / "train" / "build"

HELD_SOURCES: dict[str, list[str]] = {
    "domain": [
        "uberspot/OpenTriviaQA",
        "openstax/osbooks-university-physics-bundle",
        "HazyResearch/legalbench",
        "google-deepmind/AQuA",
    ],
    "intent": [
        "snipsco/nlu-benchmark",
        "suzgunmirac/BIG-Bench-Hard",
        "google-research-datasets/natural-questions",
    ],
    "safety": [
        "jackhhao/llm-warden",
        "microsoft/BIPIA",
        "sherdencooper/GPTFuzz",
        "clinc/oos-eval",
        "teknium1/GPTeacher",
    ],
    "entities": ["own:pii-family-c"],
}
HELD_SOURCES["difficulty"] = HELD_SOURCES["domain"]

OUTCOME_FILES = ["mmlu_pro", "routellm_mmlu", "routellm_gsm8k", "zeroeval_gsm", "zeroeval_math_l5", "zeroeval_crux", "llmrouter_nim9"]
REPORT_SHARE = 3  # one group of questions in three is reported on
PREFIX = 80  # normalised characters in which two wordings of one question agree

Row = dict[str, Any]


def read_rows(path: Path) -> Iterator[Row]:
    """Rows of a gzip-compressed JSON-lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def normalised(text: str) -> str:
    """Lower-case letters and digits alone: two copies of one question that differ in layout become equal."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).lower())


def question_of(name: str, row: Row) -> str:
    """The question itself, without options."""
    if name == "routellm_mmlu":
        return row["prompt"].split("\nA. ")[0]
    return row["question"] if "question" in row else row["prompt"]


def keys_of(text: str) -> list[str]:
    """What tells that two texts are the same question: the whole, and its beginning where that is long enough."""
    whole = normalised(text)
    return [whole] + ([whole[:PREFIX]] if len(whole) > PREFIX else [])


def assign_folds(outcomes: dict[str, list[Row]]) -> dict[str, str]:
    """qid -> learn or report. Wordings of one question stay on one side; a stable hash of the group decides."""
    parent: dict[str, str] = {}

    def find(item: str) -> str:
        while parent.setdefault(item, item) != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    qids = []
    for name, rows in outcomes.items():
        for row in rows:
            qids.append(row["qid"])
            for key in keys_of(question_of(name, row)):
                a, b = sorted([find("q" + row["qid"]), find("k" + key)])
                parent[b] = a
    group_name: dict[str, str] = {}
    for qid in sorted(set(qids)):
        group_name.setdefault(find("q" + qid), qid)
    return {
        qid: "report" if hashlib.sha256(group_name[find("q" + qid)].encode()).digest()[0] % REPORT_SHARE == 0 else "learn"
        for qid in sorted(set(qids))
    }


def with_options(row: Row) -> str:
    """An MMLU-Pro question as it is put to a model."""
    letters = "ABCDEFGHIJ"
    return row["question"] + "\n" + "\n".join(f"{letters[i]}. {option}" for i, option in enumerate(row["options"]))


class Repeats:
    """Knows the questions of the report fold, so that no copy of one is learned from another file."""

    def __init__(self, outcomes: dict[str, list[Row]], folds: dict[str, str]) -> None:
        self.keys: set[str] = set()
        for name, rows in outcomes.items():
            for row in rows:
                if folds[row["qid"]] == "report":
                    self.keys.update(keys_of(question_of(name, row)))

    def holds(self, text: str) -> bool:
        return any(key in self.keys for key in keys_of(text.split("\nA. ")[0]))
