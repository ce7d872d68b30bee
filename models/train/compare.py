"""Trains the model that reads two texts at once and says whether they ask for the same, and puts it into few bytes.

All layers of the full stage are tuned to pairs first. What that changed in them is then kept in a few directions a layer
(low rank) and tuned once more, so that the file holds the change alone: everything else stands in full.onnx already."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import time
from pathlib import Path
from typing import Iterator

import numpy as np
import onnx
import torch
from onnx import TensorProto, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional as F

from export import MOST_TOKENS, attend, entry_of
from folds import MODELS, WORK
from full import HALF, load_full
from minilm import CLS, SEP, WIDTH
from transformer import FullStage, Text, tokenised

FILE = "compare.onnx"
RANK = 14
INNER = 64
PER_FAMILY = 80
"""Pairs drawn of each family of questions."""
SHARES = {"questions": 1.0, "hard": 0.7, "learn": 0.35}
"""Of the pairs that test/cache/pairs/write.ts writes: families of questions, and two sets of templates."""
PER_TYPE = {"hard": 1000, "learn": 3000}
HELD_BACK = 8
"""One family in so many is not learned from: scripts/cache-model.ts is fitted to those."""
TRUE_WEIGHT = 1.5
EPOCHS, BATCH, WARM_STEPS = 2, 96, 150
BODY_RATE, HEAD_RATE = 1.5e-4, 1e-3
LOW_STEPS, LOW_RATE, LOW_HEAD_RATE = 700, 5e-4, 3e-4
TOKENS = 64
"""Of one text while training."""


class Comparer(nn.Module):
    """The full stage's layers over [CLS] a [SEP] b [SEP], with one logit of their own."""

    def __init__(self, stage: FullStage) -> None:
        super().__init__()
        self.bert, self.cases = stage.bert, stage.cases
        self.second = nn.Parameter(torch.zeros(WIDTH))
        self.inner = nn.Linear(2 * WIDTH, INNER)
        self.same = nn.Linear(INNER, 1)
        for table in (self.bert.words, self.bert.positions, self.bert.norm, self.cases):
            table.requires_grad_(False)
        self.bert.kind.requires_grad_(False)

    def embedded(self, ids: Tensor, cases: Tensor, kinds: Tensor) -> Tensor:
        bert = self.bert
        x = bert.words(ids) + bert.positions.weight[None, : ids.shape[1]] + bert.kind
        return bert.norm(x + self.cases(cases) + kinds.to(x.dtype)[:, :, None] * self.second)

    def logit(self, x: Tensor, mask: Tensor) -> Tensor:
        weight = mask[:, :, None].to(x.dtype)
        mean = (x * weight).sum(1) / weight.sum(1)
        inner = F.gelu(self.inner(torch.cat([x[:, 0], mean], -1)))
        return self.same(F.dropout(inner, 0.1, self.training))

    def forward(self, ids: Tensor, mask: Tensor, kinds: Tensor, cases: Tensor) -> Tensor:
        """All [rows, tokens] -> [rows]."""
        x = self.embedded(ids, cases, kinds)
        x = F.dropout(x, self.bert.drop, self.training)
        bias = ((1.0 - mask[:, None, None, :].to(x.dtype)) * -1e4).to(torch.bfloat16 if HALF and self.training else x.dtype)
        for layer in self.bert.layers:
            x = layer(x, bias, self.bert.drop)
        return self.logit(x.float(), mask)[:, 0]


class LowRank(nn.Module):
    """A linear layer that stays as it is, and a change of it of low rank."""

    def __init__(self, base: nn.Linear, tuned: nn.Linear) -> None:
        super().__init__()
        self.weight = nn.Parameter(base.weight.detach().clone(), requires_grad=False)
        self.bias = nn.Parameter(tuned.bias.detach().clone())
        left, strength, right = torch.linalg.svd(tuned.weight.detach() - self.weight, full_matrices=False)
        root = strength[:RANK].sqrt()
        self.down = nn.Parameter(root[:, None] * right[:RANK])
        self.up = nn.Parameter(left[:, :RANK] * root)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias) + F.linear(F.linear(x, self.down), self.up)


LINEAR = ("qkv", "out", "up", "down")


def narrowed(tuned: Comparer, stage: FullStage) -> Comparer:
    """The tuned model with its changes cut down to `RANK` directions a layer."""
    for layer, base in zip(tuned.bert.layers, stage.bert.layers):
        for name in LINEAR:
            setattr(layer, name, LowRank(getattr(base, name), getattr(layer, name)))
    return tuned


def is_held_back(family: str) -> bool:
    return int(hashlib.md5(family.encode()).hexdigest(), 16) % HELD_BACK == 0


def written(split: str, count: int) -> list[dict]:
    """Needs the project's own Node: `npm ci` in its root."""
    root = MODELS.parent
    command = [root / "node_modules" / ".bin" / "node", root / "test" / "cache" / "pairs" / "write.ts", split, str(count)]
    out = subprocess.run(command, check=True, capture_output=True).stdout
    return [json.loads(line) for line in out.decode().splitlines()]


class Pairs:
    def __init__(self, rows: list[dict]) -> None:
        texts = sorted({row[side] for row in rows for side in ("text_a", "text_b")})
        place = {text: at for at, text in enumerate(texts)}
        self.texts = tokenised(texts, TOKENS - 2)
        self.a, self.b = (np.array([place[row[side]] for row in rows]) for side in ("text_a", "text_b"))
        self.same = np.array([row["score"] >= 0.9 for row in rows], np.float32)

    def batches(self, count: int | None, rng: np.random.Generator) -> list[np.ndarray]:
        """Of about equal length each; all pairs once, or some of them."""
        lengths = np.array([len(self.texts[a].ids) + len(self.texts[b].ids) for a, b in zip(self.a, self.b)])
        order = np.argsort(lengths + rng.integers(0, 6, len(lengths)), kind="stable")
        chunks = [order[at : at + BATCH * 16] for at in range(0, len(order), BATCH * 16)]
        mixed = np.concatenate([chunk[rng.permutation(len(chunk))] for chunk in chunks])
        found = [mixed[at : at + BATCH] for at in range(0, len(mixed), BATCH)]
        rng.shuffle(found)
        return found[:count]


def rows_to_learn(rng: random.Random) -> list[dict]:
    questions = [row for row in written("questions", PER_FAMILY) if not is_held_back(row["family"])]
    others = [row for split, count in PER_TYPE.items() for row in written(split, count) if rng.random() < SHARES[split]]
    return questions + others


def joined(firsts: list[Text], seconds: list[Text]) -> tuple[Tensor, ...]:
    """ids, mask, kinds, cases of [CLS] a [SEP] b [SEP]."""
    lengths = [len(a.ids) + len(b.ids) + 3 for a, b in zip(firsts, seconds)]
    ids, mask, kinds, cases = (np.zeros((len(firsts), max(lengths)), np.int64) for _ in range(4))
    for row, (a, b, length) in enumerate(zip(firsts, seconds, lengths)):
        cut = len(a.ids) + 2
        ids[row, :length] = [CLS, *a.ids, SEP, *b.ids, SEP]
        cases[row, :length] = [0, *a.cases, 0, *b.cases, 0]
        mask[row, :length] = 1
        kinds[row, cut:length] = 1
    return tuple(torch.from_numpy(part) for part in (ids, mask, kinds, cases))


def learn(model: Comparer, pairs: Pairs, plan: list[np.ndarray], rates: tuple[float, float], rng: np.random.Generator) -> None:
    own = {id(p) for part in (model.inner, model.same) for p in part.parameters()} | {id(model.second)}
    learned = [p for p in model.parameters() if p.requires_grad]
    groups = [[p for p in learned if (id(p) in own) is inside] for inside in (False, True)]
    optimiser = torch.optim.AdamW([{"params": group} for group in groups], weight_decay=0.01)
    started, mean = time.time(), 0.0
    model.train()
    for step, part in enumerate(plan):
        pace = min(1, (step + 1) / WARM_STEPS) * max(0.02, 1 - step / len(plan))
        for group, rate in zip(optimiser.param_groups, rates):
            group["lr"] = rate * pace
        turned = rng.random(len(part)) < 0.5
        first, second = np.where(turned, pairs.b[part], pairs.a[part]), np.where(turned, pairs.a[part], pairs.b[part])
        given = joined([pairs.texts[at] for at in first], [pairs.texts[at] for at in second])
        truth = torch.from_numpy(pairs.same[part])
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=HALF):
            logits = model(*given)
        loss = F.binary_cross_entropy_with_logits(logits.float(), truth, weight=1 + (TRUE_WEIGHT - 1) * truth)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        mean = loss.item() if step == 0 else 0.98 * mean + 0.02 * loss.item()
        if step % 100 == 0:
            print(f"compare: step {step} of {len(plan)}, {time.time() - started:.0f} s, loss {mean:.4f}", flush=True)
    model.eval()


class Exported(nn.Module):
    """As it ships: attention written out for the runtime's own kernels."""

    def __init__(self, model: Comparer) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor, token_cases: Tensor) -> Tensor:
        x = self.model.embedded(input_ids, token_cases, token_type_ids)
        bias = (1.0 - attention_mask[:, None, None, :].to(x.dtype)) * -1e4
        for layer in self.model.bert.layers:
            x = attend(layer, x, bias)
        return self.model.logit(x, attention_mask)


def export(model: Comparer) -> None:
    model.bert.positions.weight = nn.Parameter(model.bert.positions.weight[:MOST_TOKENS].clone())
    names = ["input_ids", "attention_mask", "token_type_ids", "token_cases"]
    example = tuple(torch.ones(2, 7, dtype=torch.long) for _ in names)
    plain, small = WORK / "compare.f32.onnx", WORK / "compare.onnx"
    torch.onnx.export(
        Exported(model).eval(), example, str(plain), input_names=names, output_names=["same"],
        dynamic_axes={name: {0: "batch", 1: "tokens"} for name in names} | {"same": {0: "batch"}},
        opset_version=17, dynamo=False,
    )
    quantize_dynamic(
        str(plain), str(small), per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gather"],
    )
    (MODELS / FILE).write_bytes(borrowing(onnx.load(str(small)), MODELS / "full.onnx").SerializeToString())


LEAST_BORROWED = 1024
"""Bytes: smaller constants are kept where they are used."""


def borrowing(model: onnx.ModelProto, lender: Path) -> onnx.ModelProto:
    """Constants that the other file holds to the letter are read from there; names are cut short."""
    there = lender.read_bytes()
    kept = {value.name for value in [*model.graph.input, *model.graph.output]} | {""}
    short: dict[str, str] = {}
    renamed = lambda name: name if name in kept else short.setdefault(name, f"{len(short):x}")
    for node in model.graph.node:
        node.ClearField("name")
        node.input[:], node.output[:] = map(renamed, node.input), map(renamed, node.output)
    del model.graph.value_info[:]
    for tensor in model.graph.initializer:
        plain = numpy_helper.from_array(numpy_helper.to_array(tensor), renamed(tensor.name))
        tensor.CopyFrom(plain)
        at = there.find(tensor.raw_data) if len(tensor.raw_data) >= LEAST_BORROWED else -1
        if at < 0:
            continue
        size = len(tensor.raw_data)
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", lender.name), ("offset", at), ("length", size)):
            tensor.external_data.add(key=key, value=str(value))
    return model


def main(seed: int = 1) -> None:
    torch.manual_seed(seed)
    rng, noise = random.Random(seed), np.random.default_rng(seed)
    pairs = Pairs(rows_to_learn(rng))
    print(f"compare: {len(pairs.same)} pairs, {pairs.same.mean():.2f} of them the same", flush=True)
    model = Comparer(load_full())
    plan = [part for _ in range(EPOCHS) for part in pairs.batches(None, noise)]
    learn(model, pairs, plan, (BODY_RATE, HEAD_RATE), noise)
    torch.save(model.state_dict(), WORK / "compare-whole.pt")
    narrowed(model, load_full())
    learn(model, pairs, pairs.batches(LOW_STEPS, noise), (LOW_RATE, LOW_HEAD_RATE), noise)
    torch.save(model.state_dict(), WORK / "compare.pt")
    export(model)
    path = MODELS / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"][FILE] = entry_of(MODELS / FILE)
    manifest["compare"] = {"file": FILE, "maxTokens": MOST_TOKENS}
    path.write_text(json.dumps(manifest, indent=2) + "\n")
    print(manifest["files"][FILE], flush=True)


if __name__ == "__main__":
    main()
