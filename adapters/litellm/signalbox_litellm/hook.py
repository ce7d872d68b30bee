"""The hook that LiteLLM's proxy calls: before a request is sent, after it, and in between for its headers."""

import logging
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, final

from fastapi import HTTPException
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy._types import UserAPIKeyAuth

from .access import models_of
from .client import Client, Refused, Trouble
from .outcomes import Outcomes
from .plan import Plan
from .request import APIS, TEXT_COMPLETION, apply, drop_headers, marks_of, question_of
from .settings import Settings
from .spoken import metadata_of, model_of, status_of, success_of

# In LiteLLM's metadata of a request, and so in its logs; a client's own are overwritten.
DECISION: Final = "signalbox_decision_id"
TOLD: Final = "signalbox_headers"
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
        self._outcomes = Outcomes(self._client)
        self._warned = 0.0
        self._unwarned = 0

    def __init_subclass__(cls) -> None:
        raise TypeError("LiteLLM would call no inherited hook: make an instance of SignalboxHook, no class of it.")

    async def async_pre_call_hook(
        self, user_api_key_dict: UserAPIKeyAuth, cache: object, data: dict[str, Any], call_type: str
    ) -> dict[str, Any]:
        """Errors: HTTPException, for what Signalbox refuses and, where so set, for what it cannot decide."""
        marks = marks_of(data)
        marks.pop(DECISION, None)
        marks.pop(TOLD, None)
        drop_headers(data, self._settings.routing_header)
        if call_type not in APIS and call_type != TEXT_COMPLETION:
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
        plan = await self._client.route({**question.message, **tenant})
        if plan.blocked is not None:
            raise Refused(plan.blocked.status, "blocked", plan.blocked.message)
        try:
            targets = apply(data, plan, question, models)
        except ValueError:
            raise Trouble("wrong") from None
        marks = marks_of(data)
        marks[DECISION] = plan.decision_id
        marks[TOLD] = _headers_of(plan)
        if self._settings.report and targets:
            self._outcomes.remember(plan.decision_id, targets, tenant)

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
    return {name: value for name, value in told.items() if value.isascii() and value.isprintable()}
