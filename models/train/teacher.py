"""Vectors of the whole base model for plain sentences: what both stages' own vectors are drawn towards."""

from __future__ import annotations

import random
import time

import numpy as np
import torch

from transformer import batches, padded, tokenised
from minilm import load_bert, mean_pooled
from folds import DATA, WORK, read_rows
from static import VECTOR

SENTENCES, LONGEST = 24_000, 160


def main(seed: int = 5) -> None:
    texts = [
        row["text"]
        for row in read_rows(DATA / "text" / "plain_text.jsonl.gz")
        if row.get("lang", "en") == "en" and len(row["text"]) < LONGEST
    ]
    random.Random(seed).shuffle(texts)
    texts = texts[:SENTENCES]
    rows = tokenised(texts, 64)
    bert = load_bert([0, 1, 2, 3, 4, 5]).eval()
    vectors = np.zeros((len(rows), 384), np.float32)
    started = time.time()
    with torch.inference_mode():
        plan = batches(np.array([len(row.ids) for row in rows]), np.arange(len(rows)), 64, np.random.default_rng(1))
        for step, part in enumerate(plan):
            given = padded([rows[i] for i in part], None)
            vectors[part] = mean_pooled(bert(given.ids, given.mask), given.mask).numpy()
            if step % 100 == 0:
                print(f"teacher: {step * 64} of {len(rows)} sentences, {time.time() - started:.0f} s", flush=True)
    # The static stage's vectors are narrower: the directions that tell most.
    directions = np.linalg.svd(vectors[:8000], full_matrices=False)[2][:VECTOR]
    narrow = vectors @ directions.T
    narrow /= np.linalg.norm(narrow, axis=1, keepdims=True)
    torch.save({"ids": [row.ids for row in rows], "vectors": narrow.astype(np.float32), "full": vectors, "texts": texts}, WORK / "teacher.pt")


if __name__ == "__main__":
    main()
