"""Figures of what was trained, on rows that it never saw: dev rows, whole held-out sources, report rows of outcomes.

Prints them and writes models/report.json. Intervals are 95% bootstrap intervals over rows, 500 draws, fixed seed.
"""

from __future__ import annotations

import json
import random
from typing import Any, Callable

import numpy as np
import torch
from scipy.stats import rankdata, spearmanr

from augment import casing, harmless_suffixes, typos
from full import load_full
from judge import Judge, blended, probabilities
from minilm import WIDTH
from folds import DATA, MODELS, read_rows, with_options
from rows import LABELS, Task, encode_all, load_work, outcome_folds
from static import StaticStage, load_static, shapeless
from transformer import TYPES, FullStage, padded, tokenised

DRAWS = 500
Scorer = Callable[[np.ndarray], float]
Predict = Callable[[np.ndarray], np.ndarray]
"""Rows of a head -> calibrated logits [rows, labels]."""
Where = Callable[..., np.ndarray]
"""Names of folds -> rows."""


def interval(count: int, scorer: Scorer) -> list[float]:
    """[figure, low, high]; scorer takes indices of rows."""
    rng = np.random.default_rng(7)
    drawn = [scorer(rng.integers(0, count, count)) for _ in range(DRAWS)]
    return [round(float(x), 4) for x in (scorer(np.arange(count)), *np.nanquantile(drawn, [0.025, 0.975]))]


def auc(scores: np.ndarray, positive: np.ndarray) -> float:
    n, m = positive.sum(), (~positive).sum()
    if n == 0 or m == 0:
        return float("nan")
    return float((rankdata(scores)[positive].sum() - n * (n + 1) / 2) / (n * m))


def recall_at(scores: np.ndarray, positive: np.ndarray, rate: float) -> float:
    """Recall of the positives above the score that this share of the negatives exceeds."""
    if positive.all() or not positive.any():
        return float("nan")
    return float((scores[positive] > np.quantile(scores[~positive], 1 - rate, method="higher")).mean())


def expected_calibration_error(found: np.ndarray, right: np.ndarray, bins: int = 15) -> float:
    """Of the highest probability, over bins of equal mass."""
    order = np.argsort(found)
    parts = [p for p in np.array_split(order, bins) if len(p)]
    return float(sum(abs(found[p].mean() - right[p].mean()) * len(p) for p in parts) / len(order))


def choices(task: Task, where: Where, predict: Predict) -> dict[str, Any]:
    """Accuracy by fold and by source, and calibration on dev."""
    out: dict[str, Any] = {}
    targets, names = np.array(task.targets), np.array(task.sources)
    for fold in ("dev", "held", "report"):
        rows = where(fold)
        if len(rows) == 0:
            continue
        found = probabilities(predict(rows), "choice")
        right = found.argmax(1) == targets[rows]
        out[fold] = interval(len(rows), lambda i: right[i].mean())
        if fold == "dev":
            out["ece"] = round(expected_calibration_error(found.max(1), right), 4)
        for name in sorted(set(names[rows])) if fold != "dev" else []:
            own = right[names[rows] == name]
            out[f"{fold} {name}"] = interval(len(own), lambda i: own[i].mean())
    return out


def attack_in(logits: np.ndarray) -> np.ndarray:
    """[rows]: probability of jailbreak or injection."""
    return probabilities(logits, "choice")[:, 2:].sum(1)


def safety_figures(task: Task, where: Where, predict: Predict) -> dict[str, Any]:
    out: dict[str, Any] = {}
    targets, names = np.array(task.targets), np.array(task.sources)
    for fold in ("dev", "generated-dev", "held"):
        rows = where(fold)
        rows = rows[targets[rows] != 1]
        scores, bad = attack_in(predict(rows)), targets[rows] >= 2
        out[f"{fold} recall at 1%"] = interval(len(rows), lambda i: recall_at(scores[i], bad[i], 0.01))
        out[f"{fold} false alarms at {ALARM}"] = interval(int((~bad).sum()), lambda i: (scores[~bad] >= ALARM)[i].mean())
        if fold != "held":
            continue
        limit = np.quantile(scores[~bad], 0.99, method="higher")
        for name in sorted(set(names[rows])):
            for kind, chosen in (("recall", bad), ("false alarms", ~bad)):
                own = scores[(names[rows] == name) & chosen] > limit
                if len(own):
                    out[f"{kind} {name}"] = interval(len(own), lambda i: own[i].mean())
    return out


ALARM = 0.8
"""From this probability on the jailbreak signal warns, unless it is configured."""
FLIPPED_ROWS = 1500
CHANGES: dict[str, Callable[[list[str], random.Random], list[str]]] = {
    "harmless words": lambda texts, rng: [text + extra for text, extra in zip(texts, harmless_suffixes(rng, len(texts)))],
    "typing errors": lambda texts, rng: [typos(text, rng, 0.02) for text in texts],
    "casing": lambda texts, rng: [casing(text, rng) for text in texts],
}


def flips(judge: Judge, head: str, predict: Callable[[Judge, np.ndarray], np.ndarray]) -> dict[str, Any]:
    """Share of verdicts that a change turns which alters nothing; of safety the verdict is whether it warns."""
    rows = judge.where(head, "dev", "held")
    rows = np.random.default_rng(3).choice(rows, min(FLIPPED_ROWS, len(rows)), replace=False)
    verdict = lambda logits: attack_in(logits) >= ALARM if head == "safety" else logits.argmax(1)
    texts = [judge.task(head).texts[i] for i in rows]
    before = verdict(predict(judge, rows))
    out = {}
    for name, change in CHANGES.items():
        other = judge.of_texts(head, change(texts, random.Random(11)))
        turned = verdict(predict(other, np.arange(len(texts)))) != before
        out[f"flipped by {name}"] = interval(len(rows), lambda i: turned[i].mean())
    return out


def llama_fails() -> dict[str, int]:
    """MMLU-Pro question -> 1 where Llama-3.1-8B-Instruct got it wrong; report rows only."""
    index = json.loads((DATA / "routing" / "mmlu_pro.meta.json").read_text())["models"].index("Meta-Llama-3.1-8B-Instruct")
    folds = outcome_folds()
    fails = {}
    for row in read_rows(DATA / "routing" / "mmlu_pro.dev.jsonl.gz"):
        if folds[row["qid"]] == "report":
            fails[row["question"]] = fails[with_options(row)] = 1 - row["correct"][index]
    return fails


def failure_figures(task: Task, where: Where, predict: Predict) -> dict[str, Any]:
    out: dict[str, Any] = {}
    fails = llama_fails()
    for name in ("mmlu_pro", "mmlu_pro+options"):
        rows = np.array([i for i in where("report") if task.sources[i] == name])
        scores = predict(rows)[:, 0]
        bad = np.array([fails[task.texts[i]] for i in rows]) == 1
        out[f"AUC Llama-3.1-8B fails, {name}"] = interval(len(rows), lambda i: auc(scores[i], bad[i]))
    return out


def spans_of(tags: np.ndarray) -> set[tuple[int, int, int]]:
    """(first token, token after the last, type)"""
    found, open_at, kind = set(), -1, -1
    for k, tag in enumerate([*tags, 0]):
        goes_on = tag > 0 and tag % 2 == 0 and (tag - 2) // 2 == kind
        if kind >= 0 and not goes_on:
            found.add((open_at, k, kind))
            kind = -1
        if tag > 0 and not goes_on:
            open_at, kind = k, (tag - 1) // 2
    return found


@torch.inference_mode()
def entity_figures(full: FullStage) -> dict[str, Any]:
    """F1 of exact spans, in tokens, by fold; without LOCATION, which is nobody's in particular."""
    out: dict[str, Any] = {}
    rows = load_work("entities")
    for fold in ("dev", "generated-dev", "held"):
        own = [row for row in rows if row["fold"] == fold]
        texts = tokenised([row["text"] for row in own], 256, [row["spans"] for row in own])
        counts = np.zeros((len(own), 3))
        for k in range(0, len(own), 64):
            given = padded(texts[k : k + 64], None, 258)
            found = full.tags(full.hidden(given.ids, given.mask, given.cases)).argmax(-1).numpy()
            for j, (a, b) in enumerate(zip(found, given.tags.numpy())):
                said, gold = ({s for s in spans_of(x[b >= 0]) if TYPES[s[2]] != "LOCATION"} for x in (a, b))
                counts[k + j] = len(said & gold), len(said - gold), len(gold - said)
        f1 = lambda i: 2 * counts[i, 0].sum() / max(1, 2 * counts[i, 0].sum() + counts[i, 1].sum() + counts[i, 2].sum())
        out[fold] = interval(len(own), f1)
    return out


@torch.inference_mode()
def likeness(vectors: Callable[[list[str]], np.ndarray]) -> list[float]:
    """Spearman of cosine against graded likeness, English STS dev."""
    rows = [r for r in load_work("pairs") if r["fold"] == "dev" and r["lang"] == "en" and r["type"] == "sts"]
    cosines = (vectors([r["text_a"] for r in rows]) * vectors([r["text_b"] for r in rows])).sum(1)
    scores = np.array([r["score"] for r in rows])
    return interval(len(rows), lambda i: spearmanr(cosines[i], scores[i])[0])


def static_vectors(stage: StaticStage) -> Callable[[list[str]], np.ndarray]:
    return lambda texts: stage.vectors(shapeless(encode_all(texts, 256))).numpy()


def full_vectors(full: FullStage) -> Callable[[list[str]], np.ndarray]:
    def read(texts: list[str]) -> np.ndarray:
        rows = tokenised(texts, 126)
        found = np.zeros((len(rows), WIDTH), np.float32)
        for k in range(0, len(rows), 64):
            given = padded(rows[k : k + 64], None)
            found[k : k + 64] = full.vectors(full.hidden(given.ids, given.mask, given.cases), given.mask).numpy()
        return found

    return read


def served(head: str, entry: dict[str, Any]) -> Callable[[Judge, np.ndarray], np.ndarray]:
    """Logits of both stages together; of safety the static stage's alone where it has no doubt."""

    def predict(judge: Judge, rows: np.ndarray) -> np.ndarray:
        fast = judge.static(head, rows)
        found = fast / entry["static"]["temperature"]
        asked = np.flatnonzero(attack_in(found) >= entry["full"]["from"]) if head == "safety" else np.arange(len(rows))
        found[asked] = blended(fast[asked], judge.full(head, rows[asked]), entry)
        return found

    return predict


def main() -> None:
    entries = json.loads((MODELS / "manifest.json").read_text())["heads"]
    judge = Judge(load_static(), load_full())
    stages: dict[str, Callable[[str], Callable[[Judge, np.ndarray], np.ndarray]]] = {
        "static": lambda head: lambda judge, rows: judge.static(head, rows) / entries[head]["static"]["temperature"],
        "full": lambda head: lambda judge, rows: judge.full(head, rows) / entries[head]["full"]["temperature"],
        "both": lambda head: served(head, entries[head]),
    }
    out: dict[str, dict[str, Any]] = {
        "static": {"similarity": {"sts en dev": likeness(static_vectors(judge.stage))}},
        "full": {"similarity": {"sts en dev": likeness(full_vectors(judge.whole))}, "entities": entity_figures(judge.whole)},
        "both": {},
    }
    figures = {"failure": failure_figures, "safety": safety_figures}
    for name, predict in stages.items():
        for head in LABELS:
            said = lambda rows: predict(head)(judge, rows)
            out[name][head] = figures.get(head, choices)(judge.task(head), lambda *folds: judge.where(head, *folds), said)
            if head in ("domain", "intent", "safety"):
                out[name][head] |= flips(judge, head, predict(head))
            print(name, head, json.dumps(out[name][head]), flush=True)
    (MODELS / "report.json").write_text(json.dumps(out, indent=1) + "\n")
    for name, heads in out.items():
        for head, told in heads.items():
            for what, figure in told.items():
                print(f"{name:7s}{head:12s}{what:70s}{figure}", flush=True)


if __name__ == "__main__":
    main()
