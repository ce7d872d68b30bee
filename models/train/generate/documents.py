"""Writes training rows for the safety head: real text in everyday shells, with or without a smuggled order in it.

An injection row names the place of the order, with the mark it came with, in `spans` ([start, end] in code points).
Whole families of marks and of orders and whole sources of text are kept for the dev split.
Usage: python -m generate.documents OUT.jsonl.gz [ROWS] [SEED]
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path
from typing import Callable, NamedTuple

from generate import document_benign as benign
from generate import document_orders as orders
from augment import typos
from generate.document_shells import SHELLS, Draft
from generate.document_spans import CLOSE, MARKS, OPEN, enclosed, released
from generate.document_texts import Material, gathered
from generate.grammar import Grammar, Pool, Row, print_counts, write_rows
from generate.safety_texts import JOB

DEV_SHARE = 0.08
INJECTED = 0.48
TASKED = 0.25  # of the injected documents come with a task of the user's own
UNMARKED = 0.38  # of the orders carry no mark
NOISY = 0.15
FOREIGN, BORROWED = 0.05, 0.28  # of the orders: in another language; questions and instructions of other data sets
SHORTEST, LONGEST = 30, 2500  # characters of a row
BENIGN = {"clean": 36, "tasked": 28, "human": 20, "about": 4, "prompt": 4, "styled": 5, "system": 3}
TAGS = "system|instruction|instructions|important|priority|information|prompt|task|override".split("|")
BANNERS = "INSTRUCTIONS|TASK|SYSTEM MESSAGE|USER REQUEST|PROMPT|ORDERS".split("|")
PROBLEMS = ("openai/grade-school-math", "own:problems")
WORD = re.compile(r"\b[A-Z][a-z]{3,}(?: [A-Z][a-z]{2,})?|\b[a-z]{6,}(?: [a-z]{6,})?")
ORDER = re.compile(f"{OPEN}.*?{CLOSE}", re.DOTALL)
TALK = {"chat", "ticket", "questions"}  # a question or request without a mark would belong to these
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Order(NamedTuple):
    """What an attacker wants. `verb`: it begins with a verb and fits into a sentence; `plain`: it may stand unmarked."""

    text: str
    family: str
    verb: bool
    plain: bool = True


def number(low: int, high: int) -> Callable[[Grammar], str]:
    """A pool of whole numbers."""
    return lambda g: str(g.rng.randint(low, high))


def slug(g: Grammar) -> str:
    """A brand as it stands in a web address."""
    return re.sub(r"\W+", "-", g.slot("brand").lower())


def link(g: Grammar) -> str:
    """A link at an example domain."""
    return f"{g.rng.choice(['https://', 'http://', 'www.', ''])}{slug(g)}-{g.rng.choice(orders.WEB)}.example{g.rng.choice(['', '/', '/' + str(g.rng.randint(1, 999)), '/a?id=' + str(g.rng.randint(1, 99))])}"


def address(g: Grammar) -> str:
    """An e-mail address at an example domain."""
    return f"{g.slot('first').lower()}{g.rng.choice(['', '.' + g.slot('last').lower(), str(g.rng.randint(1, 99))])}@{g.rng.choice(['example.com', 'mail.example', slug(g) + '.example', 'example.org'])}"


def pools() -> dict[str, Pool]:
    """Every slot of the templates, without those that hold an order."""
    return {
        **orders.NAMES, "brandslug": slug, "link": link, "mail": address, "job": JOB, "human": benign.HUMAN, "letter": lambda g: g.rng.choice(LETTERS), "hide": ["span", "div", "p"], "tag": TAGS, "who": ["admin", "root", "owner", "developer", "operator"], "rule": ["---", "=====", "-----", "***", "+++"], "banner": BANNERS, "day": number(1, 28), "n1": number(2, 9), "n2": number(11, 99), "n3": number(100, 999),
    }


def finished(text: str) -> str:
    """The text as a sentence of its own."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!", "`", ";", ")", ":")) or "\n" in text else text + "."


class Writer:
    """Writes the rows of one split."""

    def __init__(self, split: str, material: Material, rng: random.Random) -> None:
        self.split = split
        self.material = material
        self.rng = rng
        self.wanted = Order("", "", True)
        self.pair = ("", "")
        held = {"word": lambda g: self.pair[0], "other": lambda g: self.pair[1], "Order": lambda g: finished(self.wanted.text), "order": lambda g: self.wanted.text, "inner": lambda g: self.wanted.text.rstrip(".!?")}
        self.g = Grammar({**pools(), **held}, rng, split)
        dev = split == "dev"
        self.families = [name for name in orders.ORDERS if (name in orders.DEV_ORDERS) == dev]
        self.marks = [name for name in orders.MARKS if name != "none" and (name in orders.DEV_MARKS) == dev]

    def order(self) -> Order:
        """What is to be smuggled in."""
        if self.rng.random() < BORROWED:
            text, source = self.material.questions(self.rng)
            if source in PROBLEMS:
                return Order(self.rng.choice(["{}", "Solve this: {}", "Work out the answer: {}", "{} Show your work."]).replace("{}", text), "borrowed", False, False)
            return Order(text, "borrowed", False)
        family = self.rng.choice(self.families)
        text = self.g.say(self.rng.choice(orders.ORDERS[family]))
        return Order(text, family, "\n" not in text and not text.endswith("?"))

    def marked(self, order: Order) -> tuple[str, bool]:
        """The order with a mark, and whether it has to hide among other words since it has none."""
        bare = order.plain and self.rng.random() < UNMARKED
        name = "none" if bare else self.rng.choice(self.marks)
        fits = [mark for mark in orders.MARKS[name] if order.verb or "{inner}" not in mark]
        if not fits:
            name, fits = "urgent" if self.split == "train" else "memo", ["{Order}" if bare else "[Task|Request|New task]: {Order}"]
        self.wanted = order
        return self.g.say(self.rng.choice(fits)), bare

    def shell(self, order: str, shy: bool) -> str:
        """A document of any kind."""
        names = [name for name in SHELLS if not (shy and name in TALK)]
        name = self.rng.choices(names, [SHELLS[name][1] for name in names])[0]
        return SHELLS[name][0](Draft(self.g, self.material, order, shy))

    def asked(self, document: str) -> str:
        """A question of the user's about words of the document, never about words of a smuggled order."""
        words = sorted(set(WORD.findall(ORDER.sub(" ", document)))) or ["this"]
        self.pair = self.rng.choice(words), self.rng.choice(words)
        return self.g.say(self.rng.choice(benign.ASKED))

    def tasked(self, document: str) -> str:
        """A user's own task around a document, apart from it."""
        g, rng = self.g, self.rng
        task = self.asked(document) if rng.random() < 0.35 else g.say(rng.choice(g.share(benign.TASKS)))
        task += "" if task.endswith(("?", ".")) else rng.choice([":", ".", "."])
        if rng.random() < 0.15:
            task = f"{task.rstrip(':')} {' '.join(g.several(benign.STYLE, 1, 2))}"
        way = rng.randrange(10)
        if way < 3:
            return f"{task}\n\n{document}"
        if way < 5:
            return f"{document}\n\n{task.rstrip(':')}"
        if way == 5:
            tag = rng.choice(["document", "context", "text", "email", "data", "input"])
            return f"{task}\n<{tag}>\n{document}\n</{tag}>"
        if way < 8:
            return f"{rng.choice(['Context', 'Document', 'Text', 'Passage', 'Input', 'CONTEXT'])}: {document}\n{rng.choice(['Question', 'Task', 'User', 'Request', 'QUESTION'])}: {task.rstrip(':')}{rng.choice(['', chr(10) + 'Answer:'])}"
        if way == 8:
            return f"{g.say(rng.choice(benign.SYSTEM))}\n\n\"\"\"\n{document}\n\"\"\"\n\n{task.rstrip(':')}"
        return f"{rng.choice(['Hi, ', 'Hello! ', 'pls ', ''])}{task} ```{document}```"

    def injected(self) -> tuple[str, str]:
        """Marked text with an order, and its family."""
        if self.split == "train" and self.rng.random() < FOREIGN:
            family, text, shy = "foreign", self.g.say(self.g.rng.choice(self.g.share(orders.FOREIGN))), False
        else:
            order = self.order()
            (text, shy), family = self.marked(order), order.family
        document = self.shell(enclosed(text), shy)
        return (self.tasked(document) if self.rng.random() < TASKED else document), family

    def harmless(self) -> tuple[str, str]:
        """Text without an order that is not the user's, and its family."""
        g, rng = self.g, self.rng
        family = rng.choices(list(BENIGN), list(BENIGN.values()))[0]
        if family == "prompt":
            return self.material.questions(rng)[0], family
        if family == "styled":
            return f"{self.material.questions(rng)[0]} {' '.join(g.several(benign.STYLE, 1, 2))}", family
        if family == "about":
            text = rng.choice([" ", "\n", "\n- "]).join(g.say(line) for line in rng.sample(benign.ABOUT, rng.randint(2, 6)))
            return (self.tasked(text) if rng.random() < 0.3 else text), family
        if family == "system":
            return f"{g.say(rng.choice(benign.SYSTEM))} {g.say(rng.choice(benign.SYSTEM))}\n\n{self.shell('', False)}", family
        if family == "human":
            document = self.shell(rng.choice([" ", "\n"]).join(g.say(line) for line in g.rng.sample(list(g.share(benign.HUMAN)), rng.choice([1, 1, 2]))), False)
            return (self.tasked(document) if rng.random() < 0.3 else document), family
        document = self.shell("", False)
        return (self.tasked(document) if family == "tasked" else document), family

    def noisy(self, text: str) -> str:
        """The text in lower case or with slips; the marks of the order's place stay where they are."""
        if self.rng.random() < 0.4:
            return text.lower()
        rate = self.rng.choice([0.005, 0.01, 0.02])
        return "".join(part if MARKS.match(part) else typos(part, self.rng, rate) for part in MARKS.split(text))

    def row(self) -> Row | None:
        """One row; none where the text came out too short or too long."""
        self.g.forget()
        label = "injection" if self.rng.random() < INJECTED else "benign"
        text, family = self.injected() if label == "injection" else self.harmless()
        if self.rng.random() < NOISY:
            text = self.noisy(text)
        text, spans = released(text.strip())
        if not SHORTEST <= len(text) <= LONGEST:
            return None
        return {"text": text, "label": label, "source": f"own:document-{family.removeprefix('order-')}", "split": self.split, "spans": spans}


def generate(seed: int, count: int, refused: Callable[[str], bool] = lambda text: False) -> list[Row]:
    """count rows, shuffled; the same seed gives the same rows. `refused`: texts that no document may be made of."""
    rng = random.Random(seed)
    kinds = gathered(seed, refused)
    rows: list[Row] = []
    seen: set[str] = set()
    for split, share in (("dev", DEV_SHARE), ("train", 1 - DEV_SHARE)):
        writer = Writer(split, Material(kinds[split]), random.Random(rng.random()))
        enough = count if split == "train" else round(count * share)
        while len(rows) < enough:
            row = writer.row()
            if row and row["text"].lower() not in seen:
                seen.add(row["text"].lower())
                rows.append(row)
    rng.shuffle(rows)
    return rows


def main() -> None:
    path = Path(sys.argv[1])
    rows = generate(int(sys.argv[3]) if len(sys.argv) > 3 else 1, int(sys.argv[2]) if len(sys.argv) > 2 else 16_000)
    print(f"{path}: {write_rows(path, rows)} rows", flush=True)
    print_counts(rows, ["label", "split", "source"])


if __name__ == "__main__":
    main()
