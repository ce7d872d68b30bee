"""Initial token vectors: each WordPiece token alone through the base model, centred, and weighted by rarity."""

from __future__ import annotations

from collections import Counter

import torch

from minilm import CLS, SEP, VOCABULARY, load_bert, load_tokenizer, mean_pooled
from folds import DATA, WORK, read_rows

RARITY = 1e-3
BATCH = 1024


def token_vectors() -> torch.Tensor:
    """[vocabulary, width]: [CLS] token [SEP] through all six layers, mean-pooled."""
    bert = load_bert([0, 1, 2, 3, 4, 5]).eval()
    rows = []
    with torch.inference_mode():
        for start in range(0, VOCABULARY, BATCH):
            ids = torch.arange(start, min(start + BATCH, VOCABULARY))
            batch = torch.stack([torch.full_like(ids, CLS), ids, torch.full_like(ids, SEP)], 1)
            mask = torch.ones_like(batch)
            rows.append(mean_pooled(bert(batch, mask), mask))
            print(f"\rtoken vectors {start + len(ids)} of {VOCABULARY}", end="", flush=True)
    print()
    return torch.cat(rows)


def frequencies() -> torch.Tensor:
    """[vocabulary]: share of each token in the unlabelled texts."""
    tokenizer = load_tokenizer()
    counts: Counter[int] = Counter()
    texts = [row["text"] for row in read_rows(DATA / "text" / "plain_text.jsonl.gz")]
    for start in range(0, len(texts), 10_000):
        for encoding in tokenizer.encode_batch(texts[start : start + 10_000], add_special_tokens=False):
            counts.update(encoding.ids)
    share = torch.zeros(VOCABULARY)
    share[list(counts)] = torch.tensor(list(counts.values()), dtype=torch.float)
    return share / share.sum()


def main() -> None:
    vectors = token_vectors()
    share = frequencies()
    mean = (vectors * share[:, None]).sum(0)
    table = (vectors - mean) * (RARITY / (RARITY + share))[:, None]
    WORK.mkdir(exist_ok=True)
    torch.save({"table": table, "share": share}, WORK / "table.pt")
    print(f"table {tuple(table.shape)}, mean length {table.norm(dim=1).mean():.3f}")


if __name__ == "__main__":
    main()
