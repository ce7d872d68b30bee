import unittest
from typing import Any

from fastapi import HTTPException
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy._types import UserAPIKeyAuth

from signalbox_litellm.hook import SignalboxHook
from signalbox_litellm.settings import Settings

# Nobody listens there.
NOWHERE = Settings(url="http://127.0.0.1:9")


def chat(model: str) -> dict[str, Any]:
    body = {"model": model, "messages": [{"role": "user", "content": "hello"}]}
    return {**body, "metadata": {}, "proxy_server_request": {"body": body, "headers": {}}}


class TheClass(unittest.TestCase):
    def test_the_hook_stands_on_the_class_of_the_instance_as_litellm_wants_it(self) -> None:
        self.assertIn("async_pre_call_hook", vars(type(SignalboxHook(NOWHERE))))
        self.assertIsInstance(SignalboxHook(NOWHERE), CustomLogger)

    def test_a_class_of_it_which_litellm_would_not_call_cannot_be_made(self) -> None:
        with self.assertRaises(TypeError):
            type("Own", (SignalboxHook,), {})


class WithoutAProxy(unittest.IsolatedAsyncioTestCase):
    async def test_a_named_model_passes_and_the_header_says_so(self) -> None:
        hook = SignalboxHook(NOWHERE)
        self.addAsyncCleanup(hook._client.close)
        data = chat("large")
        await hook.async_pre_call_hook(UserAPIKeyAuth(), None, data, "acompletion")
        self.assertEqual(data["model"], "large")
        headers = await hook.async_post_call_response_headers_hook(data, UserAPIKeyAuth(), None)
        self.assertEqual(headers, {"x-signalbox-passed": "down"})

    async def test_what_a_client_forges_in_metadata_is_gone(self) -> None:
        data = chat("large")
        data["metadata"] = {"signalbox_decision_id": "x", "signalbox_headers": {"x-a": "b"}}
        await SignalboxHook(NOWHERE).async_pre_call_hook(UserAPIKeyAuth(), None, data, "aembedding")
        self.assertEqual(data["metadata"], {})

    async def test_nesting_that_cannot_be_written_is_refused_and_does_not_pass(self) -> None:
        deep: list[Any] = []
        for _ in range(100_000):
            deep = [deep]
        data = chat("large")
        data["messages"] = data["proxy_server_request"]["body"]["messages"] = deep
        with self.assertRaises(HTTPException) as caught:
            await SignalboxHook(NOWHERE).async_pre_call_hook(UserAPIKeyAuth(), None, data, "acompletion")
        self.assertEqual(caught.exception.status_code, 400)

    async def test_a_key_that_reaches_no_model_behind_auto_is_told_so(self) -> None:
        with self.assertRaises(HTTPException) as caught:
            await SignalboxHook(NOWHERE).async_pre_call_hook(UserAPIKeyAuth(), None, chat("auto"), "acompletion")
        self.assertEqual(caught.exception.status_code, 403)


if __name__ == "__main__":
    unittest.main()
