"""The hook that LiteLLM's proxy calls: before a request is sent, after it, and in between for its headers."""

import logging
import time
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final, final

from fastapi import HTTPException
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy._types import UserAPIKeyAuth

from .access import models_of
from .answers import Answers
from .cached import CHAT, answer_from_cache, counted_in, given, headers_of
from .client import Client, Refused, Trouble
from .flight import Flight, Flights
from .outcomes import Outcomes
from .plan import Plan
from .request import APIS, Question, apply, drop_headers, marks_of, question_of, withhold
from .restoring import Restoring
from .settings import Settings
from .spoken import count_as_cached, metadata_of, model_of, status_of, success_of, withhold_values
from .streams import restored
from .telling import Teller

# In LiteLLM's metadata of a request, and so in its logs; a client's own are overwritten.
DECISION: Final = "signalbox_decision_id"
TOLD: Final = "signalbox_headers"
# How many places of each kind of personal data were changed.
REDACTED: Final = "signalbox_redacted"
# Tokens of an answer that came from the cache.
CACHED: Final = "signalbox_cached"
SECONDS_BETWEEN_WARNINGS: Final = 1.0
RETRY_SECONDS: Final = "1"

log = logging.getLogger("signalbox_litellm")


# LiteLLM calls async_pre_call_hook only where the class of the instance itself defines it: nobody may inherit it.
@final
class SignalboxHook(CustomLogger):
    """One to a process: `litellm_settings.callbacks` names an instance."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._client = Client(settings)
        teller = Teller(self._client)
        self._outcomes = Outcomes(teller)
        self._answers = Answers(teller)
        self._flights = Flights()
        self._warned = 0.0
        self._unwarned = 0

    def __init_subclass__(cls) -> None:
        raise TypeError("LiteLLM would call no inherited hook: make an instance of SignalboxHook, no class of it.")

    async def async_pre_call_hook(
        self, user_api_key_dict: UserAPIKeyAuth, cache: object, data: dict[str, Any], call_type: str
    ) -> dict[str, Any]:
        """Errors: HTTPException, for what Signalbox refuses and, where so set, for what it cannot decide."""
        marks = marks_of(data)
        for name in (DECISION, TOLD, REDACTED, CACHED):
            marks.pop(name, None)
        drop_headers(data, self._settings.routing_header)
        if call_type not in APIS:
            return data
        asked = str(data.get("model") or "")
        models = await models_of(user_api_key_dict, self._settings)
        if not self._settings.is_routed(asked):
            models = list(dict.fromkeys([*models, asked]))
        elif not models:
            raise HTTPException(403, {"error": f"This key may use {asked}, but none of the models behind it."})
        try:
            await self._decide(data, call_type, models, self._tenant(user_api_key_dict))
        except Refused as refusal:
            headers = {"x-signalbox-error": refusal.code}
            raise HTTPException(refusal.status, {"error": refusal.message}, headers) from None
        except Trouble as trouble:
            self._without(data, asked, trouble)
        return data

    async def async_post_call_response_headers_hook(
        self,
        data: dict[str, Any],
        user_api_key_dict: UserAPIKeyAuth,
        response: object,
        request_headers: dict[str, str] | None = None,
        litellm_call_info: dict[str, object] | None = None,
    ) -> dict[str, str] | None:
        told = marks_of(data).get(TOLD)
        return told if isinstance(told, dict) else None

    async def async_post_call_success_hook(
        self, data: dict[str, Any], user_api_key_dict: UserAPIKeyAuth, response: Any
    ) -> Any:
        flight = self._flights.of(data)
        if flight is None:
            return None
        if flight.hit is not None and flight.api != CHAT:
            return given(flight, marks_of(data).get(TOLD) or {})
        if flight.cacheable:
            self._answers.whole(flight, response)
        return None if flight.restoring is None else flight.restoring.whole(response)

    # No generator itself: a stream that nothing is done to passes as it is.
    def async_post_call_streaming_iterator_hook(  # type: ignore[override]
        self, user_api_key_dict: UserAPIKeyAuth, response: Any, request_data: dict[str, Any]
    ) -> AsyncIterator[Any]:
        flight = self._flights.of(request_data)
        if flight is None:
            return response  # type: ignore[no-any-return]
        heard = self._answers.heard(flight, response) if flight.cacheable else response
        return heard if flight.restoring is None else restored(heard, flight.api, flight.restoring)

    async def async_logging_hook(
        self, kwargs: dict[str, Any], result: object, call_type: str
    ) -> tuple[dict[str, Any], object]:
        """Called before anybody logs or counts."""
        marks = metadata_of(kwargs)
        if REDACTED in marks:
            withhold_values(kwargs, result)
        tokens = marks.get(CACHED)
        if isinstance(tokens, dict):
            count_as_cached(kwargs, result, tokens)
        return kwargs, result

    async def async_log_success_event(
        self, kwargs: dict[str, Any], response_obj: object, start_time: datetime, end_time: datetime
    ) -> None:
        decision_id = metadata_of(kwargs).get(DECISION)
        if isinstance(decision_id, str):
            outcome = success_of(kwargs, response_obj, start_time, end_time)
            self._outcomes.succeeded(decision_id, model_of(kwargs), outcome)

    async def async_log_failure_event(
        self, kwargs: dict[str, Any], response_obj: object, start_time: datetime, end_time: datetime
    ) -> None:
        decision_id = metadata_of(kwargs).get(DECISION)
        if isinstance(decision_id, str):
            self._outcomes.failed(decision_id, model_of(kwargs), status_of(kwargs))

    async def async_post_call_failure_hook(
        self,
        request_data: dict[str, Any],
        original_exception: Exception,
        user_api_key_dict: UserAPIKeyAuth,
        traceback_str: str | None = None,
    ) -> None:
        decision_id = marks_of(request_data).get(DECISION)
        if isinstance(decision_id, str):
            self._outcomes.lost(decision_id)

    async def _decide(self, data: dict[str, Any], call_type: str, models: list[str], tenant: Mapping[str, str]) -> None:
        """Raises Refused and Trouble."""
        try:
            question = question_of(data, call_type, models)
        except (RecursionError, ValueError):
            # What a client can cause must be no way around a decision.
            raise Refused(400, "too_deep", "The body cannot be written: it is nested too deep.") from None
        if question is None:
            return
        plan = await self._plan(question, models, tenant)
        if plan.values and data.get("background"):
            # LiteLLM calls no hook of ours with what is fetched later.
            raise Refused(
                400, "unsupported_feature", "This holds personal data and cannot be answered in the background."
            )
        try:
            targets = [] if plan.cached else apply(data, plan, question, models)
            streams = plan.cached is not None and answer_from_cache(data, question.api, plan.cached)
        except ValueError:
            raise Trouble("wrong") from None
        if plan.cached and plan.redacted:
            withhold(data, question)
        marks = marks_of(data)
        marks[DECISION] = plan.decision_id
        marks[TOLD] = _headers_of(plan)
        if plan.redacted:
            marks[REDACTED] = dict(plan.redacted)
        if plan.cached:
            marks[CACHED] = counted_in(plan.cached)
        restoring = Restoring(plan.values) if plan.values else None
        if restoring or plan.cached or plan.cacheable:
            keeps = plan.cacheable and bool(targets)
            flight = Flight(question.api, plan.decision_id, tenant, restoring, plan.cached, keeps, streams)
            self._flights.begin(data, flight)
        if self._settings.report and targets:
            self._outcomes.remember(plan.decision_id, targets, tenant)

    async def _plan(self, question: Question, models: list[str], tenant: Mapping[str, str]) -> Plan:
        """Raises Refused and Trouble."""
        plan = await self._client.route({**question.message, **tenant})
        if plan.cached is not None and plan.cached.model not in models:
            # An answer of a model that this key could not name itself.
            plan = await self._client.route({**question.message, **tenant, "cache": False})
        if plan.blocked is not None:
            raise Refused(plan.blocked.status, "blocked", plan.blocked.message)
        return plan

    def _without(self, data: dict[str, Any], asked: str, trouble: Trouble) -> None:
        """No decision: the one choice that is configured, said in the log and in a header."""
        self._warn(trouble)
        if self._settings.on_error == "refuse":
            headers = {"x-signalbox-error": "unavailable", "retry-after": RETRY_SECONDS}
            raise HTTPException(503, {"error": "No model can be chosen for this request now."}, headers)
        if self._settings.is_routed(asked):
            data["model"] = asked.split(":", 1)[0]
        marks_of(data)[TOLD] = {"x-signalbox-passed": trouble.why}

    def _warn(self, trouble: Trouble) -> None:
        now = time.monotonic()
        self._unwarned += 1
        if now - self._warned < SECONDS_BETWEEN_WARNINGS:
            return
        action = "passed on" if self._settings.on_error == "pass" else "refused"
        log.warning("signalbox is %s: %d request(s) %s without a decision", trouble.why, self._unwarned, action)
        self._warned, self._unwarned = now, 0

    def _tenant(self, key: UserAPIKeyAuth) -> dict[str, str]:
        return {"tenant": key.team_id} if self._settings.tenants == "team" and key.team_id else {}


def _headers_of(plan: Plan) -> dict[str, str]:
    told = {
        "x-signalbox-decision-id": plan.decision_id,
        "x-signalbox-model": plan.model,
        "x-signalbox-tier": plan.tier,
        "x-signalbox-route": plan.route,
        "x-signalbox-confidence": f"{plan.confidence:.3f}",
        "x-signalbox-reason": plan.reason,
    }
    if plan.cached is not None:
        told |= headers_of(plan.cached)
    elif plan.cacheable:
        told["x-signalbox-cache"] = "miss"
    return {name: value for name, value in told.items() if value and value.isascii() and value.isprintable()}
