"""What became of decisions, told to Signalbox beside the requests."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from .plan import Target
from .telling import Teller

MOST_REMEMBERED: Final = 20_000
TIMES: Final = frozenset({"latencyMs", "ttftMs"})


@dataclass(slots=True)
class Pending:
    """A decision whose request is under way. `failed`: status by target. `lost`: nobody will answer any more."""

    targets: Mapping[str, str]
    tenant: Mapping[str, str]
    failed: dict[str, int] = field(default_factory=dict)
    lost: bool = False


class Outcomes:
    """A failure waits for the end of its request: where a later try of the same target answers, that counts."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._pending: OrderedDict[str, Pending] = OrderedDict()

    def remember(self, decision_id: str, targets: Sequence[Target], tenant: Mapping[str, str]) -> None:
        self._pending[decision_id] = Pending({target.model: target.id for target in targets}, tenant)
        if len(self._pending) > MOST_REMEMBERED:
            self._pending.popitem(last=False)

    def succeeded(self, decision_id: str, model: str, outcome: Mapping[str, object]) -> None:
        """`outcome`: the fields of ReportOutcome beside who and what it is of; its times are of all tries together."""
        pending = self._pending.pop(decision_id, None)
        if pending is None or model not in pending.targets:
            return
        target = pending.targets[model]
        kept = {name: value for name, value in outcome.items() if not pending.failed or name not in TIMES}
        self._tell(decision_id, pending, target, {"status": 200, **kept})
        self._tell_failed(decision_id, pending, target)

    def failed(self, decision_id: str, model: str, status: int) -> None:
        pending = self._pending.get(decision_id)
        if pending is None or model not in pending.targets:
            return
        pending.failed.setdefault(pending.targets[model], status)
        if pending.lost:
            self.lost(decision_id)

    def lost(self, decision_id: str) -> None:
        """The client has been told a failure: tells those of the targets, now and as they come."""
        pending = self._pending.get(decision_id)
        if pending is None:
            return
        pending.lost = True
        self._tell_failed(decision_id, pending, "")
        pending.failed.clear()

    def _tell_failed(self, decision_id: str, pending: Pending, but: str) -> None:
        for target, status in pending.failed.items():
            if target != but:
                self._tell(decision_id, pending, target, {"status": status})

    def _tell(self, decision_id: str, pending: Pending, target: str, outcome: Mapping[str, object]) -> None:
        self._teller.tell("ReportOutcome", {"decisionId": decision_id, "targetId": target, **pending.tenant, **outcome})
