"""Figures of what was trained, on rows that it never saw: dev rows, whole held-out sources, report rows of outcomes.

Prints them and writes models/report.json. Intervals are 95% bootstrap intervals over rows, 500 draws, fixed seed.
"""

from __future__ import annotations

import json
from typing import Any, Callable

import numpy as np
import torch
from scipy.stats import rankdata, spearmanr

from export import LAYERS
from full import TYPES, FullStage, full_logits, padded, tokenised
from minilm import WIDTH, load_bert
from prepare import DATA, MODELS, WORK, read_rows, with_options
from rows import load_work, outcome_folds
from static import StaticStage, encode_all, pair_rows, safety_logits, safety_rows, shapeless, text_logits, text_rows

DRAWS = 500
Scorer = Callable[[np.ndarray], float]


def interval(count: int, scorer: Scorer) -> list[float]:
    """[figure, low, high]; scorer takes indices of rows."""
    rng = np.random.default_rng(7)
    drawn = [scorer(rng.integers(0, count, count)) for _ in range(DRAWS)]
    return [round(float(x), 4) for x in (scorer(np.arange(count)), *np.nanquantile(drawn, [0.025, 0.975]))]


def probabilities(logits: np.ndarray) -> np.ndarray:
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


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


def choices(head: str, source: Any, predict: Callable[[np.ndarray], np.ndarray], temperature: float) -> dict[str, Any]:
    """Accuracy by fold and by source, and calibration on dev."""
    out: dict[str, Any] = {}
    targets, names = np.array(source.task.targets), np.array(source.task.sources)
    for fold in ("dev", "held", "report"):
        rows = source.where(fold)
        if len(rows) == 0:
            continue
        found = probabilities(predict(rows) / temperature)
        right = found.argmax(1) == targets[rows]
        out[fold] = interval(len(rows), lambda i: right[i].mean())
        if fold == "dev":
            out["ece"] = round(expected_calibration_error(found.max(1), right), 4)
        for name in sorted(set(names[rows])) if fold != "dev" else []:
            own = right[names[rows] == name]
            out[f"{fold} {name}"] = interval(len(own), lambda i: own[i].mean())
    return out


def safety_figures(safety: Any, predict: Callable[[np.ndarray], np.ndarray]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    targets, names = np.array(safety.task.targets), np.array(safety.task.sources)
    for fold in ("dev", "generated-dev", "held"):
        rows = safety.where(fold)
        rows = rows[targets[rows] != 1]
        found = probabilities(predict(rows))
        scores, bad = found[:, 2] + found[:, 3], targets[rows] >= 2
        out[f"{fold} recall at 1%"] = interval(len(rows), lambda i: recall_at(scores[i], bad[i], 0.01))
        if fold != "held":
            continue
        limit = np.quantile(scores[~bad], 0.99, method="higher")
        for name in sorted(set(names[rows])):
            for kind, chosen in (("recall", bad), ("false alarms", ~bad)):
                own = scores[(names[rows] == name) & chosen] > limit
                if len(own):
                    out[f"{kind} {name}"] = interval(len(own), lambda i: own[i].mean())
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


def failure_figures(source: Any, predict: Callable[[np.ndarray], np.ndarray]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    fails = llama_fails()
    for name in ("mmlu_pro", "mmlu_pro+options"):
        rows = np.array([i for i in source.where("report") if source.task.sources[i] == name])
        scores = predict(rows)[:, 0]
        bad = np.array([fails[source.task.texts[i]] for i in rows]) == 1
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
            ids, mask, cases, tags = padded(texts[k : k + 64], None, 258)
            found = full.tags(full.hidden(ids, mask, cases)).argmax(-1).numpy()
            for j, (a, b) in enumerate(zip(found, tags.numpy())):
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
            ids, mask, cases, _ = padded(rows[k : k + 64], None)
            found[k : k + 64] = full.vectors(full.hidden(ids, mask, cases), mask).numpy()
        return found

    return read


def main() -> None:
    manifest = json.loads((MODELS / "manifest.json").read_text())
    stage = StaticStage(torch.zeros(30522, WIDTH))
    stage.load_state_dict(torch.load(WORK / "static.pt"))
    stage.eval()
    texts, safety = text_rows(), safety_rows(1)
    out: dict[str, Any] = {"static": {}, "full": {}}
    stages: list[tuple[str, Callable[[str], Callable[[np.ndarray], np.ndarray]]]] = [
        ("static", lambda head: lambda rows: text_logits(stage, texts[head], rows, head))
    ]
    out["static"]["safety"] = safety_figures(safety, lambda rows: safety_logits(stage, safety, rows))
    out["static"]["similarity"] = {"sts en dev": likeness(static_vectors(stage))}
    if (WORK / "full.pt").exists():
        full = FullStage(load_bert(LAYERS))
        full.load_state_dict(torch.load(WORK / "full.pt"))
        full.eval()
        stages.append(("full", lambda head: lambda rows: full_logits(full, [texts[head].task.texts[i] for i in rows], head)))
        read_safety = lambda rows: full_logits(full, [safety.task.texts[i] for i in rows], "safety")
        out["full"]["safety"] = safety_figures(safety, read_safety)
        out["full"]["similarity"] = {"sts en dev": likeness(full_vectors(full))}
        out["full"]["entities"] = entity_figures(full)
    for name, predict in stages:
        for head in ("domain", "intent", "difficulty"):
            out[name][head] = choices(head, texts[head], predict(head), manifest["heads"][head][name]["temperature"])
        out[name]["failure"] = failure_figures(texts["failure"], predict("failure"))
    (MODELS / "report.json").write_text(json.dumps(out, indent=1) + "\n")
    for name, heads in out.items():
        for head, figures in heads.items():
            for what, figure in figures.items():
                print(f"{name:7s}{head:12s}{what:70s}{figure}", flush=True)


if __name__ == "__main__":
    main()
