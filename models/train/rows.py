"""Rows ready for training: token ids, shape features, targets, by task."""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from augment import augment
from minilm import load_tokenizer
from folds import DATA, OUTCOME_FILES, WORK, assign_folds, keys_of, question_of, read_rows, with_options

LABELS: dict[str, list[str]] = {
    "domain": [
        "biology", "business", "chemistry", "computer science", "economics", "engineering", "health", "history",
        "law", "math", "other", "philosophy", "physics", "psychology",
    ],
    "intent": [
        "action", "analytical", "chitchat", "code_generation", "creative", "extract", "factual", "summarise", "translate",
    ],
    "difficulty": ["simple", "moderate", "complex"],
    "failure": ["small", "medium", "large"],
    "safety": ["benign", "harmful", "jailbreak", "injection"],
}
CHOICES = ["domain", "intent", "difficulty", "safety"]
"""Heads that choose one label. The head `failure` asks three independent questions."""

SHAPES = 16


def shape_of(text: str) -> np.ndarray:
    """[SHAPES]: what the tokens do not tell, each about in [0, 1]. Computed over UTF-16 units where it counts length."""
    n = max(1, len(text))
    head = text[:4096]
    m = max(1, len(head))
    count = lambda pattern: len(re.findall(pattern, head))
    letters = count(r"[A-Za-z]")
    words = count(r"[A-Za-z0-9_]+")
    return np.array(
        [
            math.log1p(n) / 10,
            count(r"[A-Z]") / m,
            letters / m,
            count(r"[0-9]") / m,
            count(r"[^\x00-\x7f]") / m,
            count(r"[ \t]") / m,
            math.log1p(count(r"\n")) / 5,
            min(1, count(r"\?") / 4),
            min(1, count(r"!") / 4),
            count(r"[{}()\[\]<>=;]") / m,
            count(r"[\\^_$]") / m,
            count(r"[*#|`]") / m,
            count(r"[\"'“”‘’«»]") / m,
            min(1, count(r"[:]") / 8),
            min(1.0, letters / max(1, words) / 10),
            min(1, count(r"[A-Z]{2,}") / 8),
        ],
        dtype=np.float32,
    )


@dataclass
class Task:
    """Rows of one head. targets: [rows] label indices, or [rows, questions] probabilities for `failure`."""

    name: str
    texts: list[str] = field(default_factory=list)
    targets: list[Any] = field(default_factory=list)
    folds: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def add(self, text: str, target: Any, fold: str, source: str, weight: float = 1.0) -> None:
        self.texts.append(text)
        self.targets.append(target)
        self.folds.append(fold)
        self.sources.append(source)
        self.weights.append(weight)

    def part(self, rows: np.ndarray) -> Task:
        """These rows alone."""
        of = lambda values: [values[i] for i in rows]
        return Task(self.name, of(self.texts), of(self.targets), of(self.folds), of(self.sources), of(self.weights))


OUTCOME_ODDS = 3.0
"""How much more often rows of the outcome files are drawn for `domain`: their labels are the categories themselves."""


def row_weights(task: Task) -> np.ndarray:
    """[rows] odds of being drawn."""
    favoured = [task.name == "domain" and source.startswith("outcomes:") for source in task.sources]
    return np.where(favoured, OUTCOME_ODDS, 1.0) * np.array(task.weights)


def load_work(name: str) -> list[dict[str, Any]]:
    with open(WORK / f"{name}.jsonl", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


CHANGED = 0.25
"""Of the rows to learn from, how many are there a second time with typing errors, casing and harmless words."""


def choice_tasks(seed: int) -> dict[str, Task]:
    rng = random.Random(seed)
    tasks = {name: Task(name) for name in CHOICES}
    for name, task in tasks.items():
        index = {label: i for i, label in enumerate(LABELS[name])}
        for row in load_work(name):
            task.add(row["text"], index[row["label"]], row["fold"], row["source"])
            if name != "safety" and row["fold"] == "learn" and rng.random() < CHANGED:
                task.add(augment(row["text"], rng), index[row["label"]], "learn", row["source"])
            if "options" in row:
                task.add(row["options"], index[row["label"]], row["fold"], row["source"] + "+options")
    return tasks


SMALL = re.compile(r"(?<![\d.x])(7b|8b|6b|13b|phi-3(?:\.5)?-mini|3b|4b|9b|1\.5b|2b)", re.I)
LARGE = re.compile(r"gpt-4(?!o-mini)|claude-3-opus|claude-3-5-sonnet|gemini-1\.5-pro|405b|o1|deepseek|claude-3\.5|large", re.I)


def band_of(model: str) -> int:
    """0 small, 1 medium, 2 large, by the model's name."""
    if LARGE.search(model) and not SMALL.search(model):
        return 2
    return 0 if SMALL.search(model) else 1


KEPT = 10


def is_kept(question: str) -> bool:
    """One question in ten, all its wordings alike."""
    return hashlib.sha256(keys_of(question)[-1].encode()).digest()[0] % KEPT == 0


def failure_task(folds: dict[str, str]) -> Task:
    """Targets: [3] share of the band's models that failed; nan where a band has none. A tenth of the questions to
    learn from is kept to choose on."""
    task = Task("failure")
    for name in OUTCOME_FILES:
        meta = json.loads((DATA / "routing" / f"{name}.meta.json").read_text())
        for row in read_rows(DATA / "routing" / f"{name}.dev.jsonl.gz"):
            fold = "dev" if folds[row["qid"]] == "learn" and is_kept(question_of(name, row)) else folds[row["qid"]]
            if name.startswith("routellm"):
                target = [np.nan, 1.0 - row["weak"], 1.0 - row["strong"]]
                text = row["prompt"].removesuffix("\nAnswer:")
                task.add(text, target, fold, name, 0.5)
                continue
            marks = row.get("correct", row.get("score"))
            bands: list[list[float]] = [[], [], []]
            for model, mark in zip(meta["models"], marks):
                if mark is not None:
                    bands[band_of(model if isinstance(model, str) else model["name"])].append(1.0 - float(mark))
            target = [float(np.mean(band)) if band else np.nan for band in bands]
            task.add(row["question"], target, fold, name)
            if "options" in row and name == "mmlu_pro":
                task.add(with_options(row), target, fold, name + "+options")
    return task


def outcome_folds() -> dict[str, str]:
    return assign_folds({name: list(read_rows(DATA / "routing" / f"{name}.dev.jsonl.gz")) for name in OUTCOME_FILES})


def encode_all(texts: list[str], limit: int) -> list[np.ndarray]:
    """Token ids of each text, at most `limit`."""
    tokenizer = load_tokenizer()
    out: list[np.ndarray] = []
    for start in range(0, len(texts), 5000):
        for encoding in tokenizer.encode_batch(texts[start : start + 5000], add_special_tokens=False):
            out.append(np.array(encoding.ids[:limit], dtype=np.int32))
    return out
