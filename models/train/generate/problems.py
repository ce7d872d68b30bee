"""Writes training rows for the domain head: exercises and exam questions of the 14 subjects, all composed by us.

Each module problem_*.py holds the frames, passages and words of one subject: `q || o` is a question with the template
its options are drawn from, `#` parts the sentences of a passage. What stands around a question is the same for all.
Usage: python -m generate.problems OUT.jsonl.gz [ROWS] [SEED]
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Callable, Iterator, Sequence

from generate import (
    problem_biology, problem_business, problem_chemistry, problem_computing, problem_economics, problem_engineering, problem_health,
    problem_history, problem_law, problem_math, problem_other, problem_philosophy, problem_physics, problem_psychology, problem_words,
)
from generate.grammar import Grammar, Row, print_counts, write_rows
from generate.terms import capital, listed

# label -> its module and its share of the rows
SUBJECTS: dict[str, tuple[ModuleType, float]] = {
    "physics": (problem_physics, 0.14), "law": (problem_law, 0.14), "other": (problem_other, 0.11), "history": (problem_history, 0.08),
    "biology": (problem_biology, 0.07), "philosophy": (problem_philosophy, 0.07), "math": (problem_math, 0.09), "chemistry": (problem_chemistry, 0.04),
    "engineering": (problem_engineering, 0.05), "economics": (problem_economics, 0.04), "business": (problem_business, 0.045),
    "computer science": (problem_computing, 0.04), "health": (problem_health, 0.04), "psychology": (problem_psychology, 0.045),
}

PROSE = 0.16  # of the rows are passages
OPTIONS = 0.45  # of the questions that can have options have them
IN_LINE = 0.12  # of the options stand in the line of the question
WRAPPED = 0.15  # of the questions stand in the words of somebody who asks
HOMEWORK = 0.03  # of them name the subject
LOWER = 0.10  # of the rows are typed in lower case
UNMARKED = 0.08  # of the rows lack their last mark
SHORTEST, LONGEST = 12, 1200
ROUNDS = 12  # tries for each wanted row


class Whole(Grammar):
    """A grammar that keeps nothing of its pools back: no row is marked dev."""

    def share(self, pool: Sequence[str]) -> Sequence[str]:
        return pool


def neat(text: str) -> str:
    """Closes gaps and sets a/an, but leaves units, blood types and option letters called A alone."""
    text = re.sub(r" +([,.!?;:])(?=\s|$)", r"\1", re.sub(r"(?<=\S) {2,}", " ", text))
    text = re.sub(r"((?<![\w,(] )\bA|\ba) (?=[aeio](?!ne\b|nce\b|u)[a-z]|ou|au|u(?!ni|s[eu]|k|t[ei])[a-z]|[AEIO](?!u|ne)[a-z]{2}|8|1[18]\b)", r"\1n ", text)
    text = re.sub(r"\b([Aa])n (?=[bcdfgjklmnpqrstvwyz])", r"\1 ", text)
    return re.sub(r"(?<!\.)([.?!])\.(?=\s|$)", r"\1", text).strip()


def passage(g: Grammar, templates: Sequence[str]) -> str:
    """Some neighbouring sentences of one passage."""
    sentences = g.rng.choice(templates).split(" # ")
    count = min(len(sentences), g.rng.choice([1, 2, 2, 3, 4]))
    start = g.rng.randrange(len(sentences) - count + 1)
    text = " ".join(capital(g.expand(sentence)) for sentence in sentences[start : start + count])
    return g.expand(g.rng.choice(problem_words.OF_PROSE)) + text if g.rng.random() < 0.06 else text


def options_of(g: Grammar, template: str) -> list[str]:
    """Different options of one template, as many as it can give; none where it gives fewer than two."""
    wanted = g.rng.choice([4, 4, 4, 4, 5, 5, 3, 8, 10])
    found: dict[str, str] = {}
    for _ in range(wanted * 4):
        option = g.expand(f"[{template}]").strip()
        found.setdefault(option.lower(), option)
        if len(found) == wanted:
            break
    options = list(found.values())
    return (options if g.rng.random() < 0.5 else [capital(option) for option in options]) if len(options) > 1 else []


def question(g: Grammar, frame: str, course: Sequence[str]) -> str:
    """A question, with options where its frame has some, in somebody's words now and then."""
    asked, _, template = frame.partition(" || ")
    text = capital(neat(g.expand(asked)))
    open_ended = bool(template) and text[-1].isalnum()  # such a sentence is completed by an option
    options = options_of(g, template) if template and (open_ended or g.rng.random() < OPTIONS) else []
    if g.rng.random() < HOMEWORK:
        g.pools["course"] = course
        text = g.expand(g.rng.choice(problem_words.HOMEWORK)) + text
    elif g.rng.random() < WRAPPED:
        text = g.expand(g.rng.choice(problem_words.BEFORE)) + text
    if options:
        if open_ended:
            text += g.rng.choice(["", ":", " ____.", "..."])
        text += listed(options, g.rng, IN_LINE)
    elif g.rng.random() < WRAPPED / 2:
        text += g.expand(g.rng.choice(problem_words.AFTER))
    return text


def texts(g: Grammar, module: ModuleType) -> Iterator[str]:
    """Texts of one subject without end; every frame has its turn before one comes again."""
    while True:
        for frame in g.rng.sample(module.FRAMES, len(module.FRAMES)):
            g.forget()
            text = neat(passage(g, module.PROSE) if g.rng.random() < PROSE else question(g, frame, module.COURSE))
            if g.rng.random() < LOWER:
                text = text.lower()
            yield text[:-1].rstrip() if g.rng.random() < UNMARKED and text[-1] in ".?:" else text


def generate(seed: int, count: int, refused: Callable[[str], bool] = lambda text: False) -> list[Row]:
    """About count rows with the columns text, label, source, split, shuffled; the same seed gives the same rows.
    `refused`: texts that must not be learned from, since they repeat a question that is reported on."""
    rows: list[Row] = []
    for label, (module, share) in SUBJECTS.items():
        g = Whole({**problem_words.SHARED, **module.POOLS}, random.Random(f"{seed}:{label}"))
        wanted, seen = round(count * share), set[str]()
        source = f"own:problems-{label.replace(' ', '-')}"
        for tries, text in enumerate(texts(g, module)):
            if len(seen) == wanted or tries == wanted * ROUNDS:
                break
            if SHORTEST <= len(text) <= LONGEST and text.lower() not in seen and not refused(text):
                seen.add(text.lower())
                rows.append({"text": text, "label": label, "source": source, "split": "train"})
    random.Random(seed).shuffle(rows)
    return rows


def main() -> None:
    path = Path(sys.argv[1])
    rows = generate(int(sys.argv[3]) if len(sys.argv) > 3 else 1, int(sys.argv[2]) if len(sys.argv) > 2 else 10_000)
    print(f"{path}: {write_rows(path, rows)} rows", flush=True)
    print_counts(rows, ["label"])


if __name__ == "__main__":
    main()
