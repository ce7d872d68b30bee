"""The static stage: token vectors and hashed bigrams, one hidden layer, a linear head a task. Trained end to end.

src/inference/static.ts has the same arithmetic. Minutes on two CPU cores.
"""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from augment import augment
from losses import cosent, loss_of
from minilm import load_tokenizer
from folds import WORK
from rows import LABELS, SHAPES, Task, choice_tasks, encode_all, failure_task, load_work, outcome_folds, row_weights, shape_of

BUCKETS, BIGRAM_WIDTH, WIDTH, HIDDEN, VECTOR = 131_072, 48, 384, 256, 256
TOKENS = 256
"""Of a text's beginning: what the heads for the meaning of a turn read."""
WINDOW, OVERLAP = 32, 8
"""Tokens of the windows in which safety reads all of a text: an injected sentence must not drown in its document."""
MOST_WINDOWS = 12
"""Of one text in one training step."""


def bigrams(ids: np.ndarray) -> np.ndarray:
    """Bucket of each pair of neighbours: a multiplicative hash of 32 bits, of which the high 17 count."""
    a, b = ids[:-1].astype(np.uint32), ids[1:].astype(np.uint32)
    mixed = (a * np.uint32(0x9E3779B1)) ^ (b * np.uint32(0x85EBCA77))
    mixed ^= mixed >> np.uint32(15)
    return ((mixed * np.uint32(0x2C1B3C6D)) >> np.uint32(15)).astype(np.int64)


@dataclass
class Batch:
    """Token ids of all rows end to end, and where each row starts; the same for pairs; shapes [rows, SHAPES]."""

    ids: Tensor
    starts: Tensor
    pair_ids: Tensor
    pair_starts: Tensor
    lengths: Tensor
    shapes: Tensor


def batch_of(ids: list[np.ndarray], shapes: np.ndarray) -> Batch:
    lengths = np.array([len(x) for x in ids])
    pairs = [bigrams(x) if len(x) > 1 else np.empty(0, np.int64) for x in ids]
    pair_lengths = np.array([len(x) for x in pairs])
    return Batch(
        torch.from_numpy(np.concatenate(ids).astype(np.int64)),
        torch.from_numpy(np.concatenate([[0], np.cumsum(lengths)[:-1]])),
        torch.from_numpy(np.concatenate(pairs)),
        torch.from_numpy(np.concatenate([[0], np.cumsum(pair_lengths)[:-1]])),
        torch.from_numpy(lengths.astype(np.float32)),
        torch.from_numpy(shapes.astype(np.float32)),
    )


class StaticStage(nn.Module):
    def __init__(self, table: Tensor, drop: float = 0.2) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag.from_pretrained(table.clone(), freeze=False, mode="sum", sparse=True)
        self.pairs = nn.EmbeddingBag(BUCKETS, BIGRAM_WIDTH, mode="sum", sparse=True)
        nn.init.zeros_(self.pairs.weight)
        self.norm = nn.LayerNorm(WIDTH + BIGRAM_WIDTH)
        self.up = nn.Linear(WIDTH + BIGRAM_WIDTH + SHAPES, HIDDEN)
        self.drop = drop
        self.vector = nn.Linear(WIDTH, VECTOR, bias=False)
        self.heads = nn.ModuleDict({name: nn.Linear(HIDDEN, len(labels)) for name, labels in LABELS.items()})

    def features(self, batch: Batch) -> Tensor:
        """[rows, HIDDEN]"""
        scale = batch.lengths.clamp(min=1).sqrt()[:, None]
        tokens = self.table(batch.ids, batch.starts) / scale
        pairs = self.pairs(batch.pair_ids, batch.pair_starts) / scale
        x = torch.cat([self.norm(torch.cat([tokens, pairs], 1)), batch.shapes], 1)
        return F.gelu(self.up(F.dropout(x, self.drop, self.training)))

    def logits(self, batch: Batch, head: str) -> Tensor:
        return self.heads[head](F.dropout(self.features(batch), self.drop, self.training))

    def vectors(self, batch: Batch) -> Tensor:
        """[rows, VECTOR] of unit length: what the tokens mean together, whatever their order."""
        return F.normalize(self.vector(self.table(batch.ids, batch.starts)), dim=1)


def danger(logits: Tensor) -> Tensor:
    """[rows]: log-odds of jailbreak or injection against benign or harmful."""
    return torch.logsumexp(logits[:, 2:4], 1) - torch.logsumexp(logits[:, 0:2], 1)


@dataclass
class Texts:
    """Rows of a head that reads the beginning of a text."""

    task: Task
    ids: list[np.ndarray]
    shapes: np.ndarray

    def where(self, *folds: str) -> np.ndarray:
        return np.array([i for i, fold in enumerate(self.task.folds) if fold in folds])


@dataclass
class Windowed:
    """Rows of the safety head, which reads all of a text: for each the ids and the shape of each of its windows."""

    task: Task
    windows: list[list[tuple[np.ndarray, np.ndarray]]]
    spans: list[list[list[int]]]
    """Code points of the smuggled orders, where they are known."""

    def where(self, *folds: str) -> np.ndarray:
        return np.array([i for i, fold in enumerate(self.task.folds) if fold in folds])

    def part(self, rows: np.ndarray) -> Windowed:
        """These rows alone."""
        return Windowed(self.task.part(rows), [self.windows[i] for i in rows], [self.spans[i] for i in rows])


def starts_of(tokens: int) -> list[int]:
    """First token of each window."""
    return [0] if tokens <= WINDOW else [*range(0, tokens - WINDOW, WINDOW - OVERLAP), tokens - WINDOW]


def windows_of(text: str, ids: list[int], offsets: list[tuple[int, int]]) -> list[tuple[np.ndarray, np.ndarray]]:
    n = len(ids)
    found = []
    for a in starts_of(len(ids)):
        b = min(n, a + WINDOW)
        found.append((np.array(ids[a:b], dtype=np.int32), shape_of(text[offsets[a][0] : offsets[b - 1][1]])))
    return found


LONGEST = 8192


def safety_rows(seed: int) -> Windowed:
    """Rows of the safety files; those to learn from a second time with typing errors, casing and harmless words."""
    rng = random.Random(seed)
    task = Task("safety")
    spans = []
    index = {label: i for i, label in enumerate(LABELS["safety"])}
    for row in load_work("safety"):
        task.add(row["text"], index[row["label"]], row["fold"], row["source"])
        spans.append(row.get("spans", []))
        if row["fold"] == "learn" and not row["source"].startswith("own:") and not row["source"].endswith(":ordinary"):
            task.add(augment(row["text"], rng), index[row["label"]], "learn", row["source"])
            spans.append([])
    return Windowed(task, all_windows(task.texts), spans)


def all_windows(texts: list[str]) -> list[list[tuple[np.ndarray, np.ndarray]]]:
    tokenizer = load_tokenizer()
    windows = []
    for start in range(0, len(texts), 5000):
        part = texts[start : start + 5000]
        for text, encoding in zip(part, tokenizer.encode_batch(part, add_special_tokens=False)):
            windows.append(windows_of(text, encoding.ids[:LONGEST], encoding.offsets[:LONGEST]) if encoding.ids else [])
    return windows


def text_rows(seed: int = 1) -> dict[str, Texts]:
    tasks = choice_tasks(seed)
    del tasks["safety"]
    tasks["failure"] = failure_task(outcome_folds())
    return {name: texts_of(task) for name, task in tasks.items()}


def texts_of(task: Task) -> Texts:
    return Texts(task, encode_all(task.texts, 4096), np.stack([shape_of(text) for text in task.texts]))


def pair_rows(fold: str, kinds: tuple[str, ...] = ()) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """English pairs with their graded likeness in [0, 1]."""
    rows = [r for r in load_work("pairs") if r["fold"] == fold and r["lang"] == "en" and (not kinds or r["type"] in kinds)]
    a, b = encode_all([r["text_a"] for r in rows], 128), encode_all([r["text_b"] for r in rows], 128)
    return [(x, y, float(r["score"])) for x, y, r in zip(a, b, rows) if len(x) and len(y)]


def source_weights(sources: list[str], power: float) -> np.ndarray:
    """Rows of a source of n rows weigh n ** -power."""
    _, index, counts = np.unique(sources, return_inverse=True, return_counts=True)
    return counts[index].astype(float) ** -power


def cropped(ids: np.ndarray, rng: random.Random) -> np.ndarray:
    if len(ids) <= TOKENS:
        return ids
    start = rng.choice([0, rng.randint(0, len(ids) - TOKENS)])
    return ids[start : start + TOKENS]


def thinned(ids: np.ndarray, rng: np.random.Generator, share: float) -> np.ndarray:
    """Without some of its tokens, so that no single one decides."""
    if len(ids) < 4:
        return ids
    kept = ids[rng.random(len(ids)) >= share]
    return kept if len(kept) > 1 else ids


SHARES = {"domain": 0.5, "intent": 0.45, "difficulty": 0.25, "failure": 0.4}
"""Of each head's rows in one epoch. Twice as much teaches the sources rather than the subjects: unseen ones suffer."""
SAFETY_MIX = np.array([0.6, 0.1, 0.15, 0.15])
EPOCHS, ROWS, PAIRS = 2, 64, 128
TABLE_RATE, PAIR_RATE, DENSE_RATE = 5e-4, 2e-3, 1e-3
THIN, SHAPELESS = 0.1, 0.3


def safety_odds(task: Task, rows: np.ndarray) -> np.ndarray:
    """[rows] of sum 1: small sources count for more than they have, and labels as in SAFETY_MIX."""
    odds = source_weights([task.sources[i] for i in rows], 0.3)
    labels = np.array([task.targets[i] for i in rows])
    odds = odds * (SAFETY_MIX / np.bincount(labels, weights=odds, minlength=4))[labels]
    return odds / odds.sum()


class Trainer:
    """One network and what it learns from. Steps of all tasks are mixed."""

    def __init__(self, table: Tensor, seed: int, folds: tuple[str, ...] = ("learn",)) -> None:
        torch.manual_seed(seed)
        self.rng, self.noise = random.Random(seed), np.random.default_rng(seed)
        self.stage = StaticStage(table)
        self.texts = text_rows(seed)
        self.safety = safety_rows(seed)
        self.pairs = pair_rows("learn")
        teacher = torch.load(WORK / "teacher.pt", weights_only=False)
        self.teacher: tuple[list[np.ndarray], np.ndarray] = (teacher["ids"], teacher["vectors"])
        self.learn = {name: rows.where(*folds) for name, rows in self.texts.items()}
        self.safe = np.array([i for i in self.safety.where(*folds, "generated-dev") if self.safety.windows[i]])
        self.safe_odds = safety_odds(self.safety.task, self.safe)

    def plan(self) -> list[tuple[str, np.ndarray]]:
        """The steps of one epoch: task and rows."""
        steps: list[tuple[str, np.ndarray]] = []

        def add(name: str, rows: np.ndarray, size: int) -> None:
            steps.extend((name, rows[k : k + size]) for k in range(0, len(rows) - size + 1, size))

        for name, share in SHARES.items():
            odds = row_weights(self.texts[name].task)[self.learn[name]]
            count = int(len(odds) * share)
            add(name, self.noise.choice(self.learn[name], count, replace=False, p=odds / odds.sum()), ROWS)
        add("safety", self.noise.choice(self.safe, len(self.safe), p=self.safe_odds), ROWS)
        add("teacher", self.noise.permutation(len(self.teacher[0])), ROWS)
        add("pairs", self.noise.permutation(len(self.pairs)), PAIRS)
        self.rng.shuffle(steps)
        return steps

    def loss(self, name: str, rows: np.ndarray) -> Tensor:
        if name == "safety":
            return self.safety_loss(rows)
        if name == "teacher":
            ids, vectors = self.teacher
            found = self.stage.vectors(shapeless([ids[i] for i in rows]))
            return 5 * (1 - (found * torch.from_numpy(vectors[rows])).sum(1)).mean()
        if name == "pairs":
            chosen = [self.pairs[i] for i in rows]
            found = self.stage.vectors(shapeless([a for a, _, _ in chosen] + [b for _, b, _ in chosen]))
            a, b = found.chunk(2)
            return 0.3 * cosent((a * b).sum(1), torch.tensor([score for _, _, score in chosen]))
        texts = self.texts[name]
        ids = [thinned(cropped(texts.ids[i], self.rng), self.noise, THIN) for i in rows]
        shapes = texts.shapes[rows] * (self.noise.random((len(rows), 1)) >= SHAPELESS)
        targets = torch.tensor(np.array([texts.task.targets[i] for i in rows]))
        factor = 0.5 if name == "difficulty" else 1.0
        logits = self.stage.logits(batch_of(ids, shapes), name)
        return factor * loss_of(name, logits, targets.float() if name == "failure" else targets)

    def safety_loss(self, rows: np.ndarray) -> Tensor:
        """Only a text's most suspicious window is judged: of an injected document the others are harmless."""
        ids, shapes, owner = [], [], []
        for k, i in enumerate(rows):
            windows = self.safety.windows[i]
            if len(windows) > MOST_WINDOWS:
                windows = [windows[j] for j in self.noise.choice(len(windows), MOST_WINDOWS, replace=False)]
            blind = self.noise.random() < SHAPELESS
            for window, shape in windows:
                ids.append(thinned(window, self.noise, THIN))
                shapes.append(shape * 0 if blind else shape)
                owner.append(k)
        logits = self.stage.logits(batch_of(ids, np.stack(shapes)), "safety")
        worst = worst_of(danger(logits).detach().numpy(), np.array(owner))
        return loss_of("safety", logits[worst], torch.tensor([self.safety.task.targets[i] for i in rows]))

    def run(self) -> StaticStage:
        sparse = [self.stage.table.weight, self.stage.pairs.weight]
        dense = [p for p in self.stage.parameters() if all(p is not q for q in sparse)]
        tables = torch.optim.SparseAdam([{"params": [p]} for p in sparse])
        others = torch.optim.AdamW(dense, weight_decay=0.01)
        plan = [step for _ in range(EPOCHS) for step in self.plan()]
        started = time.time()
        self.stage.train()
        for step, (name, rows) in enumerate(plan):
            pace = min(1, (step + 1) / 200) * (0.475 * (1 + math.cos(math.pi * step / len(plan))) + 0.05)
            for group, rate in zip([*tables.param_groups, *others.param_groups], [TABLE_RATE, PAIR_RATE, DENSE_RATE]):
                group["lr"] = rate * pace
            loss = self.loss(name, rows)
            tables.zero_grad()
            others.zero_grad()
            loss.backward()
            tables.step()
            others.step()
            if step % 500 == 0:
                print(f"static stage: step {step} of {len(plan)}, {time.time() - started:.0f} s", flush=True)
        return self.stage.eval()


def shapeless(ids: list[np.ndarray]) -> Batch:
    return batch_of(ids, np.zeros((len(ids), SHAPES)))


def worst_of(scores: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Index of the highest score of each owner; owners count up from 0 and stand together."""
    order = np.lexsort((-scores, owner))
    return order[np.r_[True, owner[order][1:] != owner[order][:-1]]]


@torch.inference_mode()
def text_logits(stage: StaticStage, texts: Texts, rows: np.ndarray, head: str) -> np.ndarray:
    """[rows, labels]"""
    parts = [rows[k : k + 256] for k in range(0, len(rows), 256)]
    return np.concatenate(
        [stage.logits(batch_of([texts.ids[i][:TOKENS] for i in p], texts.shapes[p]), head).numpy() for p in parts]
    )


def judged(stage: StaticStage, safety: Windowed, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits [rows, labels] of each text's most suspicious window, and which window that is."""
    logits, places = [], []
    for k in range(0, len(rows), 128):
        windows = [safety.windows[i] for i in rows[k : k + 128]]
        counts = np.array([len(w) for w in windows])
        flat = [w for ws in windows for w in ws]
        with torch.inference_mode():
            found = stage.logits(batch_of([w[0] for w in flat], np.stack([w[1] for w in flat])), "safety")
        worst = worst_of(danger(found).numpy(), np.repeat(np.arange(len(windows)), counts))
        logits.append(found.numpy()[worst])
        places.append(worst - np.concatenate([[0], np.cumsum(counts)[:-1]]))
    return np.concatenate(logits), np.concatenate(places)


def safety_logits(stage: StaticStage, safety: Windowed, rows: np.ndarray) -> np.ndarray:
    """[rows, labels] of each text's most suspicious window."""
    return judged(stage, safety, rows)[0]


def worst_tokens(stage: StaticStage, safety: Windowed) -> np.ndarray:
    """[texts]: the token in the middle of each text's most suspicious window; 0 of a text without tokens."""
    rows = np.array([i for i, windows in enumerate(safety.windows) if windows])
    found = np.zeros(len(safety.windows), dtype=np.int64)
    for i, place in zip(rows, judged(stage, safety, rows)[1]):
        # The last window starts up to a step earlier: near enough for the middle of a wider one.
        found[i] = place * (WINDOW - OVERLAP) + len(safety.windows[i][place][0]) // 2
    return found


def load_static() -> StaticStage:
    stage = StaticStage(torch.zeros(30522, WIDTH))
    stage.load_state_dict(torch.load(WORK / "static.pt"))
    return stage.eval()


def main(seed: int = 1) -> None:
    table = torch.load(WORK / "table.pt")["table"]
    trainer = Trainer(table, seed)
    stage = trainer.run()
    torch.save(stage.state_dict(), WORK / "static.pt")


if __name__ == "__main__":
    main()
