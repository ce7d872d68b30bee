"""Puzzles of the generators of reasoning-gym, put into other words and other orders, some with options."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Iterator

VERSION = "0.1.25"
SHARE = 22  # of one generator
LONGEST = 1300
# computer programs, images, a search that may not end, texts of thousands of letters, and what has relatives in held-out or outcome data
LEFT_OUT = {"composite", "codeio", "bf", "aiw", "gsm_symbolic", "figlet_font", "emoji_mystery", "rectangle_count", "boxnet", "arc_agi", "rearc", "arc_1d", "needle_haystack", "word_sorting", "basic_arithmetic", "knight_swap",
            "string_synthesis", "string_splitting", "modulo_grid", "rotten_oranges", "rubiks_cube", "palindrome_generation", "sokoban"}
BEFORE = ["Work this out.", "Here is a puzzle.", "Solve the following.", "Take your time with this one.", "A riddle for you:", "Reason carefully and answer.", "I'm stuck on this, what is the answer?", "Problem:", "Exercise 7.", "Question:", "Quick logic check.",
          "Think step by step.", "Please figure this out:", "From my puzzle calendar:", "Can you get this one?", "My solution differs from my friend's. Who is right? The task:", "Test item", "You are good at logic, so:", "Let's see how you do here.", "Find the solution and explain it."]
AFTER = ["Explain your reasoning.", "Show the steps, then give the answer.", "Think it through before you answer.", "Answer only, no explanation.", "Justify your answer briefly.", "What is the answer?", "Walk me through it.", "Think step by step.",
         "Write the final result on the last line.", "Which is it, and why?", "Check your answer.", "Keep the reasoning short.", "How did you get there?", "Be careful, it is easy to get wrong.", "Reply with the answer and one sentence of reasoning."]
STYLES = [("(A) ", "(B) ", "(C) ", "(D) "), ("a) ", "b) ", "c) ", "d) "), ("A. ", "B. ", "C. ", "D. "), ("1) ", "2) ", "3) ", "4) "), ("- ", "- ", "- ", "- ")]
HEADS = ["Options:", "Choices:", "Choose one.", "Pick the right one:", "Possible answers:", "", "Which of these?"]


def generated(name: str, count: int) -> list[tuple[str, str]]:
    """Questions and answers of one generator."""
    import reasoning_gym  # needed by this collector alone

    random.seed(4)  # a few generators draw from the shared stream besides their own
    items = reasoning_gym.create_dataset(name, size=count, seed=4)
    return [(re.sub(r"\n(\s*\n)+", "\n\n", items[i]["question"]).strip(), str(items[i]["answer"])) for i in range(len(items))]


def fixed_lines(questions: list[str]) -> set[str]:
    """The lines that most questions of a generator share: its instructions."""
    counts = Counter(line for q in questions for line in set(q.split("\n")) if line.strip())
    return {line for line, n in counts.items() if n > 0.8 * len(questions)}


def reordered(rng: random.Random, question: str, fixed: set[str]) -> str:
    """The instructions after the case, or with some of their sentences left out, or as they are."""
    lines = question.split("\n")
    case = "\n".join(line for line in lines if line not in fixed).strip()
    rules = [line for line in lines if line in fixed and line.strip()]
    if not rules or not case or rng.random() < 0.3:
        return question
    if rng.random() < 0.5:
        rules = rules[: max(1, len(rules) // 2)]
    order = [case, "\n".join(rules)] if rng.random() < 0.6 else ["\n".join(rules), case]
    return rng.choice(["\n", "\n\n"]).join(order)


def options(rng: random.Random, answer: str, others: list[str]) -> str:
    """Four answers to choose from, or nothing where the answers are long or too few."""
    pool = sorted({a for a in others if a not in (answer, "None") and len(a) < 60 and "\n" not in a})
    if len(pool) < 3 or answer == "None" or len(answer) >= 60 or "\n" in answer:
        return ""
    listed = [answer, *rng.sample(pool, 3)]
    rng.shuffle(listed)
    style = rng.choice(STYLES)
    return "\n".join([line for line in [rng.choice(HEADS)] if line] + [mark + text for mark, text in zip(style, listed)])


def reworded(rng: random.Random, question: str, fixed: set[str], answer: str, others: list[str]) -> str:
    """A question in another dress."""
    text = reordered(rng, question, fixed)
    draw = rng.random()
    if draw < 0.3:
        text = rng.choice(BEFORE) + rng.choice([" ", "\n", "\n\n"]) + text
    elif draw < 0.6:
        text += rng.choice(["\n", "\n\n", " "]) + rng.choice(AFTER)
    choice = options(rng, answer, others) if rng.random() < 0.35 else ""
    return f"{text}\n{choice}" if choice else text


def puzzles(rng: random.Random) -> Iterator[str]:
    """Up to SHARE puzzles of each generator."""
    from reasoning_gym.factory import DATASETS  # needed by this collector alone

    for name in sorted(set(DATASETS) - LEFT_OUT):
        items = [(q, a) for q, a in generated(name, 3 * SHARE) if len(q) <= LONGEST]
        fixed = fixed_lines([q for q, _ in items])
        answers = [a for _, a in items]
        for question, answer in items[:SHARE]:
            yield reworded(rng, question, fixed, answer, answers)
