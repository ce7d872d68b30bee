"""What both stages, and the two together, say of the rows of each head."""

from __future__ import annotations

from typing import Any

import numpy as np

from full import safety_texts
from rows import Task
from static import StaticStage, Texts, Windowed, all_windows, safety_logits, safety_rows, text_logits, text_rows, texts_of
from transformer import TOKENS, FullStage, full_logits, tokenised


Rows = tuple[dict[str, Texts], Windowed]


class Judge:
    def __init__(self, stage: StaticStage, full: FullStage, rows: Rows | None = None) -> None:
        self.stage, self.whole = stage, full
        self.texts, self.safety = rows or (text_rows(), safety_rows(1))

    def of_texts(self, head: str, texts: list[str]) -> Judge:
        """The same of other texts, for one head."""
        task = Task(head, texts, [0] * len(texts), ["held"] * len(texts), ["given"] * len(texts), [1.0] * len(texts))
        if head == "safety":
            return Judge(self.stage, self.whole, ({}, Windowed(task, all_windows(texts), [[] for _ in texts])))
        return Judge(self.stage, self.whole, ({head: texts_of(task)}, self.safety))

    def task(self, head: str) -> Task:
        return self.safety.task if head == "safety" else self.texts[head].task

    def where(self, head: str, *folds: str) -> np.ndarray:
        rows = self.safety if head == "safety" else self.texts[head]
        return np.array([i for i in rows.where(*folds) if head != "safety" or self.safety.windows[i]], dtype=np.int64)

    def static(self, head: str, rows: np.ndarray) -> np.ndarray:
        """Logits [rows, labels]; of safety, those of the most suspicious window."""
        if head == "safety":
            return safety_logits(self.stage, self.safety, rows)
        return text_logits(self.stage, self.texts[head], rows, head)

    def full(self, head: str, rows: np.ndarray) -> np.ndarray:
        """Logits [rows, labels] of a text's beginning; of safety, those of the window about the most suspicious one."""
        if head == "safety":
            texts = safety_texts(self.stage, self.safety.part(rows), learning=None)
        else:
            texts = tokenised([self.texts[head].task.texts[i] for i in rows], TOKENS)
        return full_logits(self.whole, texts, head)


def probabilities(logits: np.ndarray, kind: str) -> np.ndarray:
    if kind == "questions":
        return 1 / (1 + np.exp(-logits))
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def blended(fast: np.ndarray, slow: np.ndarray, head: dict[str, Any]) -> np.ndarray:
    """Logits of both stages as src/inference/ blends them; head: its entry in the manifest."""
    share = head["full"]["share"]
    mean = share * slow / head["full"]["temperature"] + (1 - share) * fast / head["static"]["temperature"]
    return head["full"]["sharpness"] * mean
