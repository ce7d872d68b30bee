"""Writes training rows for the safety head: jailbreak, injection, harmful and benign prompts from our own grammars.

Every text is made here from seeded grammars; nothing is downloaded. Whole families are kept for the dev split, and
families of the dev split draw from the far end of the long word pools, so that dev measures unseen wording.
Usage: python -m generate.safety OUT.jsonl.gz [ROWS] [SEED]
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Callable, NamedTuple

from generate import safety_benign as benign
from generate import safety_injection as injection
from generate import safety_jailbreak as jailbreak
from generate import safety_texts as texts
from generate import safety_words as words
from augment import augment
from generate.document_spans import released
from generate.grammar import Grammar, Pool, Row, print_counts, write_rows

SHARES = {"benign": 0.46, "jailbreak": 0.25, "injection": 0.23, "harmful": 0.06}
AUGMENTED = 0.3  # of the rows get typos, noise or harmless additions
MAX_CHARS = 6000
ROUNDS = 12  # tries for each wanted row before a family counts as exhausted

DEV_FAMILIES = {
    "jailbreak-superior", "jailbreak-split-payload", "jailbreak-grandmother", "injection-ignore-table", "injection-bare-mail", "injection-bare-xml", "injection-ignore-calendar",
    "benign-locked-out", "benign-news-crime", "benign-markup", "benign-code-words", "harmful-question",
}

LANGUAGE_NAMES = "French|German|Spanish|Japanese|Hindi|Swahili|Italian|Turkish|Welsh|Korean|Portuguese|Latin|Arabic|Zulu".split("|")
COUNTRIES = "France|Germany|Brazil|Japan|Kenya|Canada|India|Mexico|Norway|Egypt|Poland|Vietnam|the UK|the US|Turkey|Chile".split("|")
ANIMALS = "cat|horse|penguin|dragon|spider|whale|parrot|tortoise|fox|goat|bee|octopus".split("|")


def number(low: int, high: int) -> Callable[[Grammar], str]:
    """A pool of whole numbers."""
    return lambda g: str(g.rng.randint(low, high))


def address(g: Grammar) -> str:
    """An e-mail address at an example domain."""
    return f"{g.slot('first').lower()}{g.rng.choice(['', '.', '_'])}{g.slot('last').lower()}@{g.rng.choice(['example.com', 'mail.example', 'corp.example', 'example.org', 'attacker.example'])}"


def link(g: Grammar) -> str:
    """A link at an example domain."""
    return f"{g.rng.choice(['https://', 'http://', 'www.'])}{g.slot('first').lower()}-{g.rng.choice(['shop', 'login', 'prize', 'info', 'news'])}.example/{g.rng.choice(['', 'x', 'a?id=' + str(g.rng.randint(1, 99))])}"


def hero(g: Grammar) -> str:
    """A person of a story: a first name, or both names."""
    return g.slot("first") + (" " + g.slot("last") if g.rng.random() < 0.4 else "")


def name_of_persona(g: Grammar) -> str:
    """A persona from the list, or made of syllables or letters."""
    way = g.rng.random()
    if way < 0.55:
        return g.rng.choice(list(g.share(words.PERSONAS)))
    if way < 0.8:
        name = "".join(g.rng.choice(["ka", "zo", "ri", "ve", "mo", "lu", "xa", "dre", "tho", "ny", "gor", "sil", "ur", "vex", "ma", "que"]) for _ in range(g.rng.choice([2, 2, 3])))
        return name.upper() if g.rng.random() < 0.4 else name.capitalize()
    return "".join(g.rng.choice("ABCDEFGHIJKLMNOPRSTUVWXZ") for _ in range(g.rng.randint(3, 5))) + g.rng.choice(["", "", "-" + str(g.rng.randint(2, 99)), "GPT", " 2.0"])


def bare(article: str) -> str:
    """A product without its article."""
    return article.removeprefix("a ").removeprefix("an ")


POOLS: dict[str, Pool] = {
    "aim": words.AIMS, "artefact": words.ARTEFACTS, "ask": words.ASKS, "maker": words.MAKERS, "model": words.MODELS, "addressee": words.ADDRESSEE, "meaning": words.ACRONYM_MEANINGS, "affirm": words.AFFIRM, "unlock": words.UNLOCK,
    "freedom": words.FREEDOM, "p": name_of_persona, "first": texts.FIRST, "last": texts.LAST, "hero": hero, "place": texts.PLACE, "job": texts.JOB, "thing": texts.THING, "mood": texts.MOOD, "weather": texts.WEATHER, "topic": texts.TOPIC,
    "town": texts.TOWN, "company": texts.COMPANY, "product": texts.PRODUCT, "product_bare": [bare(product) for product in texts.PRODUCT], "weekday": texts.WEEKDAY, "month": texts.MONTH, "mail": address, "link": link, "lang": LANGUAGE_NAMES,
    "country": COUNTRIES, "animal": ANIMALS, "errand": injection.ERRANDS, "story": texts.STORY, "essay": texts.ESSAY, "news": texts.NEWS_LINES, "n1": number(1, 9), "n2": number(11, 99), "n3": number(100, 9999), **benign.POOLS,
}


class Family(NamedTuple):
    """A way to make texts of one label. `weight`: its share within the label, before scaling."""

    name: str
    label: str
    make: Callable[[Grammar], str]
    weight: float


def from_templates(templates: list[str]) -> Callable[[Grammar], str]:
    """Texts from a list of templates."""
    return lambda g: g.say(g.rng.choice(templates))


def smuggled(order: str, kind: str) -> Callable[[Grammar], str]:
    """Documents of a kind with an order of a family in them."""
    return lambda g: injection.smuggled(g, order, kind)


def families() -> list[Family]:
    """Every family there is."""
    out = [Family(f"jailbreak-{name}", "jailbreak", make, weight) for name, (make, weight) in jailbreak.MAKERS.items()]
    out += [Family(f"jailbreak-{name}", "jailbreak", from_templates(pool), 1.8) for name, pool in jailbreak.TEMPLATES.items()]
    out += [Family("jailbreak-foreign", "jailbreak", jailbreak.foreign, 3)]
    for kind in injection.DOCUMENTS:
        weight = 2.5 if kind in ("plain", "mail", "page") else 1
        out += [Family(f"injection-{order}-{kind}", "injection", smuggled(order, kind), weight) for order in injection.ORDERS]
    out += [Family("injection-short", "injection", injection.short, 6), Family("injection-foreign", "injection", injection.foreign, 4)]
    out += [Family(f"benign-{name}", "benign", make, weight) for name, (make, weight) in benign.MAKERS.items()]
    out += [Family(f"benign-{name}", "benign", from_templates(pool), benign.WEIGHTS.get(name, 1.2)) for name, pool in benign.TEMPLATES.items()]
    out += [Family("harmful-request", "harmful", from_templates(words.ASKS), 8), Family("harmful-question", "harmful", from_templates(["[Is it possible to|What happens if I|Can I|Should I] {aim}?"]), 1)]
    return out


def wanted(rows: int) -> dict[str, int]:
    """Rows for each family, so that labels have their shares."""
    made = families()
    totals = {label: sum(family.weight for family in made if family.label == label) for label in SHARES}
    return {family.name: max(1, round(rows * SHARES[family.label] * family.weight / totals[family.label])) for family in made}


def fill(family: Family, count: int, rng: random.Random, seen: set[str]) -> list[Row]:
    """Up to count new rows of a family."""
    split = "dev" if family.name in DEV_FAMILIES else "train"
    g = Grammar(POOLS, rng, split)
    rows: list[Row] = []
    for _ in range(count * ROUNDS):
        if len(rows) == count:
            break
        g.forget()
        text, spans = released(family.make(g).strip())
        made = text = text[:MAX_CHARS]
        if rng.random() < AUGMENTED:
            text = augment(text, rng)
        key = text.lower()
        if not text or key in seen:
            continue
        seen.add(key)
        row: Row = {"text": text, "label": family.label, "source": f"own:safety-{family.name}", "split": split}
        if family.label == "benign" or spans and text == made and spans[0][1] <= MAX_CHARS:
            row["spans"] = spans
        rows.append(row)
    return rows


def generate(seed: int, n: int) -> list[Row]:
    """About n rows, shuffled; the same seed gives the same rows."""
    rng = random.Random(seed)
    seen: set[str] = set()
    counts = wanted(n)
    rows = [row for family in families() for row in fill(family, counts[family.name], random.Random(rng.random()), seen)]
    rng.shuffle(rows)
    return rows


def main() -> None:
    path = Path(sys.argv[1])
    rows = generate(int(sys.argv[3]) if len(sys.argv) > 3 else 1, int(sys.argv[2]) if len(sys.argv) > 2 else 20_000)
    print(f"{path}: {write_rows(path, rows)} rows", flush=True)
    print_counts(rows, ["label", "split", "source"])


if __name__ == "__main__":
    main()
