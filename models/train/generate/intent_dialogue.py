"""Requests and small talk among the unlabelled utterances of users of dstc8-schema-guided-dialogue (CC BY-SA 4.0)."""

from __future__ import annotations

import re
from typing import Iterator

import folds

SOURCE = "google-research-datasets/dstc8-schema-guided-dialogue"
OPENING = r"(?:(?:hi|hello|hey|ok|okay|great|thanks|thank you|now|also|alright|cool|perfect|awesome)[,.!]* )?(?:please |actually,? )?"
AIMS = r"(find|search|look|book|reserve|buy|get|make|play|listen|watch|rent|schedule|check|see|order|transfer|send|add|set|go|travel|eat|stay|visit|know|pay|request|attend|fly|purchase|hear|show|arrange|plan)"
REQUESTS = [
    rf"^{OPENING}(i|we)('d| would|'m| am)? ?(really )?(want|need|wish|like|love|looking|hoping|trying|planning)( you)?( to| for| some| a| an| me)\b",
    rf"^{OPENING}(can|could|would|will) (you|i|we) (please )?(help me |kindly )?(to )?{AIMS}\b", rf"^{OPENING}(find|play|book|search|look|show|get|buy|reserve|set|add|schedule|rent|transfer|send|give|tell|check|make|order|pull up|bring up|recommend|suggest|help me)\b (?!.*\b(that one|it|them|those)\b)",
    rf"^{OPENING}(what's|what is|how's|how is) the weather\b", r"^i('m| am) (looking|searching|interested|in the mood|hungry|going|bored)\b", r"^(do i have|am i free|is there) (any|on|a)\b.*\b(event|alarm|flight|bus|train|restaurant|concert|movie|on my calendar)",
]
SMALL_TALK = r"^((no|nope|nah|okay|ok|great|thanks|thank you|perfect|awesome|cool|good|alright)[,.!]* )*(thanks?( you)?( so much| very much| a lot| a bunch)?|that('s| is| will be| would be) (all|everything|it|fine|great|good|awesome|perfect|okay)|(sounds|looks|seems) (good|great|nice|perfect|fine|awesome)|i('m| am) (good|all set|done)|you('ve| have| were| are) (been )?(so |very |really )?(helpful|great|kind)|have a (good|great|nice) (day|one|night))\b"
OPEN = r"\b(that one|those|the (first|second|other) one|it'?s|them|there)\b"


def label_of(text: str) -> str | None:
    """action or chitchat where the wording is plain, else None."""
    low, words = text.lower(), len(text.split())
    if 5 <= words <= 26 and not re.search(OPEN, low) and any(re.search(p, low) for p in REQUESTS):
        return "action"
    small = 3 <= words <= 16 and "?" not in low and re.search(SMALL_TALK, low)
    return "chitchat" if small and not re.search(r"\b(need|want|book|find|play|please|look|what|when|which|how|can you|could you|am i|i am going|check|\d+\w*)\b", low) else None


def requests() -> Iterator[tuple[str, str]]:
    """(text, label), in the order of the file."""
    for row in folds.read_rows(folds.DATA / "text" / "plain_text.jsonl.gz"):
        if row["source"] == SOURCE and row["split"] == "train" and (label := label_of(row["text"])):
            yield row["text"], label
