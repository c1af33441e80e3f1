"""Threads of our own, in bulkheads: what hangs fills the pool of its own kind, and holds up nothing else.

Asyncio's default pool is small, and inside ComfyUI it belongs to everybody. All threads here are daemons: a call that
hangs in a store must not keep the process alive.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextvars import copy_context
from typing import Any, Final, TypeVar

from datasete.errors import StoreUnavailable

T = TypeVar("T")

FOLDERS: Final = "folders"
"""Reads the folders that widgets name: they may be on a share that hangs."""

LEDGER: Final = "ledger"
"""Reads and changes batches."""

RENDERING: Final = "rendering"
"""Encodes and decodes what gates show. Few threads: each picture takes a few times its size in memory."""

CANCELS: Final = "cancels"
"""Waits for tasks to end that were cancelled."""

TRANSFERS: Final = "transfers"
"""Packs and unpacks profiles, which takes minutes."""

UPLOADS: Final = "uploads"
"""Writes to the host's own disk what arrives, and reads what is sent from there."""

THREADS: Final = {RENDERING: 4, TRANSFERS: 4}
DEFAULT_THREADS: Final = 8
THUMB_THREADS: Final = 4

PATIENT: Final = frozenset({CANCELS, RENDERING, TRANSFERS})
"""These wait as long as it takes for a thread: long work is usual there, and says nothing about a store."""

MIN_PATIENCE_SECONDS: Final = 10.0
MIN_ANSWER_SECONDS: Final = 30.0


class Workers(Executor):
    """A bounded pool of daemon threads, started as they are needed.

    Args:
        threads: how many calls run at once, at most.
        name: of the threads.
        busy: what to say when no thread becomes free; a sentence.
        patience: after how many seconds in which no call ended `run` gives up to wait for a thread; None for never.
    """

    def __init__(self, threads: int, name: str, busy: str = "", patience: float | None = None) -> None:
        self._limit = threads
        self._name = name
        self._busy = busy
        self._patience = patience
        self._closing = False
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._condition = threading.Condition()
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._last_end = time.monotonic()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run a call as soon as a thread is free.

        Raises:
            RuntimeError: the pool is closed.
        """
        if self._process != os.getpid():  # a fork copies the pool without its threads, and its lock as it was
            self._begin()
        future: Future[T] = Future()
        with self._condition:
            if self._closing:
                raise RuntimeError(f"{self._name} is closed")
            self._waiting.append((future, lambda: fn(*args, **kwargs)))
            if self._idle < len(self._waiting) and len(self._threads) < self._limit:
                self._start_thread()
            self._condition.notify()
        return future

    async def run(self, call: Callable[..., T], *arguments: object, answer_within: float | None = None) -> T:
        """Run a call that blocks, with the caller's context; when the caller is cancelled, it does not start any more.

        Args:
            call: what to run.
            arguments: what to call it with.
            answer_within: after how many seconds to give up. The call itself goes on, as a thread cannot be stopped.

        Raises:
            StoreUnavailable: no thread became free in time, no result came in time, or the pool is closed.
        """
        try:
            future: Future[T] = self.submit(copy_context().run, call, *arguments)
        except RuntimeError as error:
            raise StoreUnavailable("The server is going down.", hint="Nothing was changed.") from error
        answer = asyncio.wrap_future(future)
        try:
            while self._patience is not None and not (answer.done() or future.running()):
                await asyncio.wait({answer}, timeout=self._patience)
                if time.monotonic() - self._last_end > self._patience and future.cancel():
                    raise StoreUnavailable(self._busy, hint="Nothing was changed. Try again later.")
            await asyncio.wait({answer}, timeout=answer_within)
            if not answer.done():
                raise StoreUnavailable(
                    f"There is no answer after {answer_within:g} seconds.", hint="Nothing was changed. Try again later."
                )
            return await answer
        finally:
            answer.cancel()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - the base's
        """Start no more calls than those that wait, or none with `cancel_futures`; wait for them to end if asked to."""
        with self._condition:
            self._closing = True
            dropped = [future for future, _ in self._waiting] if cancel_futures else []
            if cancel_futures:
                self._waiting.clear()
            self._condition.notify_all()
        for future in dropped:
            future.cancel()
        for thread in self._threads if wait else ():
            thread.join()

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._work, name=f"{self._name}_{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            future, call = job
            if future.set_running_or_notify_cancel():
                _settle(future, call)
            self._last_end = time.monotonic()
            del job, future, call  # an idle thread must not keep a picture alive

    def _next(self) -> tuple[Future[Any], Callable[[], Any]] | None:
        with self._condition:
            self._idle += 1
            self._condition.wait_for(lambda: self._waiting or self._closing)
            self._idle -= 1
            return self._waiting.popleft() if self._waiting else None


def _settle(future: Future[Any], call: Callable[[], Any]) -> None:
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001 - the one who waits for it gets it, whatever it is
        future.set_exception(error)
    else:
        future.set_result(result)


class Bulkheads:
    """The pools of one application by what they are for, made on first use.

    Args:
        deadline: how many seconds a call into a store is repeated, on which depends how long others wait.

    Attributes:
        answer_within: after how many seconds a request that only reads gets an error instead of an answer.
    """

    def __init__(self, deadline: float = MIN_PATIENCE_SECONDS) -> None:
        self.answer_within = max(3 * deadline, MIN_ANSWER_SECONDS)
        self._patience = max(deadline, MIN_PATIENCE_SECONDS)
        self._pools: dict[str, Workers] = {}
        self._lock = threading.Lock()
        self._closed = False

    def of(self, kind: str) -> Workers:
        """The pool of a kind: one of the constants of this module."""
        return self._pool(kind, THREADS.get(kind, DEFAULT_THREADS), "The server is busy.", kind not in PATIENT)

    def space(self, name: str) -> Workers:
        """The pool for calls into a space."""
        return self._pool(f"space {name}", DEFAULT_THREADS, _busy(name), bounded=True)

    def thumbs(self, name: str) -> Workers:
        """The pool that reads and renders thumbnails of a space's pictures."""
        return self._pool(f"thumbs {name}", THUMB_THREADS, _busy(name), bounded=True)

    def close(self) -> None:
        """Drop the calls that wait. Those that run are not waited for: they may hang."""
        with self._lock:
            self._closed = True
            pools = list(self._pools.values())
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)

    def _pool(self, key: str, threads: int, busy: str, bounded: bool) -> Workers:  # noqa: FBT001
        with self._lock:
            found = self._pools.get(key)
            if found is None:
                found = self._pools[key] = Workers(
                    threads, f"datasete-{key.replace(' ', '-')}", busy, self._patience if bounded else None
                )
                if self._closed:
                    found.shutdown(wait=False)
            return found


def _busy(space: str) -> str:
    return f"The space “{space}” is busy: calls to it have not been answered for a while."
