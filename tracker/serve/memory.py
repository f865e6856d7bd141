"""Keep replies until the next commit, and answer a question once for all clients that wait for it."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import anyio.to_thread

from tracker.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Mapping

__all__ = ["Reply", "ReplyMemory"]

_POLL: Final = 0.25  # seconds between two looks at whether a client is still there


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: its bytes, with their media type, the HTTP status, and further `headers`."""

    body: bytes
    kind: str
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class _Question:
    """A question that is being answered: its task, how many clients wait, and an event that is set when none does."""

    task: asyncio.Task[Reply]
    gone: threading.Event
    waiting: int = field(default=0)


class ReplyMemory:
    """Keeps replies up to a size in bytes, and answers each question once.

    `lanes` has the number of threads for each kind of question, so that one kind does not hold up the others.
    """

    def __init__(self, most_bytes: int, lanes: Mapping[str, int], most_questions: int) -> None:
        self._most_bytes, self._most_questions = most_bytes, most_questions
        self._replies: OrderedDict[Hashable, Reply] = OrderedDict()
        self._size = 0
        self._questions: dict[Hashable, _Question] = {}
        self._lanes = {lane: anyio.CapacityLimiter(threads) for lane, threads in lanes.items()}

    async def find(
        self,
        key: Hashable,
        lane: str,
        answer: Callable[[threading.Event], Reply],
        is_gone: Callable[[], Awaitable[bool]],
    ) -> Reply:
        """Return the reply to a question: the kept one, else the one that `answer` makes.

        `answer` gets an event that is set once no client waits any more.

        Raises:
            BusyError: too many questions are being answered.

        """
        if (kept := self._replies.get(key)) is not None:
            self._replies.move_to_end(key)
            return kept
        question = self._questions.get(key) or self._begin_answer(key, lane, answer)
        question.waiting += 1
        try:
            while not question.task.done():
                await asyncio.wait({question.task}, timeout=_POLL)
                if not question.task.done() and await is_gone():
                    break
        finally:
            question.waiting -= 1
            if not question.waiting and not question.task.done():
                question.gone.set()
                self._questions.pop(key, None)
        return await question.task

    def _begin_answer(self, key: Hashable, lane: str, answer: Callable[[threading.Event], Reply]) -> _Question:
        if len(self._questions) >= self._most_questions:
            raise BusyError("too many questions at once; try again in a moment")
        gone = threading.Event()

        async def work() -> Reply:
            try:
                reply = await anyio.to_thread.run_sync(answer, gone, limiter=self._lanes[lane])
                self._keep(key, reply)
                return reply
            finally:
                if (own := self._questions.get(key)) is not None and own.gone is gone:
                    del self._questions[key]

        question = _Question(asyncio.ensure_future(work()), gone)
        self._questions[key] = question
        return question

    def _keep(self, key: Hashable, reply: Reply) -> None:
        if reply.status != 200 or len(reply.body) > self._most_bytes // 8:  # noqa: PLR2004 - all is well
            return
        if (before := self._replies.pop(key, None)) is not None:
            self._size -= len(before.body)
        self._replies[key] = reply
        self._size += len(reply.body)
        while self._size > self._most_bytes:
            _, oldest = self._replies.popitem(last=False)
            self._size -= len(oldest.body)
