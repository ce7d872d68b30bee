"""What training makes small."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def cosent(cosines: Tensor, scores: Tensor) -> Tensor:
    """Ranking loss over the pairs of a batch: a pair that is more alike must have the higher cosine."""
    difference = 20 * (cosines[None, :] - cosines[:, None])
    wrong = difference[scores[:, None] > scores[None, :]]
    return torch.logsumexp(torch.cat([wrong.new_zeros(1), wrong]), 0)


def loss_of(head: str, logits: Tensor, targets: Tensor) -> Tensor:
    """targets: label indices [rows]; for `failure` probabilities [rows, questions], nan where nobody knows."""
    if head != "failure":
        return F.cross_entropy(logits, targets, label_smoothing=0.02 if head == "safety" else 0.05)
    known = ~targets.isnan()
    goals = targets.nan_to_num(0).to(logits.dtype)
    each = F.binary_cross_entropy_with_logits(logits, goals, reduction="none") * known
    return (each.sum(1) / known.sum(1).clamp(min=1)).mean()
