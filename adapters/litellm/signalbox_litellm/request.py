"""Between LiteLLM's `data` of a request and Signalbox's RouteRequest."""

import json
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .plan import Plan, Target, changes
from .written import written

APIS: Final[Mapping[str, str]] = {
    "acompletion": "API_KIND_OPENAI_CHAT",
    "aresponses": "API_KIND_OPENAI_RESPONSES",
    "anthropic_messages": "API_KIND_ANTHROPIC_MESSAGES",
    "atext_completion": "API_KIND_OPENAI_CHAT",
}
TEXT_COMPLETION: Final = "atext_completion"
MOST_HEADERS: Final = 150
OUR_HEADERS: Final = "x-signalbox-"
# Of the client and LiteLLM; no decision goes by them.
SECRETS: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "api-key", "x-api-key", "x-litellm-api-key"}
)
# Where LiteLLM takes headers for the model server from.
HEADERS_SENT_ON: Final = ("headers", "extra_headers")
WITHHELD: Final = "withheld: it holds personal data"
# Whom else LiteLLM would ask, in the client's words.
OTHER_FALLBACKS: Final = ("context_window_fallbacks", "content_policy_fallbacks")


# What LiteLLM takes for itself, or, of metadata, mixes with its own.
NOT_SENT_ON: Final = frozenset(
    {"metadata", "litellm_metadata", "fallbacks", *OTHER_FALLBACKS, *HEADERS_SENT_ON}
    | {"guardrails", "tags", "cache", "timeout", "request_timeout", "num_retries", "disable_fallbacks"}
    | {"proxy_server_request", "secret_fields", "litellm_call_id", "litellm_logging_obj"}
)


@dataclass(frozen=True, slots=True)
class Question:
    """
    message: RouteRequest without who asks. api: what it calls the API. body: the JSON in it that edits are counted in.
    prompt: what a text completion asks; it is asked about as a chat that says the same.
    """

    message: dict[str, object]
    api: str
    body: bytes
    prompt: object = None


def question_of(data: Mapping[str, object], call_type: str, models: Sequence[str]) -> Question | None:
    """None for what has no prompt that a decision could be taken on."""
    sent = _fields(data.get("proxy_server_request"))
    client = _fields(sent.get("body"))
    body = {name: data[name] for name in client if name in data and name not in NOT_SENT_ON}
    if metadata := _metadata(data):
        body["metadata"] = metadata
    message: dict[str, object] = {
        "headers": _headers(_fields(sent.get("headers"))),
        "constraints": {"allowedModels": list(models)},
    }
    prompt = None
    if call_type == TEXT_COMPLETION:
        prompt = body.get("prompt")
        messages = [{"role": "user", "content": text} for text in _texts(prompt)]
        body = {"model": data.get("model"), "messages": messages} if messages else {}
    api = APIS.get(call_type)
    if api is None or not body:
        return None
    text = written(body)
    # Nobody gives the answer to a chat out as a text completion.
    may_cache = {} if call_type == TEXT_COMPLETION else {"cache": True}
    return Question({**message, **may_cache, "raw": {"api": api, "json": text}}, api, text.encode(), prompt)


def marks_of(data: MutableMapping[str, Any]) -> dict[str, Any]:
    """LiteLLM's own metadata of a request; of some kinds of call `metadata` is the client's."""
    name = "litellm_metadata" if "litellm_metadata" in data else "metadata"
    marks = data.get(name)
    if not isinstance(marks, dict):
        marks = data[name] = {}
    return marks


def apply(data: MutableMapping[str, object], plan: Plan, question: Question, models: Iterable[str]) -> list[Target]:
    """
    Puts the decision into the request: the model, what it is asked beside, who is next where it fails. The first
    target of each model that may be reached, in that order; none where the model is not of Signalbox's pool.
    Raises ValueError for a decision that names no model that may be reached.
    """
    if not plan.targets:
        return []
    reachable = set(models)
    firsts = {target.model: target for target in reversed(plan.targets) if target.model in reachable}
    chosen = [firsts[name] for name in dict.fromkeys(target.model for target in plan.targets) if name in firsts]
    if not chosen or chosen[0].model != plan.targets[0].model:
        raise ValueError("the decision names a model that this request may not reach")
    set_by = [_fields_of(question, target) for target in chosen]
    before = {name: data.get(name) for fields in set_by for name in fields if name != "metadata"}
    _set(data, set_by[0], plan)
    data["model"] = chosen[0].model
    # A fallback is asked with the fields of the first one, but for those that are set here.
    data["fallbacks"] = [
        {"model": target.model, **before, **_without_metadata(fields)} if before else target.model
        for target, fields in zip(chosen[1:], set_by[1:], strict=True)
    ]
    for name in OTHER_FALLBACKS:
        data.pop(name, None)
    return chosen


def withhold(data: MutableMapping[str, Any], question: Question) -> None:
    """Of a request with personal data that no model is asked, nothing but numbers is left for LiteLLM's logs."""
    body = _fields(json.loads(question.body))
    words = {name for name, value in body.items() if isinstance(value, (str, list, dict)) and name != "model"}
    asked = "messages" if "messages" in body else "input"
    said: dict[str, object] = {asked: [{"role": "user", "content": WITHHELD}]}
    for name in words - {"metadata", asked}:
        data.pop(name, None)
    data.update(said)
    _set_metadata(data, {name: WITHHELD for name in _fields(body.get("metadata"))})
    sent = data.get("proxy_server_request")
    if isinstance(sent, dict):
        sent["body"] = {name: value for name, value in body.items() if name not in words}
    _redact_copies(data, said)


def drop_headers(data: MutableMapping[str, object], routing_header: str) -> None:
    """What a client calls by our names must not reach a model server that LiteLLM forwards headers to."""
    for part in HEADERS_SENT_ON:
        headers = data.get(part)
        if isinstance(headers, dict):
            data[part] = {
                name: value
                for name, value in headers.items()
                if not str(name).lower().startswith(OUR_HEADERS) and str(name).lower() != routing_header
            }


def _fields_of(question: Question, target: Target) -> dict[str, object]:
    """What the target is asked otherwise than the client asks, by field of LiteLLM's own call."""
    changed = changes(question.body, target)
    if question.prompt is None:
        return changed
    said = changed.get("messages")
    if not isinstance(said, list):
        return {}
    texts = [str(_fields(message).get("content")) for message in said if _fields(message).get("role") == "user"]
    if len(texts) != len(_texts(question.prompt)):
        raise ValueError("the messages of a text completion are not those that were asked about")
    if not isinstance(question.prompt, list):
        return {"prompt": texts[0]}
    return {"prompt": [texts.pop(0) if isinstance(each, str) and each else each for each in question.prompt]}


def _without_metadata(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if name != "metadata"}


def _set(data: MutableMapping[str, Any], fields: Mapping[str, object], plan: Plan) -> None:
    data.update(_without_metadata(fields))
    if "metadata" in fields:
        _set_metadata(data, _fields(fields["metadata"]))
    if plan.redacted:
        _redact_copies(data, fields)


def _set_metadata(data: MutableMapping[str, Any], metadata: Mapping[str, object]) -> None:
    """The client's, which LiteLLM mixes with its own where it has no other place for that."""
    if "litellm_metadata" in data:
        data["metadata"] = metadata
        return
    marks = marks_of(data)
    before = _fields(marks.get("requester_metadata"))
    marks["requester_metadata"] = metadata
    marks.update(
        {name: value for name, value in metadata.items() if name in before and marks.get(name) == before[name]}
    )


def _redact_copies(data: MutableMapping[str, Any], fields: Mapping[str, object]) -> None:
    """What LiteLLM has kept of the request for its logs before any hook was called."""
    sent = data.get("proxy_server_request")
    if isinstance(sent, dict) and isinstance(sent.get("body"), dict):
        sent["body"] = {**sent["body"], **fields}
    details = getattr(data.get("litellm_logging_obj"), "model_call_details", None)
    if isinstance(details, dict):
        asked = data.get("messages") or [{"role": "user", "content": data.get("input") or data.get("prompt")}]
        data["litellm_logging_obj"].messages = details["messages"] = asked
        details.update({name: value for name, value in _without_metadata(fields).items() if name in details})


def _metadata(data: Mapping[str, object]) -> object:
    """The client's."""
    metadata = data.get("metadata")
    return metadata if "litellm_metadata" in data else _fields(metadata).get("requester_metadata")


def _headers(headers: Mapping[str, object]) -> dict[str, str]:
    plain = [(name.lower(), value) for name, value in headers.items() if isinstance(value, str)]
    return dict([pair for pair in plain if pair[0] not in SECRETS][:MOST_HEADERS])


def _texts(prompt: object) -> list[str]:
    texts = prompt if isinstance(prompt, list) else [prompt]
    return [text for text in texts if isinstance(text, str) and text]


def _fields(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
