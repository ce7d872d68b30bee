import asyncio
import unittest
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from signalbox_litellm.client import FAILURES_BEFORE_REST, REST_SECONDS, Circuit, Client, Refused, Trouble
from signalbox_litellm.outcomes import MOST_REMEMBERED, Outcomes
from signalbox_litellm.plan import Target
from signalbox_litellm.settings import Settings, read_settings
from signalbox_litellm.telling import MOST_BYTES_WAITING, Teller

PLAN = {"decisionId": "d-1", "model": "small"}
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class AgainstAServer(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.answer: Answer = self.plan
        self.requests: list[tuple[str, Any, str]] = []
        self.connections: set[object] = set()
        app = web.Application()
        app.router.add_post("/signalbox.v1.RouterService/{method}", self.serve)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        host, port = self.runner.addresses[0][:2]
        self.client = Client(Settings(url=f"http://{host}:{port}", key="k", deadline_ms=300))

    async def asyncTearDown(self) -> None:
        await self.client.close()
        await self.runner.cleanup()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.connections.add(request.transport)
        self.requests.append((request.match_info["method"], await request.json(), request.headers["authorization"]))
        return await self.answer(request)

    async def plan(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(PLAN)

    async def trouble(self) -> str:
        with self.assertRaises(Trouble) as caught:
            await self.client.route({})
        return caught.exception.why

    async def test_decisions_come_over_one_connection_that_is_kept(self) -> None:
        for _ in range(5):
            self.assertEqual((await self.client.route({"a": "é"})).decision_id, "d-1")
        await self.client.route({"a": "\ud800"})
        self.assertEqual(len(self.connections), 1)
        self.assertEqual(self.requests[0], ("RouteRequest", {"a": "é"}, "Bearer k"))

    async def test_what_is_said_of_the_request_is_a_refusal(self) -> None:
        async def refuse(_: web.Request) -> web.StreamResponse:
            headers = {"x-signalbox-error": "no_model_allowed"}
            return web.json_response({"message": "No model may answer."}, status=422, headers=headers)

        self.answer = refuse
        with self.assertRaises(Refused) as caught:
            await self.client.route({})
        refused = caught.exception
        self.assertEqual(
            (refused.status, refused.code, refused.message), (422, "no_model_allowed", "No model may answer.")
        )

    async def test_slow_down_and_wrong_are_told_apart(self) -> None:
        async def late(_: web.Request) -> web.StreamResponse:
            await asyncio.sleep(1)
            return web.json_response(PLAN)

        async def page(_: web.Request) -> web.StreamResponse:
            return web.Response(text="<html>")

        async def unauthenticated(_: web.Request) -> web.StreamResponse:
            return web.json_response({}, status=401, headers={"x-signalbox-error": "unauthenticated"})

        async def huge(_: web.Request) -> web.StreamResponse:
            return web.Response(body=b" " * (5 * 1024 * 1024))

        async def deep(_: web.Request) -> web.StreamResponse:
            return web.Response(text="[" * 100_000)

        async def broken(_: web.Request) -> web.StreamResponse:
            return web.Response(status=503)

        whys = []
        for answer in (late, page, unauthenticated, huge, deep, broken):
            self.answer = answer
            whys.append(await self.trouble())
            self.answer = self.plan
            await self.client.route({})
        self.assertEqual(whys, ["slow", "wrong", "wrong", "wrong", "wrong", "down"])
        await self.runner.cleanup()
        self.assertEqual(await self.trouble(), "down")

    async def test_after_failures_in_a_row_nobody_is_asked_for_a_while(self) -> None:
        async def broken(_: web.Request) -> web.StreamResponse:
            return web.Response(status=500)

        self.answer = broken
        for _ in range(FAILURES_BEFORE_REST):
            self.assertEqual(await self.trouble(), "down")
        asked = len(self.requests)
        self.assertEqual(await self.trouble(), "resting")
        self.assertEqual(len(self.requests), asked)

    async def test_outcomes_are_told_once_a_target_the_success_before_the_failures(self) -> None:
        outcomes = Outcomes(Teller(self.client))
        targets = [Target("t/a", "a", "a-v1", ()), Target("t/b", "b", "b-v1", ())]
        outcomes.remember("d-1", targets, {"tenant": "acme"})
        outcomes.failed("d-1", "a", 500)
        outcomes.failed("d-1", "elsewhere", 500)
        outcomes.succeeded("d-1", "b", {"latencyMs": 9.0, "finish": "stop"})
        outcomes.succeeded("d-1", "b", {})
        outcomes.remember("d-2", targets, {})
        outcomes.failed("d-2", "a", 0)
        outcomes.lost("d-2")
        outcomes.failed("d-2", "b", 503)
        while len(self.requests) < 4:
            await asyncio.sleep(0.01)
        told = [{name: body[name] for name in ("decisionId", "targetId", "status")} for _, body, _ in self.requests]
        self.assertEqual(
            [tuple(each.values()) for each in told],
            [("d-1", "t/b", 200), ("d-1", "t/a", 500), ("d-2", "t/a", 0), ("d-2", "t/b", 503)],
        )
        self.assertEqual(self.requests[0][1]["tenant"], "acme")
        self.assertNotIn("latencyMs", self.requests[0][1])

    async def test_what_is_remembered_has_a_limit(self) -> None:
        outcomes = Outcomes(Teller(self.client))
        for number in range(MOST_REMEMBERED + 10):
            outcomes.remember(str(number), [Target("t/a", "a", "a-v1", ())], {})
        outcomes.succeeded("0", "a", {})
        outcomes.succeeded(str(MOST_REMEMBERED), "a", {})
        while not self.requests:
            await asyncio.sleep(0.01)
        self.assertEqual([body["decisionId"] for _, body, _ in self.requests], [str(MOST_REMEMBERED)])

    async def test_what_waits_to_be_told_has_a_limit_in_bytes(self) -> None:
        teller = Teller(self.client)
        for number in range(3):
            teller.tell("StoreAnswer", {"decisionId": str(number)}, MOST_BYTES_WAITING // 2)
        while len(self.requests) < 2:
            await asyncio.sleep(0.01)
        teller.tell("StoreAnswer", {"decisionId": "3"}, MOST_BYTES_WAITING // 2)
        while len(self.requests) < 3:
            await asyncio.sleep(0.01)
        self.assertEqual([body["decisionId"] for _, body, _ in self.requests], ["0", "1", "3"])


class Resting(unittest.TestCase):
    def test_one_request_tries_when_the_rest_is_over(self) -> None:
        circuit = Circuit()
        for _ in range(FAILURES_BEFORE_REST):
            self.assertTrue(circuit.admits(0.0))
            circuit.failed(0.0)
        self.assertFalse(circuit.admits(REST_SECONDS / 2))
        self.assertEqual([circuit.admits(REST_SECONDS), circuit.admits(REST_SECONDS)], [True, False])
        circuit.succeeded()
        self.assertEqual([circuit.admits(REST_SECONDS), circuit.admits(REST_SECONDS)], [True, True])


class ReadingSettings(unittest.TestCase):
    def test_nothing_set_is_a_local_signalbox_that_is_passed_by_when_it_is_down(self) -> None:
        settings = read_settings({})
        self.assertEqual(
            (settings.url, settings.on_error, settings.models), ("http://127.0.0.1:8080", "pass", ("auto",))
        )
        self.assertTrue(settings.is_routed("auto:cheap") and not settings.is_routed("automatic"))

    def test_a_wrong_word_names_its_variable(self) -> None:
        wrong = {
            "SIGNALBOX_URL": "127.0.0.1:8080",
            "SIGNALBOX_KEY": "a b",
            "SIGNALBOX_MODELS": "auto:cheap",
            "SIGNALBOX_DEADLINE_MS": "0",
            "SIGNALBOX_ON_ERROR": "ignore",
            "SIGNALBOX_TENANTS": "user",
            "SIGNALBOX_REPORT": "yes",
        }
        for name, text in wrong.items():
            with self.subTest(name=name), self.assertRaisesRegex(ValueError, name):
                read_settings({name: text})


if __name__ == "__main__":
    unittest.main()
