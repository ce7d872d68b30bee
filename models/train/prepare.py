"""Folds and training rows: what may be learned from, what is only reported on.

Writes models/folds.json (committed) and, under build/, one JSON-lines file a task with the columns
text, label, source, lang, fold: learn (train on it), dev (choose on it), held (a whole source never trained on),
report (rows of recorded outcomes never trained on).
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from typing import Iterable, Iterator

from folds import DATA, HELD_SOURCES, MODELS, OUTCOME_FILES, WORK, Repeats, Row, assign_folds, read_rows, with_options
from generate import documents, intents, pii, problems, safety, terms

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


def registry_rows(task: str, repeats: Repeats) -> Iterator[Row]:
    """Rows made of what packages of PyPI and npm carry; data/registry/ says which."""
    for row in read_rows(DATA / "registry" / f"{task}.jsonl.gz"):
        if not repeats.holds(row["text"]):
            yield {**row, "fold": "learn"}


def generated_rows(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows that a grammar of ours wrote; where some are marked dev, whole families, they are kept for choosing."""
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
    domain = [
        *text_rows("domain", "domain", repeats),
        *generated_rows(terms.generate(1, 8_000)),
        *generated_rows(problems.generate(1, 10_000, repeats.holds)),
        *outcome_rows(outcomes, folds),
    ]
    intent = [
        *text_rows("intent", "intent", repeats),
        *registry_rows("intent", repeats),
        *generated_rows(intents.generate(1, 10_000)),
    ]
    write_rows("domain", domain)
    write_rows("intent", intent)
    write_rows("difficulty", text_rows("difficulty", "difficulty", repeats))
    write_rows(
        "safety",
        [
            *text_rows("safety", "jailbreak", repeats),
            *generated_rows(safety.generate(1, 20_000)),
            *generated_rows(documents.generate(1, 16_000, repeats.holds)),
            *ordinary_rows(16_000, 1, domain, intent),
        ],
    )
    write_rows(
        "entities",
        [*text_rows("entities", "pii_templates", repeats), *generated_rows(pii.generate(1, 25_000))],
    )
    write_rows("pairs", text_rows("pairs", "pairs", repeats))


if __name__ == "__main__":
    main()
