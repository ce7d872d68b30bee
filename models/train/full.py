"""Trains the full stage on all tasks at once. Needs the static stage: long texts are cut where that finds them worst."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from losses import cosent, loss_of
from minilm import load_bert
from folds import WORK
from rows import choice_tasks, failure_task, load_work, outcome_folds, row_weights
from static import LONGEST, StaticStage, Windowed, load_static, safety_odds, safety_rows, worst_tokens
from transformer import FullStage, Padded, Text, batches, padded, tokenised

LAYERS = [0, 2, 4, 5]
"""Of the six of the base model."""
SHARES = {
    "domain": 0.6,
    "intent": 0.5,
    "difficulty": 0.15,
    "failure": 0.9,
    "safety": 0.5,
    "tags": 1.2,
    "pairs": 1.2,
    "teacher": 0.6,
}
"""Of each task's rows in the one epoch."""
WARM_UP_EPOCHS = 2
"""Of the teacher's sentences alone, first: few layers must learn to do what six did before they learn anything else."""
HALF = torch.cpu._is_avx512_bf16_supported()
"""bfloat16 halves the time where the processor has it."""
ROWS, PAIRS, WARM_STEPS = 32, 64, 200
BODY_RATE, HEAD_RATE = 1.5e-4, 1e-3
MOST_TOKENS = 160
"""Of one text in one step."""
FOCUSED = 0.7
"""Of the long benign texts, how many are cut where they look worst, the others anywhere. Attacks always are."""
GAZE = 0.3


@dataclass
class Rows:
    """One task's texts; targets as in rows.py, or graded likeness for pairs, or vectors for the teacher."""

    texts: list[Text]
    targets: Any
    learn: np.ndarray
    others: list[Text] | None = None
    odds: np.ndarray | None = None

    def drawn(self, share: float, noise: np.random.Generator) -> np.ndarray:
        """Rows of one epoch: each about as often as its share and its odds say."""
        odds = np.ones(len(self.learn)) if self.odds is None else self.odds
        count = int(len(self.learn) * share)
        return noise.choice(self.learn, count, replace=count > len(self.learn) / 2, p=odds / odds.sum())

    def lengths(self, limit: int) -> np.ndarray:
        own = np.array([len(text.ids) for text in self.texts])
        both = own if self.others is None else own + np.array([len(text.ids) for text in self.others])
        return np.minimum(both, limit)


def safety_texts(static: StaticStage, rows: Windowed, learning: random.Random | None) -> list[Text]:
    """Each with the place to look at where it is too long: what the static stage finds worst. For learning: the
    smuggled orders, which are marked too, where they are known; and of some benign texts anything."""
    worst = worst_tokens(static, rows)
    texts = tokenised(rows.task.texts, LONGEST)
    for text, focus in zip(texts, worst):
        text.focus = int(focus)
    if learning is not None:
        for text, spans, target in zip(texts, rows.spans, rows.task.targets):
            text.marked = marks_of(text, spans)
            if text.marked is not None:
                text.focus = int(np.flatnonzero(text.marked).mean())
            elif target < 2 and learning.random() >= FOCUSED:
                text.focus = None
    return texts


def marks_of(text: Text, spans: list[list[int]]) -> np.ndarray | None:
    marked = np.array([any(a < end and b > start for start, end in spans) for a, b in text.offsets])
    return marked if marked.any() else None


def all_rows(seed: int) -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    tasks = choice_tasks(seed)
    del tasks["safety"]
    tasks["failure"] = failure_task(outcome_folds())
    for name, task in tasks.items():
        learn = np.array([i for i, fold in enumerate(task.folds) if fold == "learn"])
        found[name] = Rows(tokenised(task.texts, 256), task.targets, learn, odds=row_weights(task)[learn])
    safety = safety_rows(seed)
    safe = np.array([i for i in safety.where("learn", "generated-dev") if safety.windows[i]])
    texts = safety_texts(load_static(), safety, random.Random(seed))
    found["safety"] = Rows(texts, safety.task.targets, safe, odds=safety_odds(safety.task, safe))
    entities = load_work("entities")
    tagged = tokenised([row["text"] for row in entities], 256, [row["spans"] for row in entities])
    found["tags"] = Rows(tagged, tagged, np.array([i for i, row in enumerate(entities) if row["fold"] == "learn"]))
    pairs = [row for row in load_work("pairs") if row["fold"] == "learn" and row["lang"] == "en"]
    a, b = (tokenised([row[side] for row in pairs], 128) for side in ("text_a", "text_b"))
    found["pairs"] = Rows(a, [float(row["score"]) for row in pairs], np.arange(len(pairs)), b)
    teacher = torch.load(WORK / "teacher.pt", weights_only=False)
    found["teacher"] = Rows(tokenised(teacher["texts"], 64), teacher["full"], np.arange(len(teacher["texts"])))
    return found


def uncased(cases: Tensor, share: float) -> Tensor:
    """Some texts as if written in lower case: casing must help, and not decide."""
    chosen = (torch.rand(len(cases)) < share)[:, None]
    return torch.where(chosen & (cases > 1) & (cases != 4), torch.ones_like(cases), cases)


def step_loss(stage: FullStage, name: str, rows: Rows, part: np.ndarray, rng: random.Random) -> Tensor:
    texts = [rows.texts[i] for i in part]
    if name == "teacher":
        given = padded(texts, None)
        found = stage.vectors(stage.hidden(given.ids, given.mask, given.cases), given.mask)
        return 5 * (1 - (found * torch.from_numpy(rows.targets[part])).sum(1)).mean()
    if name == "pairs":
        given = padded(texts + [rows.others[i] for i in part], None)
        a, b = stage.vectors(stage.hidden(given.ids, given.mask, given.cases), given.mask).chunk(2)
        return 0.5 * cosent((a * b).sum(1), torch.tensor([rows.targets[i] for i in part]))
    given = padded(texts, rng, 128 if name == "safety" else MOST_TOKENS)
    hidden = stage.hidden(given.ids, given.mask, uncased(given.cases, 0.2))
    if name == "tags":
        return F.cross_entropy(stage.tags(hidden).flatten(0, 1), given.tags.flatten(), ignore_index=-100)
    loss = loss_of(name, stage.logits(hidden, given.mask, name), torch.tensor(np.array([rows.targets[i] for i in part])))
    return loss + GAZE * astray(stage, hidden, given) if name == "safety" else loss


def astray(stage: FullStage, hidden: Tensor, given: Padded) -> Tensor:
    """How little the safety head looks at the smuggled orders, where they are known."""
    known = given.marks.any(1)
    if not known.any():
        return hidden.new_zeros(())
    looks = (stage.glances(hidden, given.mask) * given.marks).sum(1)[known]
    return -looks.float().clamp(min=1e-6).log().mean()


def plan_of(tasks: dict[str, Rows], noise: np.random.Generator, rng: random.Random) -> list[tuple[str, np.ndarray]]:
    plan = []
    for name, share in SHARES.items():
        size = PAIRS if name in ("pairs", "teacher") else ROWS
        rows = tasks[name].drawn(share, noise)
        plan += [(name, part) for part in batches(tasks[name].lengths(MOST_TOKENS), rows, size, noise)]
    rng.shuffle(plan)
    first = [tasks["teacher"].drawn(1, noise) for _ in range(WARM_UP_EPOCHS)]
    lengths = tasks["teacher"].lengths(MOST_TOKENS)
    return [("teacher", part) for rows in first for part in batches(lengths, rows, PAIRS, noise)] + plan


def train(seed: int) -> FullStage:
    torch.manual_seed(seed)
    rng, noise = random.Random(seed), np.random.default_rng(seed)
    tasks = all_rows(seed)
    stage = FullStage(load_bert(LAYERS))
    # Word vectors stay as they are: words that training never saw keep their place among the others.
    for table in (stage.bert.words, stage.bert.positions):
        table.weight.requires_grad_(False)
    learned = [p for p in stage.parameters() if p.requires_grad]
    own = {id(p) for p in stage.bert.parameters()}
    body, heads = ([p for p in learned if (id(p) in own) is inside] for inside in (True, False))
    optimiser = torch.optim.AdamW([{"params": body}, {"params": heads}], weight_decay=0.01)
    plan = plan_of(tasks, noise, rng)
    started = time.time()
    mean: dict[str, float] = {}
    stage.train()
    for step, (name, part) in enumerate(plan):
        pace = min(1, (step + 1) / WARM_STEPS) * max(0.02, 1 - step / len(plan))
        for group, rate in zip(optimiser.param_groups, (BODY_RATE, HEAD_RATE)):
            group["lr"] = rate * pace
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=HALF):
            loss = step_loss(stage, name, tasks[name], part, rng)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        mean[name] = 0.95 * mean.get(name, loss.item()) + 0.05 * loss.item()
        if step % 100 == 0:
            losses = " ".join(f"{task} {value:.3f}" for task, value in mean.items())
            print(f"full stage: step {step} of {len(plan)}, {time.time() - started:.0f} s, {losses}", flush=True)
    return stage.eval()


def load_full() -> FullStage:
    stage = FullStage(load_bert(LAYERS))
    stage.load_state_dict(torch.load(WORK / "full.pt"))
    return stage.eval()


def main(seed: int = 1) -> None:
    torch.save(train(seed).state_dict(), WORK / "full.pt")


if __name__ == "__main__":
    main()
