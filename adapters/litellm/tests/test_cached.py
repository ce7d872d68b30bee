import asyncio
import base64
import gc
import json
import unittest
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import patch

from aiohttp import web
from litellm.proxy._types import UserAPIKeyAuth
from litellm.router import Router
from litellm.types.utils import ModelResponse, ModelResponseStream

from signalbox_litellm.hook import SignalboxHook
from signalbox_litellm.replay import messages_events, responses_events
from signalbox_litellm.settings import Settings

KEY = UserAPIKeyAuth()
SAID = {"type": "output_text", "text": "to <EMAIL_1>", "annotations": []}
THOUGHT = {"id": "r", "type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]}
CALL = {
    "id": "f",
    "type": "function_call",
    "call_id": "c",
    "name": "send",
    "arguments": '{"a":1}',
    "status": "completed",
}
MESSAGE = {"id": "m", "type": "message", "role": "assistant", "status": "completed", "content": [SAID]}
RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1,
    "status": "completed",
    "model": "small-v1",
    "output": [THOUGHT, MESSAGE, CALL],
    "usage": {"input_tokens": 20, "output_tokens": 12, "total_tokens": 32},
}
BLOCKS = [
    {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
    {"type": "text", "text": "to <EMAIL_1>"},
    {"type": "tool_use", "id": "t", "name": "send", "input": {"to": "<EMAIL_1>"}},
]
CLAUDE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "small-v1",
    "content": BLOCKS,
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 2, "cache_read_input_tokens": 18, "output_tokens": 12},
}
CHAT = {
    "id": "c",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "to <EMAIL_1>"}}],
    "usage": {"prompt_tokens": 20, "completion_tokens": 12, "total_tokens": 32},
}
PLACEHOLDERS = [{"placeholder": "<EMAIL_1>", "value": "ada@mail.dev", "entity": "email"}]


class OfLitellm:
    """Stands where LiteLLM has its logging object: one to a request."""

    def __init__(self) -> None:
        self.model_call_details: dict[str, Any] = {}


def data_of(body: dict[str, Any]) -> dict[str, Any]:
    sent = {"body": dict(body), "headers": {}}
    own = {"metadata": {}, "litellm_logging_obj": OfLitellm(), "proxy_server_request": sent}
    return {"model": "auto", **body, **own}


class Replaying(unittest.TestCase):
    def test_a_response_is_told_as_events_that_say_all_of_it_in_order(self) -> None:
        events = list(responses_events(RESPONSE))
        self.assertEqual([event["sequence_number"] for event in events], list(range(len(events))))
        kinds = [event["type"] for event in events]
        self.assertEqual(kinds[:2] + kinds[-1:], ["response.created", "response.in_progress", "response.completed"])
        deltas = {event["type"]: event["delta"] for event in events if event["type"].endswith(".delta")}
        self.assertEqual(
            deltas,
            {
                "response.reasoning_summary_text.delta": "hm",
                "response.output_text.delta": "to <EMAIL_1>",
                "response.function_call_arguments.delta": '{"a":1}',
            },
        )
        done = [event["item"] for event in events if event["type"] == "response.output_item.done"]
        self.assertEqual(done, RESPONSE["output"])
        self.assertEqual(events[0]["response"]["output"], [])
        self.assertEqual(list(responses_events({"status": "incomplete"}))[-1]["type"], "response.incomplete")

    def test_a_message_is_told_block_by_block(self) -> None:
        events = list(messages_events({**CLAUDE, "content": [*BLOCKS, {"type": "other", "data": 7}]}))
        deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
        self.assertEqual(
            deltas,
            [
                {"type": "thinking_delta", "thinking": "hm"},
                {"type": "signature_delta", "signature": "c2ln"},
                {"type": "text_delta", "text": "to <EMAIL_1>"},
                {"type": "input_json_delta", "partial_json": '{"to": "<EMAIL_1>"}'},
            ],
        )
        begun = [event["content_block"] for event in events if event["type"] == "content_block_start"]
        self.assertEqual([block["type"] for block in begun], ["thinking", "text", "tool_use", "other"])
        self.assertEqual((begun[1]["text"], begun[2]["input"], begun[3]["data"]), ("", {}, 7))
        self.assertEqual(events[0]["message"]["usage"]["output_tokens"], 0)
        self.assertEqual(events[-2]["delta"]["stop_reason"], "end_turn")


class AgainstAServer(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.plan: dict[str, Any] = {}
        self.requests: list[tuple[str, Any]] = []
        app = web.Application()
        app.router.add_post("/signalbox.v1.RouterService/{method}", self.serve)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        host, port = self.runner.addresses[0][:2]
        self.hook = SignalboxHook(Settings(url=f"http://{host}:{port}", deadline_ms=3000, report=False))
        groups = [
            {"model_name": name, "litellm_params": {"model": f"openai/{name}", "api_key": "k"}}
            for name in ("auto", "small", "large")
        ]
        proxy = patch("litellm.proxy.proxy_server.llm_router", Router(model_list=groups))
        proxy.start()
        self.addCleanup(proxy.stop)

    async def asyncTearDown(self) -> None:
        await self.hook._client.close()
        await self.runner.cleanup()

    async def serve(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.requests.append((request.match_info["method"], body))
        plan = {name: value for name, value in self.plan.items() if name != "cached" or body.get("cache")}
        return web.json_response(plan)

    def knows(self, answer: dict[str, Any], model: str = "small", **more: Any) -> None:
        cached = {
            "kind": "exact",
            "id": "i",
            "model": model,
            "json": json.dumps(answer),
            "ageMs": 65_000,
            "similarity": 1,
        }
        edits: list[object] = []
        target = {"id": "t/small", "model": "small", "upstreamModel": "small", "edits": edits}
        self.plan = {"decisionId": "d", "model": "small", "targets": [target], **more}
        self.plan["cached"] = {**cached, "json": json.dumps(answer)}

    async def asked(self, body: dict[str, Any], call_type: str, key: UserAPIKeyAuth = KEY) -> dict[str, Any]:
        data = data_of(body)
        await self.hook.async_pre_call_hook(key, None, data, call_type)
        return data

    async def told(self, count: int) -> list[Any]:
        while len(self.requests) < count:
            await asyncio.sleep(0.01)
        return [body for _, body in self.requests]

    async def test_a_chat_is_given_what_is_known_with_the_clients_own_values(self) -> None:
        self.knows(CHAT, placeholders=PLACEHOLDERS, redacted={"email": 1})
        data = await self.asked({"messages": [{"role": "user", "content": "hi"}]}, "acompletion")
        self.assertEqual((data["model"], data["fallbacks"]), ("small", []))
        told = await self.hook.async_post_call_success_hook(data, KEY, data["mock_response"])
        self.assertEqual(told.choices[0].message.content, "to ada@mail.dev")
        headers = await self.hook.async_post_call_response_headers_hook(data, KEY, None)
        assert headers is not None
        self.assertEqual((headers["x-signalbox-cache"], headers["x-signalbox-cache-age"]), ("exact", "65"))
        self.assertNotIn("ada@", json.dumps(data["metadata"]))

    async def test_nothing_of_what_was_asked_is_left_for_logs_where_it_holds_personal_data(self) -> None:
        for call_type, body, answer in (
            ("acompletion", {"messages": [{"role": "user", "content": "ada@mail.dev"}], "user": "ada@mail.dev"}, CHAT),
            ("aresponses", {"input": "ada@mail.dev", "instructions": "ada@mail.dev", "temperature": 0}, RESPONSE),
        ):
            self.knows(answer, placeholders=PLACEHOLDERS, redacted={"email": 1})
            data = data_of(body)
            logged = data["litellm_logging_obj"].model_call_details = {"messages": [{"content": "ada@mail.dev"}]}
            data["metadata"] = {"requester_metadata": {"who": "ada@mail.dev"}, "who": "ada@mail.dev"}
            await self.hook.async_pre_call_hook(KEY, None, data, call_type)
            self.assertIn("mock_response", data)
            self.assertNotIn("ada@", repr({**data, "logged": logged}))
            self.assertEqual(data.get("temperature"), body.get("temperature"))

    async def test_a_stream_of_responses_or_messages_is_made_of_it(self) -> None:
        for call_type, body, answer in (
            ("aresponses", {"input": "hi", "stream": True}, RESPONSE),
            ("anthropic_messages", {"messages": [], "max_tokens": 9, "stream": True}, CLAUDE),
        ):
            self.knows(answer, placeholders=PLACEHOLDERS)
            data = await self.asked(body, call_type)
            self.assertNotIn("stream", data)
            told = await self.hook.async_post_call_success_hook(data, KEY, object())
            text = b"".join([part async for part in told.body_iterator]).decode()
            self.assertIn("ada@mail.dev", text)
            self.assertNotIn("<EMAIL_1>", text)
            self.assertEqual(told.headers["x-signalbox-cache"], "exact")

    async def test_a_key_is_not_given_what_a_model_said_that_it_could_not_name(self) -> None:
        self.knows(CHAT, model="large")
        key = UserAPIKeyAuth(models=["auto", "small"])
        data = await self.asked({"messages": [{"role": "user", "content": "hi"}]}, "acompletion", key)
        self.assertNotIn("mock_response", data)
        self.assertEqual([body["cache"] for _, body in self.requests], [True, False])

    async def test_an_answer_that_is_none_passes_like_anything_wrong(self) -> None:
        self.knows({})
        self.plan["cached"]["json"] = "[]"
        data = await self.asked({"messages": [{"role": "user", "content": "hi"}]}, "acompletion")
        self.assertEqual(data["metadata"]["signalbox_headers"], {"x-signalbox-passed": "wrong"})

    async def test_a_whole_answer_is_handed_in_as_the_model_gave_it(self) -> None:
        self.knows(CHAT, cacheable=True, placeholders=PLACEHOLDERS)
        del self.plan["cached"]
        data = await self.asked({"messages": [{"role": "user", "content": "hi"}]}, "acompletion")
        fields: dict[str, Any] = CHAT
        answer = ModelResponse(**fields)
        told = await self.hook.async_post_call_success_hook(data, KEY, answer)
        self.assertEqual(told.choices[0].message.content, "to ada@mail.dev")
        _, stored = await self.told(2)
        self.assertEqual((stored["decisionId"], stored["stream"]), ("d", False))
        self.assertIn("<EMAIL_1>", decoded(stored))
        answer._hidden_params["additional_headers"] = {"x-litellm-attempted-fallbacks": 1}
        await self.hook.async_post_call_success_hook(data, KEY, answer)
        await asyncio.sleep(0.1)
        self.assertEqual(len(self.requests), 2, "what a fallback gave is not")

    async def test_a_stream_is_handed_in_when_it_has_come_to_its_end_and_not_when_it_breaks_off(self) -> None:
        self.knows(CHAT, cacheable=True)
        del self.plan["cached"]
        data = await self.asked({"messages": [{"role": "user", "content": "hi"}], "stream": True}, "acompletion")

        async def stream(breaks: bool) -> AsyncIterator[Any]:
            for text in ("to ", "you"):
                choices: list[Any] = [{"index": 0, "delta": {"content": text}}]
                yield ModelResponseStream(choices=choices)
            if breaks:
                raise ConnectionError

        for breaks in (True, False):
            heard = self.hook.async_post_call_streaming_iterator_hook(KEY, stream(breaks), data)
            try:
                self.assertEqual(len([chunk async for chunk in heard]), 2)
            except ConnectionError:
                self.assertTrue(breaks)
        _, stored = await self.told(2)
        self.assertTrue(stored["stream"])
        self.assertTrue(decoded(stored).endswith("data: [DONE]\n\n"))
        self.assertEqual(decoded(stored).count("data: "), 3)

    async def test_a_stream_that_nothing_is_known_of_passes_as_the_same_object(self) -> None:
        stream = object()
        self.assertIs(self.hook.async_post_call_streaming_iterator_hook(KEY, stream, data_of({})), stream)

    async def test_what_is_known_of_a_request_goes_with_it(self) -> None:
        self.knows(CHAT, placeholders=PLACEHOLDERS)
        data = await self.asked({"messages": [{"role": "user", "content": "hi"}]}, "acompletion")
        self.assertEqual(len(self.hook._flights._known), 1)
        del data
        gc.collect()
        self.assertEqual(len(self.hook._flights._known), 0)


def decoded(stored: dict[str, Any]) -> str:
    return base64.b64decode(stored["body"]).decode()


if __name__ == "__main__":
    unittest.main()
