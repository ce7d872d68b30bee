"""The full stage's network: a few layers of the base model, a head a task, and tags of names and addresses."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from minilm import CLS, PAD, SEP, WIDTH, Bert, load_tokenizer
from rows import LABELS

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
        self.gaze = nn.Linear(WIDTH, 1)
        self.alarm = nn.Linear(WIDTH, WIDTH)
        self.tags = nn.Linear(WIDTH, len(TAGS))
        self.vector = nn.Linear(WIDTH, WIDTH, bias=False)
        nn.init.eye_(self.vector.weight)

    def hidden(self, ids: Tensor, mask: Tensor, cases: Tensor) -> Tensor:
        bert = self.bert
        positions = torch.arange(ids.shape[1], device=ids.device)
        x = bert.norm(bert.words(ids) + bert.positions(positions) + bert.kind + self.cases(cases))
        x = F.dropout(x, bert.drop, self.training)
        bias = (1.0 - mask[:, None, None, :].to(x.dtype)) * -1e4
        for layer in bert.layers:
            x = layer(x, bias, bert.drop)
        return x

    def vectors(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """[rows, width] of unit length."""
        return F.normalize(self.vector(pooled(hidden, mask)), dim=1)

    def features(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """[rows, width]: what the heads read, all but safety's."""
        return F.gelu(self.trunk(pooled(hidden, mask)))

    def glances(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """[rows, tokens], of sum 1: where the safety head looks. Pooled evenly, one smuggled sentence would drown."""
        return torch.softmax(self.gaze(hidden)[:, :, 0] + (1.0 - mask.to(hidden.dtype)) * -1e4, 1)

    def logits(self, hidden: Tensor, mask: Tensor, head: str) -> Tensor:
        if head == "safety":
            found = F.gelu(self.alarm((self.glances(hidden, mask)[:, :, None] * hidden).sum(1)))
        else:
            found = self.features(hidden, mask)
        return self.heads[head](F.dropout(found, 0.1, self.training))


def pooled(hidden: Tensor, mask: Tensor) -> Tensor:
    weight = mask[:, :, None].to(hidden.dtype)
    return (hidden * weight).sum(1) / weight.sum(1).clamp(min=1)


@dataclass
class Text:
    """Token ids and their cases, with [CLS] and [SEP] left out."""

    ids: np.ndarray
    cases: np.ndarray
    offsets: list[tuple[int, int]]
    """In code points."""
    tags: np.ndarray | None = None
    """Of names and addresses, where they are known."""
    marked: np.ndarray | None = None
    """Which tokens are a smuggled order, where that is known."""
    focus: int | None = None
    """The token about which a text that is too long is cut; its beginning where there is none."""


def tokenised(texts: list[str], limit: int, spans: list[list[list]] | None = None) -> list[Text]:
    """spans: of each text [start, end, type]; a type that is none of TYPES is no tag."""
    tokenizer = load_tokenizer()
    out = []
    for start in range(0, len(texts), 2000):
        part = texts[start : start + 2000]
        for k, encoding in enumerate(tokenizer.encode_batch(part, add_special_tokens=False)):
            text = part[k]
            offsets = encoding.offsets[:limit]
            ids = np.array(encoding.ids[:limit], dtype=np.int32)
            cases = np.array([case_of(text[a:b]) for a, b in offsets], dtype=np.int8)
            tags = tags_of(offsets, spans[start + k]) if spans is not None else None
            out.append(Text(ids, cases, offsets, tags))
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


def start_of(text: Text, room: int, rng: random.Random | None) -> int:
    """Where a text that is too long is cut: about its focus, a little beside it while training, or somewhere."""
    spare = len(text.ids) - room
    if spare <= 0:
        return 0
    if text.focus is not None:
        beside = rng.randint(-room // 4, room // 4) if rng else 0
        return min(spare, max(0, text.focus - room // 2 + beside))
    return rng.randint(0, spare) if rng and text.tags is None and rng.random() < 0.5 else 0


@dataclass
class Padded:
    """All [rows, tokens]. tags are -100 and marks 0 where there is nothing to learn."""

    ids: Tensor
    mask: Tensor
    cases: Tensor
    tags: Tensor
    marks: Tensor


def padded(texts: list[Text], rng: random.Random | None, limit: int = TOKENS) -> Padded:
    """With [CLS] and [SEP], at most `limit` tokens."""
    room = limit - 2
    shape = len(texts), max(min(room, len(text.ids)) for text in texts) + 2
    ids, tags = np.full(shape, PAD), np.full(shape, -100)
    mask, cases, marks = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    for k, text in enumerate(texts):
        at = start_of(text, room, rng)
        own = slice(at, at + room)
        n = len(text.ids[own])
        ids[k, 0], ids[k, 1 : n + 1], ids[k, n + 1] = CLS, text.ids[own], SEP
        mask[k, : n + 2] = 1
        cases[k, 1 : n + 1] = text.cases[own]
        if text.tags is not None:
            tags[k, 1 : n + 1] = text.tags[own]
        if text.marked is not None:
            marks[k, 1 : n + 1] = text.marked[own]
    return Padded(*(torch.from_numpy(part) for part in (ids, mask, cases, tags, marks)))


def batches(lengths: np.ndarray, rows: np.ndarray, size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Rows of about equal length together, so that little is spent on padding."""
    noisy = lengths[rows] + rng.integers(0, 12, len(rows))
    order = rows[np.argsort(noisy, kind="stable")]
    parts = [order[k : k + size] for k in range(0, len(order), size)]
    rng.shuffle(parts)
    return parts


@torch.inference_mode()
def full_logits(stage: FullStage, texts: list[Text], head: str, limit: int = TOKENS) -> np.ndarray:
    """[rows, labels]"""
    order = np.argsort([len(text.ids) for text in texts])
    found = np.zeros((len(texts), len(LABELS[head])), np.float32)
    for k in range(0, len(order), 64):
        part = order[k : k + 64]
        rows = padded([texts[i] for i in part], None, limit)
        found[part] = stage.logits(stage.hidden(rows.ids, rows.mask, rows.cases), rows.mask, head).numpy()
    return found
