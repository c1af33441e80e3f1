"""Runs real code step by step: every storage call of every actor waits until it is its turn.

`Turns` is one run under one order; `every_order` goes through all orders that differ in more than the sequence of calls
that have nothing to do with each other (sleep sets over the announced calls), `random_orders` through a seeded sample.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from datasete.plugin import ANY


class Abandoned(BaseException):
    """The process of this actor was killed: nothing it still wants to do reaches the store."""


@dataclass(frozen=True)
class Call:
    """A storage call as announced; `reads` and `writes` are keys, and prefixes that end in ``*``."""

    name: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()

    def meets(self, other: Call) -> bool:
        """Whether the order of the two can matter."""
        return (
            _overlap(self.writes, other.reads)
            or _overlap(self.reads, other.writes)
            or _overlap(self.writes, other.writes)
        )


@dataclass
class Actor:
    """Something that runs in a thread of its own; `wants` is the call it waits to make, None when it has ended."""

    name: str
    work: Callable[[], object]
    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    wants: Call | None = None
    calls: int = 0
    dead: bool = False
    error: BaseException | None = None


class Turns:
    """One run: `step` lets one actor make its announced call and go on to its next."""

    def __init__(self, actors: dict[str, Callable[[], object]], watch: Callable[[str, Call, object], None]) -> None:
        self.watch = watch
        self.killed = False
        self.actors = [Actor(name, work) for name, work in actors.items()]
        self._mine = threading.local()
        self._ready = threading.Semaphore(0)
        self._threads = [threading.Thread(target=self._run, args=(one,), daemon=True) for one in self.actors]

    def begin(self) -> None:
        """Bring every actor to its first call."""
        for thread in self._threads:
            thread.start()
            self._ready.acquire()

    def waiting(self) -> list[Actor]:
        return [one for one in self.actors if one.wants]

    def step(self, one: Actor) -> None:
        one.turn.release()
        self._ready.acquire()

    def kill(self, one: Actor) -> None:
        self.killed = one.dead = True
        self.step(one)

    def call(self, call: Call, do: Callable[[], object]) -> object:
        """Called by the store's wrapper: wait for the turn, then make the call."""
        one = getattr(self._mine, "actor", None)
        if one is None:
            return do()
        self._pause(one, call)
        one.calls += 1
        result = do()
        self.watch(one.name, call, result)
        return result

    def finish(self) -> None:
        for one in self.waiting():
            self.kill(one)
        for thread in self._threads:
            thread.join()

    def _pause(self, one: Actor, call: Call) -> None:
        if one.dead:
            raise Abandoned
        one.wants = call
        self._ready.release()
        one.turn.acquire()
        one.wants = None
        if one.dead:
            raise Abandoned

    def _run(self, one: Actor) -> None:
        self._mine.actor = one
        try:
            one.work()
        except Abandoned:
            pass
        except BaseException as error:  # noqa: BLE001 - shown by the test that made the actor
            one.error = error
        finally:
            one.wants = None
            self._ready.release()


class Stepwise:
    """A store whose every call takes its turn. `turns` is set for each run.

    With `apart`, the keys of one read are read one by one, and others may come in between, as on most stores.
    """

    def __init__(self, inner, *, apart: bool = False) -> None:
        self.inner = inner
        self.apart = apart
        self.turns: Turns | None = None
        self.faults: dict[str, Callable[[Callable[[], object]], object]] = {}

    @property
    def capabilities(self):
        return self.inner.capabilities

    def read(self, keys):
        keys = tuple(keys)
        if not self.apart:
            return self._take(Call("read", reads=keys), lambda: self.inner.read(keys))
        found: dict[str, object] = {}
        for key in keys:
            found |= self._take(Call("read", reads=(key,)), lambda key=key: self.inner.read([key]))
        return found

    def write(self, key, data, when=ANY):
        return self._take(Call("write", writes=(key,)), lambda: self.inner.write(key, data, when))

    def list(self, prefix="", after="", limit=1000):
        return self._take(Call("list", reads=(prefix + "*",)), lambda: self.inner.list(prefix, after, limit))

    def copy(self, source, target, version=None):
        call = Call("copy", reads=(source,), writes=(target,))
        return self._take(call, lambda: self.inner.copy(source, target, version))

    def delete(self, keys, versions=None):
        keys = tuple(keys)
        return self._take(Call("delete", writes=keys), lambda: self.inner.delete(keys, versions))

    def _take(self, call: Call, do: Callable[[], object]) -> object:
        if self.turns is None:
            return do()
        return self.turns.call(call, do)


Start = Callable[[], Turns]
"""Builds a fresh world and its actors, each at its first call."""


def every_order(start: Start, crash: tuple[str, int] | None = None, limit: int = 1_000_000) -> Iterator[Turns]:
    """Run every order of calls once, up to the order of calls that do not meet; yields each finished run."""
    path: list[_Branch] = []
    for _ in range(limit):
        turns = start()
        _follow(turns, path, crash)
        yield turns
        while path and not path[-1].next():
            path.pop()
        if not path:
            return
    raise RuntimeError(f"more than {limit:,} orders")


def random_orders(start: Start, count: int, seed: int, *, crashes: bool = False) -> Iterator[Turns]:
    """Run `count` random orders; with `crashes`, kill one actor at a random call in each."""
    for number in range(count):
        dice = random.Random(seed * 1_000_003 + number)
        turns = start()
        doomed = (dice.choice(turns.actors), dice.randrange(12)) if crashes else (None, 0)
        while turns.waiting():
            one = dice.choice(turns.waiting())
            (turns.kill if one is doomed[0] and one.calls == doomed[1] else turns.step)(one)
        yield turns


@dataclass
class _Branch:
    """A point where several actors could go on: who goes now, who else is worth trying, who sleeps."""

    options: list[str]
    wants: dict[str, Call]
    asleep: set[str]
    chosen: str = ""

    def next(self) -> bool:
        if self.chosen:
            self.asleep.add(self.chosen)
        left = [name for name in self.options if name not in self.asleep]
        self.chosen = left[0] if left else ""
        return bool(left)

    def still_asleep(self) -> set[str]:
        """Who need not be tried after the chosen call either, because it does not meet theirs."""
        return {name for name in self.asleep if not self.wants[name].meets(self.wants[self.chosen])}


def _follow(turns: Turns, path: list[_Branch], crash: tuple[str, int] | None) -> None:
    depth = 0
    while turns.waiting():
        if depth == len(path):
            wants = {one.name: one.wants for one in turns.waiting()}
            asleep = path[-1].still_asleep() & set(wants) if path else set()
            path.append(_Branch(list(wants), wants, asleep))
            if not path[-1].next():  # every way on from here was seen in another order
                path.pop()
                for one in turns.waiting():
                    turns.kill(one)
                return
        one = next(one for one in turns.waiting() if one.name == path[depth].chosen)
        (turns.kill if crash == (one.name, one.calls) else turns.step)(one)
        depth += 1


def _overlap(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return any(_touch(one, other) for one in some for other in others)


def _touch(one: str, other: str) -> bool:
    if one.endswith("*"):
        return other.startswith(one[:-1])
    if other.endswith("*"):
        return one.startswith(other[:-1])
    return one == other
