import base64
import json
import unittest

from signalbox_litellm.plan import Edit, Target, changes, edit, read_plan

BODY = '{"model":"auto","text":"é","more":1}'.encode()


def told(**more: object) -> dict[str, object]:
    target = {
        "id": "house/small-v1",
        "model": "small",
        "upstreamModel": "small-v1",
        "edits": [{"offset": 9, "length": 6, "bytes": base64.b64encode(b'"small-v1"').decode()}],
    }
    return {"decisionId": "d-1", "model": "small", "confidence": 0.9, "targets": [target], **more}


class ReadingPlans(unittest.TestCase):
    def test_a_plan_is_read_as_far_as_it_is_used(self) -> None:
        plan = read_plan(told(tier="small", somethingNew={"a": 1}))
        self.assertEqual((plan.decision_id, plan.model, plan.tier, plan.confidence), ("d-1", "small", "small", 0.9))
        self.assertEqual(plan.targets[0].edits, (Edit(9, 6, b'"small-v1"'),))
        self.assertIsNone(plan.blocked)

    def test_what_is_blocked_is_told_in_the_words_of_its_api(self) -> None:
        body = json.dumps({"error": {"message": "Blocked by safety: jailbreak."}})
        plan = read_plan({"decisionId": "d-1", "blocked": {"status": 403, "code": "blocked", "body": body}})
        assert plan.blocked is not None
        self.assertEqual((plan.blocked.status, plan.blocked.message), (403, "Blocked by safety: jailbreak."))

    def test_anything_else_is_no_plan(self) -> None:
        target = {"edits": [{"bytes": "%%%"}]}
        wrong: list[object] = [
            None,
            [],
            {},
            {"decisionId": "d-1"},
            told(model=""),
            told(targets="all"),
            told(targets=[7]),
            told(targets=[target]),
            told(targets=[{}] * 65),
            told(confidence="high"),
            told(decisionId=7),
        ]
        for value in wrong:
            with self.subTest(value=value), self.assertRaises(ValueError):
                read_plan(value)


class Editing(unittest.TestCase):
    def test_edits_count_in_bytes_and_leave_the_rest_as_it_is(self) -> None:
        after = edit(BODY, [Edit(9, 6, b'"small-v1"'), Edit(len(BODY) - 1, 0, b',"x":2')])
        self.assertEqual(after.decode(), '{"model":"small-v1","text":"é","more":1,"x":2}')

    def test_edits_that_overlap_or_lie_outside_are_refused(self) -> None:
        for edits in ([Edit(9, 6, b""), Edit(10, 1, b"")], [Edit(0, 999, b"")], [Edit(5, -1, b"")]):
            with self.subTest(edits=edits), self.assertRaises(ValueError):
                edit(BODY, edits)

    def test_what_changes_beside_the_model_is_told_by_field(self) -> None:
        model = Edit(9, 6, b'"small-v1"')
        self.assertEqual(changes(BODY, Target("t", "small", "small-v1", (model,))), {})
        effort = Edit(len(BODY) - 1, 0, b',"reasoning_effort":"high"')
        self.assertEqual(changes(BODY, Target("t", "small", "small-v1", (model, effort))), {"reasoning_effort": "high"})
        with self.assertRaises(ValueError):
            changes(BODY, Target("t", "small", "small-v1", (Edit(0, 1, b""),)))


if __name__ == "__main__":
    unittest.main()
