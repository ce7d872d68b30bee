"""Folds and training rows: what may be learned from, what is only reported on.

Writes models/folds.json (committed) and, under build/, one JSON-lines file a task with the columns
text, label, source, lang, fold: learn (train on it), dev (choose on it), held (a whole source never trained on),
report (rows of recorded outcomes never trained on).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Any, Iterable, Iterator

import generate_pii
import generate_safety

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


def write_folds(folds: dict[str, str]) -> None:
    """The committed file: every qid of the outcome files, and every whole source that is held out."""
    by_fold: dict[str, list[str]] = defaultdict(list)
    for qid, fold in folds.items():
        by_fold[fold].append(qid)
    body = {
        "what": "learn: may be trained on. report: never seen by anything that ships. Sources: whole sources reported on.",
        "outcomes": {"learn": by_fold["learn"], "report": by_fold["report"]},
        "heldSources": HELD_SOURCES,
    }
    (MODELS / "folds.json").write_text(json.dumps(body, indent=0) + "\n")


def subject_domains(rows: list[Row]) -> dict[str, str]:
    """MMLU subject -> MMLU-Pro category. Every MMLU question that went into MMLU-Pro names its subject there, and each
    subject went into one category; subjects of which none was taken have no entry."""
    return {row["src"].removeprefix("ori_mmlu-"): row["category"] for row in rows if row["src"].startswith("ori_mmlu-")}


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


def text_rows(task: str, file: str, repeats: Repeats) -> Iterator[Row]:
    """Rows of one of the text files with their fold; copies of report questions are dropped and counted."""
    dropped = 0
    for row in read_rows(DATA / "text" / f"{file}.jsonl.gz"):
        if repeats.holds(row.get("text", row.get("text_a", ""))):
            dropped += 1
            continue
        base = row["source"].removesuffix(":para").removesuffix(":text")
        held = base in HELD_SOURCES.get(task, [])
        row["fold"] = "held" if held else "learn" if row["split"] == "train" else "dev"
        yield row
    print(f"{file}: {dropped} rows dropped, since they repeat a report question", flush=True)


def with_options(row: Row) -> str:
    """An MMLU-Pro question as it is put to a model."""
    letters = "ABCDEFGHIJ"
    return row["question"] + "\n" + "\n".join(f"{letters[i]}. {option}" for i, option in enumerate(row["options"]))


def collected_rows(task: str, repeats: Repeats) -> Iterator[Row]:
    """Rows that train/collect/ took from further public repositories."""
    for path in sorted((DATA / "more").glob("*.jsonl.gz")):
        for row in read_rows(path):
            if row["task"] == task and not repeats.holds(row["text"]):
                yield {**row, "fold": "learn"}


def generated_rows(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows that a grammar of ours wrote; whole families of them are kept for choosing."""
    for row in rows:
        yield {**row, "fold": "learn" if row["split"] == "train" else "generated-dev"}


def ordinary_rows(count: int, seed: int, *lists: list[Row]) -> Iterator[Row]:
    """Questions and tasks of the other files as benign ones: an injected question must not make questions suspect."""
    usable = sorted(
        {row["text"]: row["source"] for rows in lists for row in rows if row["fold"] == "learn" and is_ordinary(row)}.items()
    )
    for text, source in random.Random(seed).sample(usable, count):
        yield {"text": text, "label": "benign", "source": f"{source}:ordinary", "fold": "learn"}


def is_ordinary(row: Row) -> bool:
    return row["source"] not in HELD_SOURCES["safety"]


def outcome_rows(outcomes: dict[str, list[Row]], folds: dict[str, str]) -> Iterator[Row]:
    """Domain rows from the outcome files: MMLU-Pro as filed, MMLU by subject."""
    for row in outcomes["mmlu_pro"]:
        yield {
            "text": row["question"],
            "options": with_options(row),
            "label": row["category"],
            "source": "outcomes:mmlu_pro",
            "fold": folds[row["qid"]],
        }
    domains = subject_domains(outcomes["mmlu_pro"])
    for row in outcomes["routellm_mmlu"]:
        label = domains.get(row["subject"])
        if label:
            text = row["prompt"].removesuffix("\nAnswer:")
            yield {
                "text": text.split("\nA. ")[0],
                "options": text,
                "label": label,
                "source": "outcomes:mmlu",
                "fold": folds[row["qid"]],
            }


def write_rows(name: str, rows: Iterable[Row]) -> None:
    counts: dict[str, int] = defaultdict(int)
    with open(WORK / f"{name}.jsonl", "w", encoding="utf-8") as out:
        for row in rows:
            counts[row["fold"]] += 1
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(name, dict(counts), flush=True)


def main() -> None:
    WORK.mkdir(exist_ok=True)
    outcomes = {name: list(read_rows(DATA / "routing" / f"{name}.dev.jsonl.gz")) for name in OUTCOME_FILES}
    folds = assign_folds(outcomes)
    write_folds(folds)
    repeats = Repeats(outcomes, folds)
    domain = [*text_rows("domain", "domain", repeats), *collected_rows("domain", repeats), *outcome_rows(outcomes, folds)]
    intent = [*text_rows("intent", "intent", repeats), *collected_rows("intent", repeats)]
    write_rows("domain", domain)
    write_rows("intent", intent)
    write_rows("difficulty", text_rows("difficulty", "difficulty", repeats))
    write_rows(
        "safety",
        [
            *text_rows("safety", "jailbreak", repeats),
            *collected_rows("safety", repeats),
            *generated_rows(generate_safety.generate(1, 20_000)),
            *ordinary_rows(16_000, 1, domain, intent),
        ],
    )
    write_rows(
        "entities",
        [*text_rows("entities", "pii_templates", repeats), *generated_rows(generate_pii.generate(1, 25_000))],
    )
    write_rows("pairs", text_rows("pairs", "pairs", repeats))


if __name__ == "__main__":
    main()
