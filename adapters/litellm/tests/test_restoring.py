import json
import unittest
from typing import Any

from litellm.types.utils import ModelResponse, ModelResponseStream

from signalbox_litellm.restoring import Restoring, TextRestorer
from signalbox_litellm.streams import EventRestorer, SseRestorer, restored

VALUES = {"<EMAIL_1>": "ada@mail.dev", "<EMAIL_10>": "bob@mail.dev", "<US_SSN_1>": "078-05-1120"}
PLAIN = Restoring(VALUES)
BIG = '1 "Big" St\nFlat\\2'
QUOTED = Restoring({**VALUES, "<ADDRESS_1>": BIG})
PIECES = ["Hi <EM", "AIL_1>, <us_", "ssn_1> and <d", "iv> <"]
TOLD = "Hi ada@mail.dev, 078-05-1120 and <div> <"

RESTORED = {
    "<EMAIL_1>": "ada@mail.dev",
    "<EMAIL_10>0<EMAIL_1>": "bob@mail.dev0ada@mail.dev",
    "<email_1> <Email_1> <us_ssn_1>": "ada@mail.dev ada@mail.dev 078-05-1120",
    "< EMAIL_1 > <EMAIL 1> <EMAIL-1> <EMAIL1> <US SSN 1>": "ada@mail.dev " * 4 + "078-05-1120",
    "&lt;EMAIL_1&gt; \uff1cEMAIL_1\uff1e": "ada@mail.dev ada@mail.dev",
    "**<EMAIL_1>** [<EMAIL_1>](mailto:<EMAIL_1>)": "**ada@mail.dev** [ada@mail.dev](mailto:ada@mail.dev)",
    r"\<EMAIL\_1\> <US\_SSN\_1>": "ada@mail.dev 078-05-1120",
    r"\u003cEMAIL_1\u003e": "ada@mail.dev",
    r"C:\<EMAIL_1> and \\<EMAIL_1>": r"C:\ada@mail.dev and \\ada@mail.dev",
    "<<EMAIL_1>>": "<ada@mail.dev>",
}
KEPT = [
    "EMAIL_1",
    "<EMAIL_2> <EMAIL_100> <EMAIL> <EMAIL_> <EMAIL_01>",
    "<EMAIL_1",
    "<XEMAIL_1> <EMAIL_1x> <EMAIL_1 2> <EMAIL_1 0> <E MAIL_1>",
    "a < b && c > d, <div class='EMAIL_1'>",
    "<EMAIL_    1>",
    "[EMAIL_1]",
]


class Texts(unittest.TestCase):
    def test_what_a_model_may_make_of_a_placeholder_is_restored(self) -> None:
        for text, told in RESTORED.items():
            with self.subTest(text=text):
                self.assertEqual(PLAIN.text(text), told)

    def test_what_is_none_or_not_for_sure_stays(self) -> None:
        for text in KEPT:
            with self.subTest(text=text):
                self.assertEqual(PLAIN.text(text), text)

    def test_in_json_inside_of_text_a_value_is_escaped_as_deep_as_it_stands(self) -> None:
        nested = json.dumps({"a": "<ADDRESS_1>", "b": json.dumps({"c": ["x <ADDRESS_1>"]})})
        read = json.loads(QUOTED.text(nested))
        self.assertEqual((read["a"], json.loads(read["b"])), (BIG, {"c": [f"x {BIG}"]}))
        self.assertEqual(QUOTED.text('[note] "<ADDRESS_1>"'), f'[note] "{BIG}"')
        self.assertEqual(QUOTED.text("{x} <ADDRESS_1>"), f"{{x}} {BIG}")

    def test_a_text_that_is_cut_anywhere_is_restored_all_the_same(self) -> None:
        for texts, restoring in ((RESTORED, PLAIN), ({r'{"a":"\u0022<ADDRESS_1>"}': None}, QUOTED)):
            for text in texts:
                for cut in range(len(text) + 1):
                    restorer = TextRestorer(restoring)
                    told = restorer.push(text[:cut]) + restorer.push(text[cut:]) + restorer.end()
                    self.assertEqual(told, restoring.text(text), f"{text} at {cut}")

    def test_nothing_prints_a_value(self) -> None:
        match = PLAIN.matcher.match("<EMAIL_1>", 0)
        self.assertNotIn("ada@", f"{PLAIN!r} {PLAIN.matcher!r} {match!r}")


class WholeAnswers(unittest.TestCase):
    def test_texts_arguments_and_keys_come_back_in_a_copy(self) -> None:
        call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"<EMAIL_1>":"<ADDRESS_1>"}'}}
        message = {"role": "assistant", "content": "to <EMAIL_1>", "tool_calls": [call]}
        choices: list[Any] = [{"index": 0, "finish_reason": "stop", "message": message}]
        model = ModelResponse(choices=choices)
        model._hidden_params["response_cost"] = 7.0
        told = QUOTED.whole(model)
        self.assertEqual(told.choices[0].message.content, "to ada@mail.dev")
        arguments = told.choices[0].message.tool_calls[0].function.arguments
        self.assertEqual(json.loads(arguments), {"ada@mail.dev": BIG})
        self.assertEqual(told._hidden_params["response_cost"], 7.0)
        self.assertEqual(model.choices[0].message.content, "to <EMAIL_1>")

    def test_an_answer_of_dicts_is_copied_too_and_one_without_placeholders_is_the_same_object(self) -> None:
        answer = {"content": [{"type": "tool_use", "input": {"<EMAIL_1>": ["<US_SSN_1>", 7, None]}}]}
        told = PLAIN.whole(answer)
        self.assertEqual(told["content"][0]["input"], {"ada@mail.dev": ["078-05-1120", 7, None]})
        self.assertIn("<EMAIL_1>", answer["content"][0]["input"])
        self.assertIs(PLAIN.whole(answer["content"][0]["type"]), answer["content"][0]["type"])
        plain = {"a": [{"b": "nothing"}]}
        self.assertIs(PLAIN.whole(plain), plain)


def chunk(content: str | None, finish: str | None = None) -> ModelResponseStream:
    delta = {} if content is None else {"content": content, "role": "assistant"}
    choices: list[Any] = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return ModelResponseStream(choices=choices)


def text_in(events: list[Any]) -> str:
    return "".join(event.choices[0].delta.content or "" for event in events)


class Streams(unittest.IsolatedAsyncioTestCase):
    def test_chunks_of_a_chat_hold_back_only_what_may_become_a_placeholder(self) -> None:
        restorer = EventRestorer("API_KIND_OPENAI_CHAT", PLAIN)

        def push(text: str) -> str:
            return text_in(restorer.push(chunk(text)))

        self.assertEqual([push(text) for text in ("Hello <", "d", "iv> <EMA", "IL")], ["Hello ", "<d", "iv> ", ""])
        self.assertEqual([push(text) for text in ("S>", "<EMAIL_1", ">!")], ["<EMAILS>", "", "ada@mail.dev!"])
        self.assertEqual(push("<EMAIL_1"), "")
        held, last = restorer.push(chunk(None, "stop"))
        self.assertEqual((text_in([held]), held.choices[0].finish_reason), ("<EMAIL_1", None))
        self.assertEqual((text_in([last]), last.choices[0].finish_reason), ("", "stop"))

    def test_what_litellm_keeps_of_a_stream_is_not_changed(self) -> None:
        restorer = EventRestorer("API_KIND_OPENAI_CHAT", PLAIN)
        kept = [chunk(piece) for piece in PIECES]
        self.assertEqual(text_in([told for each in kept for told in restorer.push(each)]), TOLD[:-1])
        self.assertEqual(text_in(kept), "".join(PIECES))

    def test_arguments_of_two_calls_at_once_stay_valid_json_each(self) -> None:
        restorer = EventRestorer("API_KIND_OPENAI_CHAT", QUOTED)
        texts = {0: "", 1: ""}
        for piece in ('{"a":"<ADD', 'RESS_1>"', "}"):
            for index in texts:
                call = {"index": index, "function": {"arguments": piece}}
                choices: list[Any] = [{"index": 0, "delta": {"tool_calls": [call]}}]
                event = ModelResponseStream(choices=choices)
                for told in restorer.push(event):
                    for each in told.choices[0].delta.tool_calls or []:
                        texts[each.index] += each.function.arguments
        self.assertEqual([json.loads(text) for text in texts.values()], [{"a": BIG}, {"a": BIG}])

    async def test_bytes_of_messages_are_restored_wherever_they_are_cut(self) -> None:
        def event(fields: dict[str, Any]) -> bytes:
            return f"event: {fields['type']}\ndata: {json.dumps(fields)}\n\n".encode()

        def piece(text: str) -> bytes:
            return event({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})

        stream = b"".join([*map(piece, PIECES), event({"type": "ping"}), event({"type": "content_block_stop"})])
        for cut in range(len(stream)):
            sse = SseRestorer("API_KIND_ANTHROPIC_MESSAGES", PLAIN)
            told = sse.push(stream[:cut]) + sse.push(stream[cut:]) + sse.end()
            lines = [json.loads(line[6:]) for line in told.decode().splitlines() if line.startswith("data: ")]
            names = [line[7:] for line in told.decode().splitlines() if line.startswith("event: ")]
            self.assertEqual("".join(each.get("delta", {}).get("text", "") for each in lines), TOLD, f"cut at {cut}")
            self.assertEqual(names, [each["type"] for each in lines])

    async def test_events_of_responses_are_numbered_on_where_one_goes_between(self) -> None:
        place = {"item_id": "m", "output_index": 0, "content_index": 0}

        async def stream() -> Any:
            for number, text in enumerate(["to <EMAIL", "_1> <EMAIL_1"]):
                kind = "response.output_text.delta"
                yield {"type": kind, **place, "delta": text, "sequence_number": number}
            yield {"type": "response.output_text.done", **place, "text": "to <EMAIL_1> <EMAIL_1", "sequence_number": 2}

        told = [event async for event in restored(stream(), "API_KIND_OPENAI_RESPONSES", PLAIN)]
        self.assertEqual([event["sequence_number"] for event in told], [0, 1, 2, 3])
        self.assertEqual("".join(event.get("delta", "") for event in told), "to ada@mail.dev <EMAIL_1")
        self.assertEqual(told[-1]["text"], "to ada@mail.dev <EMAIL_1")


if __name__ == "__main__":
    unittest.main()
