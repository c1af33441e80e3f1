"""What is known of a batch between two runs: plain values that the ledger keeps and `machine` alone changes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from datasete.batch.sources import shown

RESET = "Reset"
CONTINUE = "Continue"
SKIP = "Skip on error"
STOP = "Stop on error"


class Status(str, Enum):
    """Where a batch stands."""

    FRESH = "fresh"  # never run
    RUNNING = (
        "walking"  # each run that succeeds triggers the next; ledgers and routes have said "walking" from the start
    )
    PAUSED = "paused"  # a person paused it
    STOPPED = "stopped"  # a run failed, was cancelled or was lost; the place is kept
    FINISHED = "finished"


class Ending(str, Enum):
    """How a run ended, as far as its batch is concerned."""

    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"  # the host died with it, or does not know it any more


class ItemState(str, Enum):
    """What became of a file in this pass."""

    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class LoaderCall:
    """A run that reaches a loader.

    Attributes:
        run: the run's id.
        mode: ``Continue`` or ``Reset``.
        errors: ``Stop on error`` or ``Skip on error``.
        start: the 0-based place where a fresh pass begins.
        queued: when the run was queued, in Unix milliseconds; None when the host cannot say.
        ticket: the ticket that the run carries; empty when a person, or a trigger that carries none, queued it.
        press: which press of Run it came of, the same for all of Run ×10; empty when the browser did not say.
    """

    run: str
    mode: str = CONTINUE
    errors: str = STOP
    start: int = 0
    queued: int | None = None
    ticket: str = ""
    press: str = ""


@dataclass(frozen=True)
class ActiveRun:
    """The run that works on a file.

    Attributes:
        run: its id.
        index: the 0-based place of its file; the total when every remaining file was skipped.
        serial: the number of this attempt in the batch's life.
        skip: a failure is recorded and the walk goes on.
        resumed: the run began a walk, and not at the beginning of its pass.
        attempt: how many runs in a row worked on this file, this one included.
        began: the run began a pass.
    """

    run: str
    index: int
    serial: int
    skip: bool = False
    resumed: bool = False
    attempt: int = 1
    began: bool = False


@dataclass(frozen=True)
class PendingTrigger:
    """The one outstanding trigger of a batch.

    Attributes:
        ticket: its token; also the id of the run that it queues, where the trigger can choose that.
        fired: when, in Unix milliseconds.
        carried: the run that comes of it carries the token.
        trigger: which trigger answered; empty while none has.
        run: the id of the run that was queued for it; empty when the trigger cannot say.
    """

    ticket: str
    fired: int
    carried: bool = True
    trigger: str = ""
    run: str = ""


@dataclass(frozen=True)
class Batch:
    """All that is remembered of a batch beside its list of names.

    Attributes:
        status: where it stands.
        total: how many files are listed.
        position: the 0-based place of the next file, or of the one in flight; the total when finished.
        count: how many files of this pass were done.
        skipped: how many were skipped.
        first: where this pass began.
        passes: how often it was begun.
        serial: how many runs took a file, ever.
        mode: the mode of the press that began the walk.
        active: the current run.
        pending: the outstanding trigger.
        halted: when it last stopped, paused or finished, in Unix milliseconds.
        began: when the walk began, in Unix milliseconds.
        walked: files done since then, for the ETA.
        attempts: how many runs in a row ended without being done with the file at `position`.
        message: why it stopped, for people.
        held: the last run that was late; another loader of it must not take a file either.
        trigger: which trigger answered last; empty while none has.
        pressed: when the last run that came of a press was queued, in Unix milliseconds.
        press: which press that was; empty when the browser did not say.
    """

    status: Status = Status.FRESH
    total: int = 0
    position: int = 0
    count: int = 0
    skipped: int = 0
    first: int = 0
    passes: int = 0
    serial: int = 0
    mode: str = CONTINUE
    active: ActiveRun | None = None
    pending: PendingTrigger | None = None
    halted: int = 0
    began: int = 0
    walked: int = 0
    attempts: int = 0
    message: str = ""
    held: str = ""
    trigger: str = ""
    pressed: int = 0
    press: str = ""


@dataclass(frozen=True)
class Entry:
    """A batch in the ledger.

    Attributes:
        id: its number in this ledger.
        key: its public name, made from folder and filter.
        space: the configured space its folder is in; empty for the local disk.
        path: the folder.
        filter: which files count, for people.
        batch: its state.
        updated: when it last changed, in Unix milliseconds.
    """

    id: int
    key: str
    space: str
    path: str
    filter: str
    batch: Batch
    updated: int


@dataclass(frozen=True)
class FileRecord:
    """What became of a file: `state` is ``todo``, ``done`` or ``skipped``; `ended` is in Unix milliseconds."""

    index: int
    name: str
    state: str = "todo"
    reason: str = ""
    run: str = ""
    ended: int = 0

    @property
    def shown_name(self) -> str:
        """The name, fit for people and for JSON."""
        return shown(self.name)
