"""What Signalbox is told beside the requests."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from .client import Client

MOST_WAITING: Final = 1_000
MOST_BYTES_WAITING: Final = 32 * 1024 * 1024

log = logging.getLogger("signalbox_litellm")


class Teller:
    """As many messages wait as fit, by number and bytes. When Signalbox takes none, the newest are dropped."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._queue: asyncio.Queue[tuple[str, Mapping[str, object], int]] | None = None
        self._teller: asyncio.Task[None] | None = None
        self._bytes = 0
        self._dropped = 0

    def tell(self, method: str, message: Mapping[str, object], size: int = 0) -> None:
        """`size`: bytes, where a message is large."""
        if self._queue is None:
            self._queue = asyncio.Queue(MOST_WAITING)
            self._teller = asyncio.get_running_loop().create_task(self._run(self._queue))
        if self._queue.full() or self._bytes + size > MOST_BYTES_WAITING:
            self._dropped += 1
            return
        self._bytes += size
        self._queue.put_nowait((method, message, size))

    async def _run(self, queue: asyncio.Queue[tuple[str, Mapping[str, object], int]]) -> None:
        while True:
            method, message, size = await queue.get()
            if not await self._client.tell(method, message):
                self._dropped += 1
            self._bytes -= size
            if self._dropped and queue.empty():
                log.warning("signalbox: %d outcomes or answers were not taken", self._dropped)
                self._dropped = 0
