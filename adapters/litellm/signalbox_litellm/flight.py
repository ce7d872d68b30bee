"""What is known of a request while it is under way, from one hook of LiteLLM to the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from .plan import Cached
from .restoring import Restoring


@dataclass(frozen=True, slots=True, repr=False)
class Flight:
    """
    api: what RouteRequest calls it. restoring: where a model is shown placeholders. hit: the answer, where there is one
    already, and streams whether it is to be made a stream here. cacheable: whether the answer may be handed in. tenant:
    as it was told with the question.
    """

    api: str
    decision_id: str
    tenant: Mapping[str, str]
    restoring: Restoring | None
    hit: Cached | None
    cacheable: bool
    streams: bool = False


class Flights:
    """
    In memory, and for as long as LiteLLM itself knows of the request: entries hang on its logging object, which is
    one to a request, so that nothing a client names leads to what is another's. Nothing of it is in LiteLLM's metadata.
    """

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Any, Flight] = WeakKeyDictionary()

    def begin(self, data: Mapping[str, Any], flight: Flight) -> None:
        """Raises TypeError where LiteLLM gave the request no object of its own."""
        self._known[data.get("litellm_logging_obj")] = flight

    def of(self, data: Mapping[str, Any]) -> Flight | None:
        try:
            return self._known.get(data.get("litellm_logging_obj"))
        except TypeError:
            return None
