"""Writes training rows for the domain head: prompts about terms of WordNet, for words that no question source holds.

Terms, glosses and labels come from data/registry/wordnet_topics.jsonl.gz (collect/wordnet.py made it); the sentences
around them are ours. A term with meanings in several areas never stands without its gloss.
Usage: python -m generate.terms OUT.jsonl.gz [ROWS] [SEED]
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Callable, NamedTuple

from folds import DATA, read_rows
from generate.grammar import Grammar, Row, print_counts, write_rows

TERMS = DATA / "registry" / "wordnet_topics.jsonl.gz"
SOURCE = "wordnet:terms"
MAX_CHARS = 1200
USES = 3  # times one term may be asked about
ROUNDS = 20  # tries for each wanted row
LOWER = 0.12  # of the rows are typed in lower case
UNMARKED = 0.12  # of the rows lack their last mark


class Term(NamedTuple):
    """A term of one area. `kind`: what it is a kind or an instance of; `sort`: person, event, place or thing;
    `alone`: the term can mean nothing in another area."""

    term: str
    gloss: str
    label: str
    kind: str
    sort: str
    alone: bool


class Shelf:
    """The terms of one area, to draw from and to take wrong options from."""

    def __init__(self, terms: list[Term]) -> None:
        self.terms = terms
        self.alone = [term for term in terms if term.alone]
        self.by_kind: dict[str, list[Term]] = defaultdict(list)
        self.by_sort: dict[str, list[Term]] = defaultdict(list)
        for term in terms:
            self.by_kind[term.kind].append(term)
            self.by_sort[term.sort].append(term)
        kinds = [[term for term in terms if term.alone] for terms in self.by_kind.values()]
        self.pairs = [terms for terms in kinds if len({term.term for term in terms}) > 1]
        self.used: Counter[str] = Counter()

    def draw(self, rng: random.Random, terms: list[Term]) -> Term:
        """The less used of two."""
        return min(rng.choice(terms), rng.choice(terms), key=lambda term: self.used[term.term])

    def others(self, rng: random.Random, term: Term, count: int) -> list[Term]:
        """Different terms to confuse it with: of its kind where there are enough, else of its sort."""
        for pool in (self.by_kind[term.kind], self.by_sort[term.sort], self.terms):
            found = {other.term: other for other in pool if other.term != term.term and other.gloss != term.gloss}
            if len(found) >= count:
                return rng.sample(list(found.values()), count)
        raise ValueError("an area with too few terms")


ABOUT_THING = [
    "What is {a}?", "What[ exactly|] is meant by [the term |]{quoted}?", "Define {t}.", "What does {quoted} mean?", "Can you explain {t} [to a beginner|in simple terms|in two sentences|to me like I'm twelve]?",
    "Explain {t}[ briefly| with an example| in your own words|].", "[Tell me about|Describe|Summarise what is known about|Give me an overview of] {t}.", "Why is {t} [important|relevant|useful to know about]?",
    "[Write a short note on|I need a paragraph about|List three facts about] {t}.", "{t}[ definition| meaning| explained| examples|: what is it?]", "I keep reading about {t}. [What is it?|What should I know?|How would you explain it?]",
    "What [kind of thing|sort of {k}] is {a}?", "How does {t} [differ from other kinds of {k}|relate to {k}]?",
]
ABOUT_PERSON = [
    "Who [was|is] {t}?", "What [was|is] {t} [best |]known for?", "[Write a short biography of|Tell me about|Summarise the life of] {t}.", "Why is {t} remembered?", "What did {t} [do|achieve|contribute]?",
    "When [did {t} live|was {t} born]?", "{t} [biography|life and work|short summary]", "How did {t} become [famous|influential]?", "What should I read to learn about {t}?",
]
ABOUT_EVENT = [
    "What happened [at|in|during] [the |]{t}?", "When [did|was] {t}[ take place|]?", "What [caused|led to] {t}?", "Who [won|fought in|took part in] {t}?", "[Explain|Summarise|What were] the [causes|consequences|outcome] of {t}[.|?]",
    "Why [was|is] {t} [important|a turning point|remembered]?",
]
ABOUT_PLACE = [
    "Where is {t}?", "What is {t} [known for|famous for]?", "Tell me about {t}.", "[Give me|List] [three|five] facts about {t}.", "What [kind of {k}|] is {t}?", "How [far away|big|old] is {t}?",
]
ABOUT = {"thing": ABOUT_THING, "person": ABOUT_PERSON, "event": ABOUT_EVENT, "place": ABOUT_PLACE}

FROM_GLOSS = [
    "[Which term|What term|Which word] [means|describes|is used for] \"{g}\"?", "{G} is called ____.", "{G} is [called|known as|referred to as]:", "[What is the name for|What do we call|What's the word for] {g}?", "Name this: {g}.", "{G}.", "{G}",
    "[Fill in the blank|Complete the sentence|Complete]: {g} is known as ______.", "I forgot the [word|name]: {g}. [What is it called?|What is it?|Help me remember.]", "[Which|What] {k} is [described as|meant by] \"{g}\"?",
    "[Trivia|Quiz question|Question]: {g}. [What is it?|Name it.|Which is it?]", "Clue: {g}. Answer?", "Identify the {k}: {g}.",
]
PERSON_GLOSS = ["[Who|Which {k}] [was|is] this: {g}?", "Name the {k}: {g}.", "{G}. Who [was|is] [it|this|described here]?", "[Quiz|Trivia]: {g}. Who am I?", "Which {k} fits this description: {g}?", "{G}."]
BOTH = [
    "{T}: {g}. [Explain further.|Is that right?|Give an example.|Rephrase this in plain words.|]", "True or false: {t} [is|means] {g}.", "A [text|textbook|glossary] [says|gives] \"{t}: {g}\". [What does that mean?|Explain it.|Why does it matter?]",
    "Explain {t} ({g}).", "Is it correct that {t} is {g}?", "What is {t}, in the sense of {g}?", "{T} - {g}", "Write a [flashcard|quiz question|sentence|example] for {t} ({g}).", "Give another definition of {t} than \"{g}\".",
]
PAIR = ["What is the difference between {t} and {u}?", "Compare {t} [and|with] {u}.", "{t} vs {u}", "How [are {t} and {u} related|do {t} and {u} differ|does {t} compare with {u}]?", "What do {t} and {u} have in common?", "Distinguish {t} from {u}[ with examples|]."]
MANY = ["Explain these terms: {l}.", "[Write a paragraph|Make up an exam question|Write a summary] that uses [the terms |]{l}.", "How are {l} connected?", "Define each: {l}.", "Glossary needed for: {l}.", "Key words: {l}"]
ASK_OPTION = [
    "[Which|Which one] of [these|the following] [is|means] {g}?", "{G} is [called|known as]:", "Which term [fits|matches] this definition: {g}?", "{G}. [Which of these is meant?|This is known as:|Choose the right term.]", "[Select|Pick] the {k} that is described: {g}.",
]
ASK_GLOSS = ["[Which|Which one] of [these|the following] [best |]describes {t}?", "{T} is:", "What is {t}?", "Choose the [best|correct] definition of {t}[:|.]", "{T} [refers to|can be described as]"]
MARKS = ["ABCDEFGHIJ{}. ", "ABCDEFGHIJ{}) ", "abcdefghij({}) ", "1234567890{}. ", "ABCDEFGHIJ({}) "]


def with_article(term: Term) -> str:
    """The term with an article where its gloss says that it can be counted."""
    if term.term[0].isupper() or not re.match(r"(an?|any of|one of) ", term.gloss):
        return term.term
    return ("an " if term.term[0] in "aeiou" else "a ") + term.term


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def fill(template: str, rng: random.Random, **values: str) -> str:
    """A template said with these values; what is put in is never read as a template."""
    pools = {name: (lambda _, value=value: value) for name, value in values.items()}
    return Grammar({**pools, **{name.upper(): (lambda _, value=value: capital(value)) for name, value in values.items()}}, rng).say(template)


def said(template: str, term: Term, rng: random.Random) -> str:
    gloss = term.gloss.split(";")[0] if rng.random() < 0.4 else term.gloss
    quoted = rng.choice(['"{}"', "'{}'", "{}"]).format(term.term)
    return fill(template, rng, t=term.term, a=with_article(term), g=gloss, k=term.kind or "thing", quoted=quoted)


def listed(options: list[str], rng: random.Random, in_line: float = 0.0) -> str:
    """Options under marks of one style, or in one line where they may be."""
    if rng.random() < in_line:
        return " " + ", ".join(options[:-1]) + " or " + options[-1] + "?"
    style = rng.choice(MARKS)
    return "\n" + "\n".join(style[10:].format(style[i]) + option for i, option in enumerate(options))


def about(shelf: Shelf, rng: random.Random) -> tuple[Term, str]:
    """The bare term."""
    term = shelf.draw(rng, shelf.alone)
    return term, said(rng.choice(ABOUT[term.sort]), term, rng)


def from_gloss(shelf: Shelf, rng: random.Random) -> tuple[Term, str]:
    """The gloss without the term."""
    term = shelf.draw(rng, shelf.terms)
    return term, said(rng.choice(PERSON_GLOSS if term.sort == "person" else FROM_GLOSS), term, rng)


def both(shelf: Shelf, rng: random.Random) -> tuple[Term, str]:
    """Term and gloss."""
    term = shelf.draw(rng, shelf.terms)
    return term, said(rng.choice(BOTH), term, rng)


def pair(shelf: Shelf, rng: random.Random) -> tuple[Term, str]:
    """Two terms of one kind, compared."""
    term, other = rng.sample(rng.choice(shelf.pairs), 2)
    return term, fill(rng.choice(PAIR), rng, t=term.term, u=other.term)


def many(shelf: Shelf, rng: random.Random) -> tuple[Term, str]:
    """Three to six terms."""
    terms = rng.sample(shelf.alone, rng.randint(3, 6))
    return terms[0], fill(rng.choice(MANY), rng, l=", ".join(term.term for term in terms))


def choose_term(shelf: Shelf, rng: random.Random) -> tuple[Term, str]:
    """The gloss, and terms to choose from."""
    term = shelf.draw(rng, shelf.terms)
    options = [term, *shelf.others(rng, term, rng.randint(2, 5))]
    rng.shuffle(options)
    return term, said(rng.choice(ASK_OPTION), term, rng) + listed([option.term for option in options], rng, 0.15)


def choose_gloss(shelf: Shelf, rng: random.Random) -> tuple[Term, str]:
    """The term, and glosses to choose from."""
    term = shelf.draw(rng, shelf.terms)
    options = [term, *shelf.others(rng, term, rng.randint(2, 3))]
    rng.shuffle(options)
    return term, said(rng.choice(ASK_GLOSS), term, rng) + listed([option.gloss for option in options], rng)


def matched(shelf: Shelf, rng: random.Random) -> tuple[Term, str]:
    """Terms to be matched with glosses."""
    terms = rng.sample(shelf.terms, 3)
    glosses = rng.sample([term.gloss for term in terms], 3)
    start = rng.choice(["Match each term with its definition.", "Match the terms to the meanings:", "Which definition belongs to which term?"])
    return terms[0], start + "\n" + "\n".join(f"{i + 1}. {term.term}" for i, term in enumerate(terms)) + listed(glosses, rng)


FORMS: list[tuple[Callable[[Shelf, random.Random], tuple[Term, str]], float]] = [
    (about, 0.24), (from_gloss, 0.26), (both, 0.14), (pair, 0.06), (many, 0.06), (choose_term, 0.14), (choose_gloss, 0.07), (matched, 0.03),
]


def read_terms() -> dict[str, Shelf]:
    """Label -> its terms."""
    by_label: dict[str, list[Term]] = defaultdict(list)
    for row in read_rows(TERMS):
        term = Term(**row)
        by_label[term.label].append(term)
    return {label: Shelf(terms) for label, terms in sorted(by_label.items())}


def typed(text: str, rng: random.Random) -> str:
    """As people type it: now and then in lower case or without the last mark."""
    text = text[:MAX_CHARS]
    if rng.random() < LOWER:
        text = text.lower()
    return text.rstrip(".?") if rng.random() < UNMARKED else text


def rows_of(label: str, shelf: Shelf, count: int, rng: random.Random) -> list[Row]:
    """Up to count different rows of one area."""
    rows: dict[str, Row] = {}
    for _ in range(count * ROUNDS):
        if len(rows) == count:
            break
        form = rng.choices([form for form, _ in FORMS], [share for _, share in FORMS])[0]
        term, text = form(shelf, rng)
        text = typed(text, rng)
        if shelf.used[term.term] >= USES or text.lower() in rows:
            continue
        shelf.used[term.term] += 1
        rows[text.lower()] = {"text": text, "label": label, "source": SOURCE, "split": "train"}
    return list(rows.values())


def generate(seed: int, count: int) -> list[Row]:
    """About count rows, as many of each label as its terms give, shuffled; the same seed gives the same rows."""
    rng = random.Random(seed)
    shelves = read_terms()
    rows = [row for label, shelf in shelves.items() for row in rows_of(label, shelf, count // len(shelves), random.Random(rng.random()))]
    rng.shuffle(rows)
    return rows


def main() -> None:
    path = Path(sys.argv[1])
    rows = generate(int(sys.argv[3]) if len(sys.argv) > 3 else 1, int(sys.argv[2]) if len(sys.argv) > 2 else 8_000)
    print(f"{path}: {write_rows(path, rows)} rows", flush=True)
    print_counts(rows, ["label", "source"])


if __name__ == "__main__":
    main()
