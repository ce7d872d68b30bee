import json
import unittest
from typing import Any

from signalbox_litellm.plan import Edit, Plan, Target
from signalbox_litellm.request import Question, apply, drop_headers, marks_of, question_of

MODELS = ["small", "large"]


def data_of(body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """As LiteLLM hands a chat to its hooks."""
    own = {"requester_metadata": body["metadata"]} if "metadata" in body else {}
    sent = {"body": {**body, "metadata": {"user_api_key": "hash"}}, "headers": {}}
    return {**body, "metadata": {**own, "user_api_key": "hash"}, "proxy_server_request": sent, **more}


def plan_of(*targets: Target) -> Plan:
    return Plan("d-1", targets[0].model if targets else "stranger", "", "", "", 0.9, targets, None)


def target(model: str, *edits: Edit) -> Target:
    return Target(f"t/{model}", model, f"{model}-v1", edits)


class Asking(unittest.TestCase):
    def test_the_body_is_what_the_client_sent_without_what_is_litellms(self) -> None:
        data = data_of(
            {
                "model": "auto",
                "messages": [{"role": "user", "content": "é"}],
                "metadata": {"a": "b"},
                "fallbacks": ["x"],
            },
            litellm_call_id="1",
        )
        question = question_of(data, "acompletion", MODELS)
        assert question is not None
        raw: Any = question.message["raw"]
        self.assertEqual(raw["api"], "API_KIND_OPENAI_CHAT")
        self.assertEqual(raw["json"].encode(), question.body)
        self.assertEqual(
            json.loads(raw["json"]),
            {"model": "auto", "messages": [{"role": "user", "content": "é"}], "metadata": {"a": "b"}},
        )
        self.assertEqual(question.message["constraints"], {"allowedModels": MODELS})

    def test_where_litellm_keeps_its_metadata_apart_the_clients_is_in_its_place(self) -> None:
        data = data_of({"model": "auto", "input": "hello"}, metadata={"a": "b"}, litellm_metadata={"user_api_key": "h"})
        question = question_of(data, "aresponses", MODELS)
        assert question is not None
        self.assertEqual(json.loads(question.body)["metadata"], {"a": "b"})
        self.assertIs(marks_of(data), data["litellm_metadata"])

    def test_credentials_are_not_passed_on_and_other_headers_are(self) -> None:
        data = data_of({"model": "auto", "messages": []})
        data["proxy_server_request"]["headers"] = {"Authorization": "k", "x-api-key": "k", "Cookie": "k", "X-Team": "a"}
        question = question_of(data, "acompletion", MODELS)
        assert question is not None
        self.assertEqual(question.message["headers"], {"x-team": "a"})

    def test_half_a_surrogate_pair_can_be_sent(self) -> None:
        question = question_of(data_of({"model": "auto", "messages": "\ud800"}), "acompletion", MODELS)
        assert question is not None
        self.assertEqual(json.loads(question.body)["messages"], "\ud800")

    def test_what_has_no_json_is_nothing_and_no_way_around(self) -> None:
        data = data_of(
            {"model": "auto", "messages": [{"role": "user", "content": object()}], "secret_fields": object()}
        )
        question = question_of(data, "acompletion", MODELS)
        assert question is not None
        self.assertEqual(json.loads(question.body), {"model": "auto", "messages": [{"role": "user", "content": None}]})

    def test_a_text_completion_is_asked_as_messages_and_what_has_no_prompt_not_at_all(self) -> None:
        question = question_of(data_of({"model": "auto", "prompt": ["a", "b"]}), "atext_completion", MODELS)
        assert question is not None
        asked = json.loads(question.body)
        self.assertEqual([message["content"] for message in asked["messages"]], ["a", "b"])
        self.assertNotIn("cache", question.message)
        self.assertIsNone(question_of(data_of({"model": "auto", "prompt": [[1, 2]]}), "atext_completion", MODELS))
        self.assertIsNone(question_of(data_of({"model": "auto", "input": "a"}), "aembedding", MODELS))


class Applying(unittest.TestCase):
    body = b'{"model":"auto"}'
    question = Question({}, "API_KIND_OPENAI_CHAT", body)
    effort = Edit(len(body) - 1, 0, b',"reasoning_effort":"high"')

    def test_the_model_and_the_order_of_the_others_are_the_plans(self) -> None:
        data: dict[str, Any] = {"model": "auto", "fallbacks": ["x"], "context_window_fallbacks": [{"a": ["b"]}]}
        chosen = apply(data, plan_of(target("small"), target("small"), target("large")), self.question, MODELS)
        self.assertEqual([each.model for each in chosen], ["small", "large"])
        self.assertEqual(data, {"model": "small", "fallbacks": ["large"]})

    def test_without_another_model_nobody_falls_back_to_the_routers_own(self) -> None:
        data: dict[str, Any] = {"model": "auto"}
        apply(data, plan_of(target("small")), self.question, MODELS)
        self.assertEqual(data["fallbacks"], [])

    def test_what_one_model_is_asked_beside_another_is_not(self) -> None:
        data: dict[str, Any] = {"model": "auto"}
        apply(data, plan_of(target("large", self.effort), target("small")), self.question, MODELS)
        self.assertEqual(data["reasoning_effort"], "high")
        self.assertEqual(data["fallbacks"], [{"model": "small", "reasoning_effort": None}])

    def test_what_is_redacted_of_a_text_completion_is_put_into_its_prompt(self) -> None:
        data = data_of({"model": "auto", "prompt": ["to ada", "", "b"]})
        question = question_of(data, "atext_completion", MODELS)
        assert question is not None
        at = question.body.index(b"ada")
        apply(data, plan_of(target("small", Edit(at, 3, b"<P_1>")), target("large")), question, MODELS)
        self.assertEqual(data["prompt"], ["to <P_1>", "", "b"])
        self.assertEqual(data["fallbacks"], [{"model": "large", "prompt": ["to ada", "", "b"]}])

    def test_what_is_redacted_stands_in_no_other_copy_of_the_body_and_leaves_litellms_metadata(self) -> None:
        data = data_of({"model": "auto", "user": "anna", "metadata": {"who": "anna"}})
        question = question_of(data, "acompletion", MODELS)
        assert question is not None
        at, again = question.body.index(b"anna"), question.body.rindex(b"anna")
        edits = (Edit(at, 4, b"<P_1>"), Edit(again, 4, b"<P_1>"))
        plan = Plan("d", "small", "", "", "", 0.9, (target("small", *edits),), None, {"<P_1>": "anna"}, {"person": 2})
        apply(data, plan, question, MODELS)
        self.assertEqual(data["user"], "<P_1>")
        self.assertEqual(data["metadata"], {"requester_metadata": {"who": "<P_1>"}, "user_api_key": "hash"})
        self.assertNotIn("anna", json.dumps(data))
        self.assertNotIn("anna", repr(plan))

    def test_a_decision_for_what_may_not_be_reached_is_no_decision(self) -> None:
        data: dict[str, Any] = {"model": "auto"}
        for targets in ([target("other")], [target("other"), target("small")]):
            with self.assertRaises(ValueError):
                apply(data, plan_of(*targets), self.question, MODELS)
        self.assertEqual(data, {"model": "auto"})

    def test_a_model_that_is_not_of_the_pool_stays_as_it_is(self) -> None:
        data: dict[str, Any] = {"model": "stranger", "fallbacks": ["x"]}
        self.assertEqual(apply(data, plan_of(), self.question, MODELS), [])
        self.assertEqual(data, {"model": "stranger", "fallbacks": ["x"]})

    def test_headers_with_our_names_are_taken_from_what_is_sent_on(self) -> None:
        ours = {"X-Signalbox-Tenant": "a", "X-Selected-Model": "b", "x-mine": "c"}
        data: dict[str, Any] = {"headers": dict(ours), "extra_headers": dict(ours)}
        drop_headers(data, "x-selected-model")
        self.assertEqual(data, {"headers": {"x-mine": "c"}, "extra_headers": {"x-mine": "c"}})


if __name__ == "__main__":
    unittest.main()
