"""An explicit-state explorer: every interleaving of a few programs over a world, each state visited once.

A program is a generator function that yields operations, ``(function, *arguments)``, and gets their results. An
operation takes the world and returns every ``(result, new world)`` it may have; what it finds wrong it raises as a
`Violation`. A program ends by returning None, or another ``(program, *arguments)`` to go on as, which also forgets what
it has seen: that keeps loops finite.

A crash needs no transition of its own: a state in which an actor has stopped for ever is a state in which the others
run and it does not, and every check is made in every state.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

DONE = None


class Violation(Exception):
    """The protocol broke a promise."""


@dataclass(frozen=True)
class Found:
    """What an exploration did: how many states and transitions, and the trace of a violation if there was one."""

    states: int
    transitions: int
    seconds: float
    violation: str = ""
    trace: tuple[str, ...] = ()

    def __str__(self) -> str:
        rate = self.states / max(self.seconds, 1e-9)
        return f"{self.states:,} states, {self.transitions:,} transitions, {self.seconds:.1f} s ({rate:,.0f} states/s)"


class Programs:
    """The next operation of a program, by what it has seen so far; each prefix is replayed once."""

    def __init__(self) -> None:
        self._next: dict[tuple, tuple] = {}

    def next(self, actor: tuple) -> tuple:
        """``("do", operation)``, ``("become", actor)`` or ``("done",)``; an actor is ``(program, arguments, seen)``."""
        known = self._next.get(actor)
        if known is None:
            known = self._next[actor] = self._replay(*actor)
        return known

    @staticmethod
    def _replay(program: Callable, arguments: tuple, seen: tuple) -> tuple:
        running = program(*arguments)
        try:
            operation = next(running)
            for result in seen:
                operation = running.send(result)
        except StopIteration as end:
            return ("done",) if end.value is None else ("become", actor(*end.value))
        return ("do", operation)


def actor(program: Callable, *arguments: object) -> tuple:
    """A program at its beginning."""
    return (program, arguments, ())


def explore(
    world: tuple,
    actors: list[tuple],
    check: Callable[[tuple, tuple], None],
    *,
    local: frozenset = frozenset(),
    limit: int = 50_000_000,
) -> Found:
    """Visit every reachable state, depth first; stop at the first violation.

    Args:
        world: what all actors share.
        actors: made with `actor`.
        check: called with each state's world and actors (None for one that has ended); raises `Violation`.
        local: operations that commute with everything the others do, and so need no interleaving.
        limit: of states; more is an error, so that a model that grows is noticed.
    """
    began = time.perf_counter()
    programs = Programs()
    first = (world, tuple(settle(programs, one) for one in actors))
    parents: dict[tuple, tuple | None] = {first: None}
    stack = [first]
    transitions = 0
    try:
        while stack:
            state = stack.pop()
            check(*state)
            for after, label in _successors(programs, state, local):
                transitions += 1
                if after not in parents:
                    parents[after] = (state, label)
                    stack.append(after)
            if len(parents) > limit:
                raise RuntimeError(f"more than {limit:,} states")
    except Violation as broken:
        trace = _trace(parents, state)
        return Found(len(parents), transitions, time.perf_counter() - began, str(broken), trace)
    return Found(len(parents), transitions, time.perf_counter() - began)


def solo(world: tuple, one: tuple, limit: int = 60) -> bool:
    """Whether an actor that runs alone ends within `limit` operations, whatever their results."""
    programs = Programs()
    front = [(world, settle(programs, one), 0)]
    while front:
        world, one, steps = front.pop()
        if one is DONE:
            continue
        if steps == limit:
            return False
        front += [(new, after, steps + 1) for after, new, _ in _steps(programs, world, one)]
    return True


def settle(programs: Programs, one: tuple) -> tuple | None:
    """Follow `become` until there is an operation to do; None when the program has ended."""
    while True:
        what = programs.next(one)
        if what[0] == "do":
            return one
        if what[0] == "done":
            return DONE
        one = what[1]


def _successors(programs: Programs, state: tuple, local: frozenset):
    world, actors = state
    running = [number for number, one in enumerate(actors) if one is not DONE]
    alone = next((number for number in running if programs.next(actors[number])[1][0] in local), None)
    for number in running if alone is None else [alone]:
        for after, new, label in _steps(programs, world, actors[number]):
            yield (new, (*actors[:number], after, *actors[number + 1 :])), (number, label)


def _steps(programs: Programs, world: tuple, one: tuple):
    program, arguments, seen = one
    operation, *given = programs.next(one)[1]
    for result, new in operation(world, *given):
        yield settle(programs, (program, arguments, (*seen, result))), new, (operation.__name__, given, result)


def _trace(parents: dict, state: tuple) -> tuple[str, ...]:
    lines = []
    while parents[state]:
        state, (number, (name, given, result)) = parents[state]
        lines.append(f"{number}: {name}{tuple(given)} -> {result}")
    return tuple(reversed(lines))
