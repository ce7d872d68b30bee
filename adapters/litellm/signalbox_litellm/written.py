"""JSON as it is sent."""

import json


def written(value: object) -> str:
    """What has no JSON is null. Raises RecursionError for what is nested too deep, and ValueError for a circle."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_nothing)
    try:
        text.encode()
    except UnicodeEncodeError:
        # Half a surrogate pair has no UTF-8.
        return json.dumps(value, separators=(",", ":"), default=_nothing)
    return text


def _nothing(_: object) -> None:
    return None
