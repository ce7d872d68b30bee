"""The full stage: a few layers of the base model, fine-tuned on all tasks at once."""

from __future__ import annotations


import random
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from minilm import CLS, PAD, SEP, WIDTH, Bert, load_bert, load_tokenizer
from prepare import DATA, WORK, read_rows
from rows import LABELS, choice_tasks, failure_task, load_work, outcome_folds, row_weights

TYPES = ["PERSON", "ORGANIZATION", "LOCATION", "STREET_ADDRESS"]
TAGS = ["O"] + [f"{part}-{kind}" for kind in TYPES for part in ("B", "I")]
TOKENS = 128
CASES = 6


def case_of(piece: str) -> int:
    """How a token is written: 0 no letters, 1 lower case, 2 capitalised, 3 capitals, 4 with digits, 5 mixed."""
    if any(c.isdigit() for c in piece):
        return 4
    lower, upper = piece.lower(), piece.upper()
    if lower == upper:
        return 0
    if piece == lower:
        return 1
    if piece == upper and len(piece) > 1:
        return 3
    return 2 if piece[:1] == upper[:1] and piece[1:] == lower[1:] else 5


class FullStage(nn.Module):
    def __init__(self, bert: Bert) -> None:
        super().__init__()
        self.bert = bert
        self.cases = nn.Embedding(CASES, WIDTH)
        nn.init.zeros_(self.cases.weight)
        self.trunk = nn.Linear(WIDTH, WIDTH)
        self.heads = nn.ModuleDict({name: nn.Linear(WIDTH, len(labels)) for name, labels in LABELS.items()})
        self.tags = nn.Linear(WIDTH, len(TAGS))
        self.vector = nn.Linear(WIDTH, WIDTH, bias=False)
        nn.init.eye_(self.vector.weight)

    def vectors(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """[rows, width] of unit length."""
        weight = mask[:, :, None].to(hidden.dtype)
        return F.normalize(self.vector((hidden * weight).sum(1) / weight.sum(1).clamp(min=1)), dim=1)

    def hidden(self, ids: Tensor, mask: Tensor, cases: Tensor) -> Tensor:
        bert = self.bert
        positions = torch.arange(ids.shape[1], device=ids.device)
        x = bert.norm(bert.words(ids) + bert.positions(positions) + bert.kind + self.cases(cases))
        x = F.dropout(x, bert.drop, self.training)
        bias = (1.0 - mask[:, None, None, :].to(x.dtype)) * -1e4
        for layer in bert.layers:
            x = layer(x, bias, bert.drop)
        return x

    def features(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """[rows, width]: what the heads read."""
        weight = mask[:, :, None].to(hidden.dtype)
        pooled = (hidden * weight).sum(1) / weight.sum(1).clamp(min=1)
        return F.gelu(self.trunk(pooled))

    def logits(self, hidden: Tensor, mask: Tensor, head: str) -> Tensor:
        return self.heads[head](F.dropout(self.features(hidden, mask), 0.1, self.training))


@dataclass
class Text:
    """Token ids and their cases, with [CLS] and [SEP] left out; tags where the text has them."""

    ids: np.ndarray
    cases: np.ndarray
    tags: np.ndarray | None = None


def tokenised(texts: list[str], limit: int, spans: list[list[list]] | None = None) -> list[Text]:
    tokenizer = load_tokenizer()
    out = []
    for start in range(0, len(texts), 2000):
        part = texts[start : start + 2000]
        for k, encoding in enumerate(tokenizer.encode_batch(part, add_special_tokens=False)):
            text = part[k]
            ids = np.array(encoding.ids[:limit], dtype=np.int64)
            offsets = encoding.offsets[:limit]
            cases = np.array([case_of(text[a:b]) for a, b in offsets], dtype=np.int64)
            tags = tags_of(offsets, spans[start + k]) if spans is not None else None
            out.append(Text(ids, cases, tags))
    return out


def tags_of(offsets: list[tuple[int, int]], spans: list[list]) -> np.ndarray:
    """BIO tag of each token; a token belongs to a span that it overlaps."""
    tags = np.zeros(len(offsets), dtype=np.int64)
    for start, end, kind in spans:
        if kind not in TYPES:
            continue
        first = True
        for k, (a, b) in enumerate(offsets):
            if a < end and b > start:
                tags[k] = 1 + 2 * TYPES.index(kind) + (0 if first else 1)
                first = False
    return tags


def padded(texts: list[Text], rng: random.Random | None, limit: int = TOKENS) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """ids, mask, cases, tags: [rows, tokens]; a long text gives a random window while training, else its beginning."""
    cut = []
    for text in texts:
        room = limit - 2
        at = 0
        if len(text.ids) > room and rng is not None and text.tags is None and rng.random() < 0.5:
            at = rng.randint(0, len(text.ids) - room)
        cut.append((text.ids[at : at + room], text.cases[at : at + room], None if text.tags is None else text.tags[at : at + room]))
    longest = max(len(ids) for ids, _, _ in cut) + 2
    ids = np.full((len(cut), longest), PAD)
    mask = np.zeros((len(cut), longest), dtype=np.int64)
    cases = np.zeros((len(cut), longest), dtype=np.int64)
    tags = np.full((len(cut), longest), -100)
    for k, (own, case, tag) in enumerate(cut):
        n = len(own)
        ids[k, 0], ids[k, 1 : n + 1], ids[k, n + 1] = CLS, own, SEP
        mask[k, : n + 2] = 1
        cases[k, 1 : n + 1] = case
        if tag is not None:
            tags[k, 1 : n + 1] = tag
    return torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(cases), torch.from_numpy(tags)


def cosent(cosines: Tensor, scores: Tensor) -> Tensor:
    """Ranking loss over the pairs of a batch: a pair that is more alike must have the higher cosine."""
    difference = 20 * (cosines[None, :] - cosines[:, None])
    wrong = difference[scores[:, None] > scores[None, :]]
    return torch.logsumexp(torch.cat([wrong.new_zeros(1), wrong]), 0)


def batches(lengths: np.ndarray, rows: np.ndarray, size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Rows of about equal length together, so that little is spent on padding."""
    noisy = lengths[rows] + rng.integers(0, 12, len(rows))
    order = rows[np.argsort(noisy, kind="stable")]
    parts = [order[k : k + size] for k in range(0, len(order), size)]
    rng.shuffle(parts)
    return parts


SHARES = {
    "domain": 0.5,
    "intent": 0.4,
    "difficulty": 0.15,
    "failure": 0.5,
    "safety": 0.3,
    "tags": 0.5,
    "pairs": 1.5,
    "teacher": 0.6,
}
"""Of each task's rows in the one epoch."""
WARM_UP_EPOCHS = 2
"""Of the teacher's sentences alone, first: three layers must learn to do what six did before they learn anything else."""
LAYERS = [0, 2, 4]
ROWS, PAIRS, RATE, WARM_STEPS = 32, 64, 3e-4, 200
WHOLE = 180
"""Tokens up to which an attack's whole text is shown: a window of a longer one may hold none of the attack."""


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
        odds = np.ones(len(self.targets)) if self.odds is None else self.odds
        own = odds[self.learn] / odds[self.learn].sum()
        count = int(len(self.learn) * share)
        return noise.choice(self.learn, count, replace=count > len(self.learn) / 2, p=own)

    def lengths(self, limit: int) -> np.ndarray:
        own = np.array([len(text.ids) for text in self.texts])
        both = own if self.others is None else own + np.array([len(text.ids) for text in self.others])
        return np.minimum(both, limit)


def all_rows() -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    tasks = choice_tasks()
    tasks["failure"] = failure_task(outcome_folds())
    for name, task in tasks.items():
        texts = tokenised(task.texts, 256)
        odds = row_weights(task)
        usable = [
            fold in ("learn", "generated-dev") and not (name == "safety" and task.targets[i] >= 2 and len(texts[i].ids) > WHOLE)
            for i, fold in enumerate(task.folds)
        ]
        found[name] = Rows(texts, task.targets, np.where(usable)[0], odds=odds)
    entities = load_work("entities")
    tagged = tokenised([row["text"] for row in entities], 256, [row["spans"] for row in entities])
    found["tags"] = Rows(tagged, tagged, np.array([i for i, row in enumerate(entities) if row["fold"] == "learn"]))
    pairs = [row for row in load_work("pairs") if row["fold"] == "learn" and row["lang"] == "en"]
    a, b = (tokenised([row[side] for row in pairs], 128) for side in ("text_a", "text_b"))
    found["pairs"] = Rows(a, [float(row["score"]) for row in pairs], np.arange(len(pairs)), b)
    teacher = torch.load(WORK / "teacher.pt", weights_only=False)
    found["teacher"] = Rows(teacher["rows"], teacher["full"], np.arange(len(teacher["rows"])))
    return found


def uncased(cases: Tensor, share: float) -> Tensor:
    """Some texts as if written in lower case: casing must help, and not decide."""
    chosen = (torch.rand(len(cases)) < share)[:, None]
    return torch.where(chosen & (cases > 1) & (cases != 4), torch.ones_like(cases), cases)


def step_loss(stage: FullStage, name: str, rows: Rows, part: np.ndarray, rng: random.Random) -> Tensor:
    texts = [rows.texts[i] for i in part]
    if name == "teacher":
        ids, mask, cases, _ = padded(texts, None)
        found = stage.vectors(stage.hidden(ids, mask, cases), mask)
        return 5 * (1 - (found * torch.from_numpy(rows.targets[part])).sum(1)).mean()
    if name == "pairs":
        ids, mask, cases, _ = padded(texts + [rows.others[i] for i in part], None)
        a, b = stage.vectors(stage.hidden(ids, mask, cases), mask).chunk(2)
        return 0.5 * cosent((a * b).sum(1), torch.tensor([rows.targets[i] for i in part]))
    ids, mask, cases, tags = padded(texts, rng, 160)
    hidden = stage.hidden(ids, mask, uncased(cases, 0.2))
    if name == "tags":
        return F.cross_entropy(stage.tags(hidden).flatten(0, 1), tags.flatten(), ignore_index=-100)
    logits = stage.logits(hidden, mask, name)
    targets = torch.tensor(np.array([rows.targets[i] for i in part]))
    if name != "failure":
        return F.cross_entropy(logits, targets, label_smoothing=0.05)
    known = ~targets.isnan()
    each = F.binary_cross_entropy_with_logits(logits, targets.nan_to_num(0).float(), reduction="none") * known
    return (each.sum(1) / known.sum(1).clamp(min=1)).mean()


def plan_of(tasks: dict[str, Rows], noise: np.random.Generator, rng: random.Random) -> list[tuple[str, np.ndarray]]:
    plan = []
    for name, share in SHARES.items():
        size = PAIRS if name == "pairs" else ROWS
        rows = tasks[name].drawn(share, noise)
        plan += [(name, part) for part in batches(tasks[name].lengths(160), rows, size, noise)]
    rng.shuffle(plan)
    first = [tasks["teacher"].drawn(1, noise) for _ in range(WARM_UP_EPOCHS)]
    lengths = tasks["teacher"].lengths(160)
    return [("teacher", part) for rows in first for part in batches(lengths, rows, PAIRS, noise)] + plan


def train(seed: int) -> FullStage:
    torch.manual_seed(seed)
    rng, noise = random.Random(seed), np.random.default_rng(seed)
    tasks = all_rows()
    stage = FullStage(load_bert(LAYERS))
    # Word vectors stay as they are: words that training never saw keep their place among the others.
    for table in (stage.bert.words, stage.bert.positions):
        table.weight.requires_grad_(False)
    learned = [p for p in stage.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(learned, lr=RATE, weight_decay=0.01)
    plan = plan_of(tasks, noise, rng)
    started = time.time()
    mean: dict[str, float] = {}
    stage.train()
    for step, (name, part) in enumerate(plan):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / WARM_STEPS) * max(0.02, 1 - step / len(plan))
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


@torch.inference_mode()
def full_logits(stage: FullStage, texts: list[str], head: str, limit: int = TOKENS) -> np.ndarray:
    """[rows, labels]; `vector` and the head `tags` are no choices and not given here."""
    rows = tokenised(texts, limit)
    order = np.argsort([len(row.ids) for row in rows])
    found = np.zeros((len(rows), len(LABELS[head])), np.float32)
    for k in range(0, len(order), 64):
        part = order[k : k + 64]
        ids, mask, cases, _ = padded([rows[i] for i in part], None, limit)
        found[part] = stage.logits(stage.hidden(ids, mask, cases), mask, head).numpy()
    return found


def main(seed: int = 1) -> None:
    torch.save(train(seed).state_dict(), WORK / "full.pt")


if __name__ == "__main__":
    main()
