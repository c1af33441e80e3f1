"""One waiting gate: what it shows, what was painted, the token that answers it, and the future that its node awaits."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from datasete.errors import InvalidInput
from datasete.gates.seen_node import SeenNode
from datasete.plugin import Decision, Gate


@dataclass(frozen=True)
class PaintedMasks:
    """The painted masks of a gate, as PNGs in which white is painted. False if there are none.

    Attributes:
        everywhere: the mask for every frame without its own; None if there is none.
        frames: the masks of single frames, by frame number from 0.
    """

    everywhere: bytes | None = field(default=None, repr=False)
    frames: Mapping[int, bytes] = field(default_factory=dict, repr=False)

    def at(self, frame: int) -> bytes | None:
        """The mask of a frame, from 0; None if nothing was painted for it."""
        return self.frames.get(frame, self.everywhere)

    def with_mask(self, mask: bytes | None, frame: int | None = None) -> PaintedMasks:
        """A copy with another mask: for one frame, or (None) for all, which replaces those of single frames.

        A `mask` of None removes it.
        """
        if frame is None:
            return PaintedMasks(mask)
        others = {number: data for number, data in self.frames.items() if number != frame}
        return replace(self, frames=others if mask is None else others | {frame: mask})

    @property
    def size(self) -> int:
        """The size of all masks in bytes."""
        return sum(map(len, self.frames.values())) + len(self.everywhere or b"")

    def __bool__(self) -> bool:
        return self.everywhere is not None or bool(self.frames)


CANCEL: Final = "__cancel__"
"""The message that stops the run instead of choosing a route."""

RETRY: Final = "__retry__"
"""The message that retries what failed after a choice."""

Preview: TypeAlias = Callable[[int, int], tuple[bytes, str]]
"""``preview(frame, size)``: one frame as a small picture, and its media type. Called in a worker thread."""

FullFrame: TypeAlias = "Callable[[int, bytes | None], tuple[bytes, bytes | None]]"
"""``full_frame(frame, painted)``: one frame as a lossless PNG, and its mask as a PNG (white is painted) or None without
one; `painted` is the mask that was painted at the gate, if any. Called in a worker thread."""


@dataclass(frozen=True)
class GateView:
    """What a gate shows, and to which tab.

    Attributes:
        preview: renders one of its frames.
        client_id: the browser tab that queued the run, or None if no tab did.
        workflow: the id of the workflow that the run was queued from, or "".
        slot_modified: when the picture's slot was published, in Unix seconds; None if the picture was wired.
        slot_masks: the slot's masks as PNGs; the last one applies to all further frames. Empty if it has none.
        full_frame: renders one of its frames losslessly, to be stored elsewhere; None where that is impossible.
        batch: the file of a batch that it shows (``index`` from 0, ``total``, ``filename``); None without a batch.
        seen: the node at which a person sees it.
    """

    preview: Preview
    client_id: str | None = None
    workflow: str = ""
    slot_modified: float | None = None
    slot_masks: Sequence[bytes] = field(default=(), repr=False)
    full_frame: FullFrame | None = None
    batch: Mapping[str, object] | None = None
    seen: SeenNode = field(default_factory=SeenNode)


@dataclass(frozen=True)
class Answer:
    """How a gate was answered.

    Attributes:
        route: 1-based, or None if the run ends here.
        mask: what was painted at the gate.
        token: the token of the session that was answered.
        automatic: whether a policy answered, so that nobody can be asked again.
    """

    route: int | None
    mask: PaintedMasks = field(default_factory=PaintedMasks)
    token: str = ""
    automatic: bool = False


@dataclass(frozen=True)
class PublishFailure:
    """Why a gate asks again: publishing failed after the person's choice, which is kept.

    Attributes:
        message: what happened.
        hint: what is unharmed, and what to do.
        route: the chosen route, 1-based.
        mask: what was painted.
    """

    message: str
    hint: str
    route: int
    mask: PaintedMasks = field(default_factory=PaintedMasks)


def _token() -> str:
    return secrets.token_hex(16)


@dataclass(eq=False)
class Session:
    """An open gate.

    Attributes:
        gate: the gate.
        view: what it shows, and to which tab.
        opened: when, in Unix seconds.
        mask: what has been painted so far.
        decision: what a policy decided, or None.
        due: when the decision takes effect, in Unix seconds; None while no countdown runs.
        attended: whether a person is working on it, so that policies no longer apply.
        items: how many items its node's list is known to have so far; the host never announces how many will come.
        seen: whether its node displayed it. It then stays in view, whatever item comes later.
        failure: why it asks again, or None.
        token: 128 random bits in hexadecimal. Knowing it is the permission to answer.
    """

    gate: Gate
    view: GateView
    opened: float
    mask: PaintedMasks = field(default_factory=PaintedMasks)
    decision: Decision | None = None
    due: float | None = None
    attended: bool = False
    items: int = 1
    seen: bool = False
    failure: PublishFailure | None = None
    paintings: int = 0
    token: str = field(default_factory=_token, repr=False)
    _timer: asyncio.TimerHandle | None = field(default=None, init=False, repr=False)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop, repr=False)
    _done: asyncio.Future[Answer] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._done = self._loop.create_future()

    def mask_of(self, frame: int) -> bytes | None:
        """The mask that a frame would leave the gate with now, as a PNG: painted, or else the slot's, or else None."""
        painted, loaded = self.mask.at(frame), self.view.slot_masks
        return painted or (loaded[min(frame, len(loaded) - 1)] if loaded else None)

    @property
    def masks_differ(self) -> bool:
        """Whether the frames have different masks now."""
        return len({self.mask_of(frame) for frame in range(self.gate.frames)}) > 1

    async def answered(self, interrupted: Callable[[], bool], every: float) -> Answer:
        """Sleep until an answer arrives; meanwhile, poll the host's interrupt flag every `every` seconds."""
        watch = _Watch(self._loop, interrupted, every, lambda: self._settle(Answer(None, token=self.token)))
        try:
            return await self._done
        finally:
            watch.stop()
            if self._timer:
                self._timer.cancel()

    def call_later(self, seconds: float, act: Callable[[], None]) -> None:
        """Call `act` on the run's loop after so many seconds, unless the sleep ends first. Callable from any thread."""
        with suppress(RuntimeError):  # the loop is gone, and the run with it
            self._loop.call_soon_threadsafe(self._start_timer, seconds, act)

    def wake(self, outcome: Answer | BaseException) -> bool:
        """End the sleep, from any thread; False if the run's loop is already closed."""
        try:
            self._loop.call_soon_threadsafe(self._settle, outcome)
        except RuntimeError:
            return False
        return True

    def _start_timer(self, seconds: float, act: Callable[[], None]) -> None:
        if not self._done.done():
            self._timer = self._loop.call_later(seconds, act)

    def _settle(self, outcome: Answer | BaseException) -> None:
        # The first outcome counts. A second one is legitimate: `wake` only schedules this call, so an interrupt and an
        # answer can both be on their way.
        if self._done.done():
            return
        if isinstance(outcome, Answer):
            self._done.set_result(outcome)
        else:
            self._done.set_exception(outcome)


class _Watch:
    """Polls a flag without a task of its own, and calls `act` once when it is set."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, flag: Callable[[], bool], every: float, act: Callable[[], None]
    ) -> None:
        # A timer, because a task for each gate would cost more, and would have to be cancelled and awaited.
        self._loop, self._flag, self._every, self._act = loop, flag, every, act
        self._handle = loop.call_later(every, self._look)

    def stop(self) -> None:
        self._handle.cancel()

    def _look(self) -> None:
        if self._flag():
            self._act()
        else:
            self._handle = self._loop.call_later(self._every, self._look)


def read_message(message: object) -> int | None:
    """Parse a browser's answer: a 1-based route, as a number or digits, or `CANCEL` (None).

    Raises:
        InvalidInput: it is anything else.
    """
    if message == CANCEL:
        return None
    text = str(message) if isinstance(message, int) and not isinstance(message, bool) else message
    # `isdecimal` alone accepts the digits of every script, such as “１”.
    if not isinstance(text, str) or not (text.isascii() and text.isdecimal() and len(text) <= 4) or int(text) < 1:
        raise InvalidInput(
            f"A choice is the number of a route, from 1, or {CANCEL}.",
            hint="The gate still waits. Nothing was changed.",
        )
    return int(text)
