"""Real text for documents: sentences, paragraphs, dialogue, tickets, code and questions of the collected data.

Whole sources are kept for the dev split; of kinds that have one source alone, dev takes the last tenth of it.
Nothing is read from sources that the safety head is reported on.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from typing import Any, Callable, Iterator

from folds import DATA, HELD_SOURCES, read_rows

# Beside what is reported on, exam questions: their wording is that of the outcome files.
HELD = (*{source for sources in HELD_SOURCES.values() for source in sources}, "lm-sys/RouteLLM", "ruixiangcui/AGIEval")
DEV_SOURCES = {"openstax/osbooks-us-history", "openstax/osbooks-principles-marketing", "openai/human-eval", "juand-r:WNUT17", "own:problems", "gunthercox/chatterbot-corpus"}
QUESTIONS = {"lmarena/arena-hard-auto", "yizhongw/self-instruct", "own:topics", "own:problems", "openai/grade-school-math", "google-research-datasets/query-wellformedness", "abachaa/MedQuAD", "gunthercox/chatterbot-corpus"}
FILES = ("plain_text", "intent", "domain", "pii_templates")
MOST = 3000  # texts taken of one source and kind
TOPIC_WORD = re.compile(r"[a-z]{7,}")

Groups = dict[str, list[str]]


def base_of(source: str) -> str:
    """The repository of a source, without the kind of text."""
    return source.removesuffix(":para").removesuffix(":text")


def kind_of(row: dict[str, Any]) -> str:
    """What a row can serve as in a document; empty: nothing."""
    source, text = row["source"], row["text"]
    if row["split"] != "train" or row.get("lang", "en") != "en" or source.startswith(HELD) or not text.isprintable() and "\n" not in text:
        return ""
    if "Retrieved" in text or "http" in text and source.startswith("openstax"):
        return ""
    if source.endswith(":text"):
        return "sentence"
    if source.endswith(":para"):
        return "paragraph" if "?" not in text and len(text) > 90 else ""
    if "dstc8" in source:
        return "turn" if len(text) > 20 else ""
    if source.startswith("PolyAI-LDN"):
        return "ticket"
    if source in ("juand-r:wikigold", "juand-r:WNUT17"):
        return "news" if len(text) > 50 else ""
    if source == "microsoft/presidio-research:templates":
        return "form" if 30 < len(text) < 300 else ""
    if source in ("amazon-science/mxeval", "openai/human-eval") and text.count("\n") > 2:
        return "code" if len(text) < 1600 else ""
    if source.endswith("tatoeba"):
        return "small" if len(text) > 25 else ""
    if source == "gunthercox/chatterbot-corpus" and not text.endswith("?") or row.get("label") == "chitchat":
        return ""
    return "question" if source in QUESTIONS and text.count(" ") > 2 and len(text) < 330 else ""


def rows_of_files() -> Iterator[dict[str, Any]]:
    """Every row of the files that documents are made of."""
    for name in FILES:
        yield from read_rows(DATA / "text" / f"{name}.jsonl.gz")


def gathered(seed: int, refused: Callable[[str], bool]) -> dict[str, dict[str, Groups]]:
    """split -> kind -> source -> texts; texts for which `refused` is true are left out."""
    found: dict[str, Groups] = defaultdict(lambda: defaultdict(list))
    for row in rows_of_files():
        kind = kind_of(row)
        if kind:
            found[kind][base_of(row["source"])].append(row["text"])
    rng = random.Random(seed)
    out: dict[str, dict[str, Groups]] = {"train": defaultdict(dict), "dev": defaultdict(dict)}
    for kind in sorted(found):
        whole = any(source in DEV_SOURCES for source in found[kind])
        for source in sorted(found[kind]):
            texts = sorted(set(found[kind][source]))
            kept = [text for text in rng.sample(texts, min(MOST, len(texts))) if not refused(text)]
            cut = len(kept) * 9 // 10
            if whole:
                out["dev" if source in DEV_SOURCES else "train"][kind][source] = kept
            else:
                out["train"][kind][source], out["dev"][kind][source] = kept[:cut], kept[cut:]
    return out


def by_topic(texts: list[str]) -> list[list[str]]:
    """Texts that share a long word, so that a document keeps to a subject; words of five to eighty texts."""
    groups: Groups = defaultdict(list)
    for text in texts:
        for word in sorted(set(TOPIC_WORD.findall(text.lower()))):
            groups[word].append(text)
    return [group for _, group in sorted(groups.items()) if 5 <= len(group) <= 80]


class Material:
    """The texts of one split, drawn with the caller's generator."""

    def __init__(self, kinds: dict[str, Groups]) -> None:
        self.kinds = {kind: [texts for _, texts in sorted(groups.items()) if texts] for kind, groups in kinds.items()}
        self.topics = [topics for topics in (by_topic(texts) for texts in self.kinds["sentence"]) if topics]
        self.sources = {kind: [source for source, texts in sorted(groups.items()) if texts] for kind, groups in kinds.items()}

    def one(self, kind: str, rng: random.Random) -> str:
        """One text of a kind; every source is as likely as any other."""
        return rng.choice(rng.choice(self.kinds[kind]))

    def several(self, kind: str, rng: random.Random, low: int, high: int) -> list[str]:
        """Different texts of one source of a kind."""
        texts = rng.choice(self.kinds[kind])
        return rng.sample(texts, min(len(texts), rng.randint(low, high)))

    def sentences(self, rng: random.Random, low: int, high: int) -> list[str]:
        """Sentences of a textbook about one subject."""
        group = rng.choice(rng.choice(self.topics))
        return rng.sample(group, min(len(group), rng.randint(low, high)))

    def questions(self, rng: random.Random) -> tuple[str, str]:
        """A question or instruction and its source."""
        at = rng.randrange(len(self.sources["question"]))
        return rng.choice(self.kinds["question"][at]), self.sources["question"][at]
