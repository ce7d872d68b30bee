"""Writes training rows for the intent head: requests of dialogues, assistant commands, reasoning tasks, searched facts and tasks around a text.

The requests and the texts are picked from data/text/plain_text.jsonl.gz; all else is our own grammars. No row is kept for dev.
Usage: python -m generate.intents OUT.jsonl.gz [ROWS] [SEED]
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Callable, Iterator

import folds
from generate import intent_commands as commands
from generate import intent_dialogue as dialogue
from generate import intent_facts as facts
from generate import intent_puzzles as puzzles
from generate.grammar import Grammar, Pool, Row, print_counts, write_rows
from generate.known import Known

# share of the wanted rows, by source
SHARES = {"dialogue:action": 0.28, "dialogue:chitchat": 0.05, "commands": 0.21, "puzzles": 0.21, "searches": 0.125, "extract": 0.025, "summarise": 0.025, "translate": 0.025, "creative": 0.025, "code_generation": 0.025}
TASKS = ["extract", "summarise", "translate", "creative", "code_generation"]
TRIES = 6  # for each wanted row
SHORT_TEXT, LONG_TEXT = 60, 420  # characters of a text that a task is about
VOICED = 0.6
BEGIN_ALIKE = 30  # requests of dialogues with the same first four words
REFERENCE = r"(19|20)\d\d\. |https?:|doi|\bpp?\. \d"  # an entry of a list of works
HELD_BOOK = "openstax/osbooks-university-physics-bundle"


def transcript(text: str) -> str:
    """As a voice transcript has it."""
    return text.lower().rstrip(" .?!")


def openings() -> list[str]:
    """Textbook sentences that are no part of a held-out book."""
    rows = folds.read_rows(folds.DATA / "text" / "plain_text.jsonl.gz")
    usable = (r["text"] for r in rows if r["source"].endswith(":text") and not r["source"].startswith(HELD_BOOK) and r["split"] == "train")
    return [t for t in usable if SHORT_TEXT <= len(t) <= LONG_TEXT and not re.search(REFERENCE, t)]


def spread(texts: list[str]) -> Iterator[str]:
    """The texts without the many that begin alike."""
    begun: Counter[str] = Counter()
    for text in texts:
        start = " ".join(re.findall(r"\w+", text.lower())[:4])
        begun[start] += 1
        if begun[start] <= BEGIN_ALIKE:
            yield text


def passage(rng: random.Random, sentences: list[str]) -> str:
    """Two to five sentences that stand near one another."""
    count = rng.randint(2, 5)
    start = rng.randrange(len(sentences) - count)
    return " ".join(sentences[start : start + count])


def command(g: Grammar) -> str:
    """One spoken command."""
    domain = g.rng.choices(list(commands.SHARES), list(commands.SHARES.values()))[0]
    text = g.say(g.rng.choice(commands.DOMAINS[domain]))
    draw = g.rng.random()
    if draw < 0.16:
        text = f"{g.rng.choice(commands.BEFORE)} {text}"
    elif draw < 0.26:
        text = f"{text} {g.rng.choice(commands.AFTER)}"
    draw = g.rng.random()
    return transcript(text) if draw < VOICED else text if draw < 0.75 else text[:1].upper() + text[1:] + g.rng.choice(["", "."])


def search(g: Grammar) -> str:
    """One fact as it is typed into a search box, now and then as a full question."""
    text = g.say(g.rng.choice(facts.SEARCHES))
    return transcript(text) if g.rng.random() < 0.75 else text[:1].upper() + text[1:] + ("?" if text.split()[0] in ("who", "what", "when", "where", "how", "which", "is") else "")


def task(label: str) -> Callable[[Grammar], str]:
    """A task of one label; line breaks are kept."""

    def made(g: Grammar) -> str:
        text = g.expand(g.rng.choice(facts.ASKED[label])).strip()
        return text[:1].lower() + text[1:] if g.rng.random() < 0.2 else text

    return made


def candidates(seed: int, wanted: dict[str, int]) -> Iterator[tuple[str, str, Iterator[str]]]:
    """(name, label, texts) of every source; each has a stream of random numbers of its own, so that none moves another."""
    picked: dict[str, list[str]] = {"action": [], "chitchat": []}
    for text, label in dialogue.requests():
        picked[label].append(text)
    for label, texts in picked.items():
        rng = random.Random(f"{seed}:{label}")
        rng.shuffle(texts)
        yield f"dialogue:{label}", label, iter([transcript(t) if rng.random() < 0.5 else t for t in spread(texts)])
    sentences = openings()
    pools: dict[str, Pool] = {**facts.POOLS, "text": lambda g: g.rng.choice(sentences), "passage": lambda g: passage(g.rng, sentences)}
    grammars: list[tuple[str, str, Callable[[Grammar], str], dict[str, Pool]]] = [("commands", "action", command, commands.POOLS), ("searches", "factual", search, facts.POOLS), ("puzzles", "analytical", lambda g: puzzles.posed(g.rng), {})]
    grammars += [(label, label, task(label), pools) for label in TASKS]
    for name, label, make, own in grammars:
        g = Grammar(own, random.Random(f"{seed}:{name}"))
        yield name, label, (make(g) for _ in range(TRIES * wanted[name]))


def generate(seed: int, count: int) -> list[Row]:
    """About `count` rows with the columns text, label, task, source, split, lang."""
    wanted = {name: round(share * count) for name, share in SHARES.items()}
    known, kept = Known(), Counter[str]()
    rows: list[Row] = []
    for name, label, texts in candidates(seed, wanted):
        source = dialogue.SOURCE + ":requests" if name.startswith("dialogue") else f"own:intents-{name}"
        made = ({"text": t, "label": label, "task": "intent", "source": source, "split": "train", "lang": "en"} for t in texts)
        for row in known.fresh(made, picked=name.startswith("dialogue") or name in TASKS):
            rows.append(row)
            kept[name] += 1
            if kept[name] == wanted[name]:
                break
    return rows


def main() -> None:
    out = Path(sys.argv[1])
    rows = generate(int(sys.argv[3]) if len(sys.argv) > 3 else 1, int(sys.argv[2]) if len(sys.argv) > 2 else 12_000)
    write_rows(out, rows)
    print_counts(rows, ["label", "source"])


if __name__ == "__main__":
    main()
