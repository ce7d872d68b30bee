"""What an operator sets, from environment variables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar, get_args

OnError = Literal["pass", "refuse"]
Tenants = Literal["key", "team"]


@dataclass(frozen=True, slots=True)
class Settings:
    """
    url: Signalbox's public port. key: our client key there, empty where it asks for none.
    models: names that are routed, each also with a profile (`auto:cheap`).
    deadline_ms: what a decision may take, all in all.
    on_error: a request that cannot be decided on goes to the default model, or is refused.
    tenants: who a request is decided for: whom our key stands for, or the LiteLLM team, which Signalbox believes from
    an address that it trusts.
    report: whether outcomes are told.
    routing_header: what Signalbox's config calls it; no client's copy reaches a model server.
    """

    url: str = "http://127.0.0.1:8080"
    key: str = ""
    models: tuple[str, ...] = ("auto",)
    deadline_ms: int = 250
    on_error: OnError = "pass"
    tenants: Tenants = "key"
    report: bool = True
    routing_header: str = "x-selected-model"

    def is_routed(self, model: str) -> bool:
        return model.split(":", 1)[0] in self.models


LONGEST_DEADLINE_MS: Final = 60_000
T = TypeVar("T")


def read_settings(env: Mapping[str, str]) -> Settings:
    """Raises ValueError, which names the variable and says what it takes."""
    known = Settings()

    def value(name: str, read: Callable[[str], T], default: T) -> T:
        text = env.get(name, "").strip()
        if text == "":
            return default
        try:
            return read(text)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None

    return Settings(
        url=value("SIGNALBOX_URL", _url, known.url),
        key=value("SIGNALBOX_KEY", _key, known.key),
        models=value("SIGNALBOX_MODELS", _names, known.models),
        deadline_ms=value("SIGNALBOX_DEADLINE_MS", _deadline, known.deadline_ms),
        on_error=value("SIGNALBOX_ON_ERROR", _one_of(*get_args(OnError)), known.on_error),
        tenants=value("SIGNALBOX_TENANTS", _one_of(*get_args(Tenants)), known.tenants),
        report=value("SIGNALBOX_REPORT", _one_of("on", "off"), "on") == "on",
        routing_header=value("SIGNALBOX_ROUTING_HEADER", str.lower, known.routing_header),
    )


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("expected a URL such as http://127.0.0.1:8080")
    return text.rstrip("/")


def _key(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("a key has printable ASCII characters without spaces")
    return text


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if "" in names or any(":" in name for name in names):
        raise ValueError("expected names without colons, separated by commas, such as auto")
    return names


def _deadline(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST_DEADLINE_MS:
        raise ValueError(f"expected milliseconds from 1 to {LONGEST_DEADLINE_MS}")
    return int(text)


def _one_of(*words: str) -> Callable[[str], Any]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"expected {' or '.join(words)}")
        return text

    return read
