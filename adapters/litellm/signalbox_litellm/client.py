"""Signalbox over HTTP: kept connections, a deadline, and a rest after failures in a row."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Final

import aiohttp

from .plan import Plan, read_plan
from .settings import Settings
from .written import written

SERVICE: Final = "/signalbox.v1.RouterService/"
LARGEST_ANSWER: Final = 4 * 1024 * 1024
KEPT_OPEN_SECONDS: Final = 60
MOST_CONNECTIONS: Final = 100
REPORT_SECONDS: Final = 5.0
FAILURES_BEFORE_REST: Final = 5
REST_SECONDS: Final = 1.0

# What Signalbox says of the request itself. Everything else that is no decision is trouble of ours or its own.
REFUSALS: Final = frozenset(
    {
        "invalid_json",
        "invalid_request",
        "too_deep",
        "too_many_items",
        "body_too_large",
        "forbidden",
        "unknown_profile",
        "unknown_model",
        "unsupported_feature",
        "no_model_allowed",
        "over_budget",
    }
)


class Refused(Exception):
    """Signalbox refuses the request. `message` is for the client."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class Trouble(Exception):
    """There is no decision. `why`: slow, down, wrong or resting."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Circuit:
    """After some failures in a row nobody is asked for a while, then one request tries."""

    def __init__(self) -> None:
        self._failures = 0
        self._resting_until = 0.0

    def admits(self, now: float) -> bool:
        if self._failures < FAILURES_BEFORE_REST:
            return True
        if now < self._resting_until:
            return False
        self._resting_until = now + REST_SECONDS
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self, now: float) -> None:
        self._failures += 1
        self._resting_until = now + REST_SECONDS


class Client:
    """One to a process. Connections belong to the event loop that first asks."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._circuit = Circuit()
        self._session: aiohttp.ClientSession | None = None

    async def route(self, question: Mapping[str, object]) -> Plan:
        """Raises Refused and Trouble."""
        if not self._circuit.admits(time.monotonic()):
            raise Trouble("resting")
        try:
            plan = await self._decide(question)
        except Trouble:
            self._circuit.failed(time.monotonic())
            raise
        except Refused:
            self._circuit.succeeded()
            raise
        self._circuit.succeeded()
        return plan

    async def tell(self, method: str, message: Mapping[str, object]) -> bool:
        """True when it was taken. Never raises for what Signalbox does."""
        try:
            status, _, _ = await self._post(method, message, REPORT_SECONDS)
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError, ValueError):
            return False
        return status == 200

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _decide(self, question: Mapping[str, object]) -> Plan:
        try:
            status, code, body = await self._post("RouteRequest", question, self._settings.deadline_ms / 1000)
        except asyncio.TimeoutError:
            raise Trouble("slow") from None
        except (aiohttp.ClientError, OSError):
            raise Trouble("down") from None
        except ValueError:
            raise Trouble("wrong") from None
        if status != 200:
            if code in REFUSALS:
                raise Refused(status, code, _message(body))
            raise Trouble("wrong" if status < 500 else "down")
        try:
            return read_plan(json.loads(body))
        except (ValueError, RecursionError):
            raise Trouble("wrong") from None

    async def _post(self, method: str, message: Mapping[str, object], seconds: float) -> tuple[int, str, bytes]:
        """Status, Signalbox's code of an error, and the body. Raises ValueError for one that is too large."""
        if self._session is None or self._session.closed:
            self._session = self._open()
        async with self._session.post(
            self._settings.url + SERVICE + method,
            data=written(message).encode(),
            timeout=aiohttp.ClientTimeout(total=seconds),
            allow_redirects=False,
        ) as response:
            body = await response.content.read(LARGEST_ANSWER)
            while not response.content.at_eof():
                more = await response.content.read(LARGEST_ANSWER)
                body += more
                if len(body) > LARGEST_ANSWER:
                    raise ValueError("the answer is too large")
            return response.status, response.headers.get("x-signalbox-error", ""), body

    def _open(self) -> aiohttp.ClientSession:
        headers = {"content-type": "application/json"}
        if self._settings.key:
            headers["authorization"] = f"Bearer {self._settings.key}"
        connector = aiohttp.TCPConnector(limit=MOST_CONNECTIONS, keepalive_timeout=KEPT_OPEN_SECONDS)
        return aiohttp.ClientSession(connector=connector, headers=headers, cookie_jar=aiohttp.DummyCookieJar())


def _message(body: bytes) -> str:
    try:
        message = json.loads(body)["message"]
    except (ValueError, KeyError, TypeError):
        message = None
    return message if isinstance(message, str) else "Signalbox refuses this request."
