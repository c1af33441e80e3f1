"""What is known of a batch between two runs: plain values that the ledger keeps and only `machine` changes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from datasete.batch.folder.sources import shown

RESET = "Reset"
CONTINUE = "Continue"
SKIP = "Skip on error"
STOP = "Stop on error"


class Status(str, Enum):
    """Where a batch stands."""

    FRESH = "fresh"  # never run
    # Its value is that of the first versions: ledgers, routes and pages know it as "walking".
    RUNNING = "walking"  # each run that succeeds triggers the next
    PAUSED = "paused"  # a person paused it
    STOPPED = "stopped"  # a run failed, was cancelled or was lost; the position is kept
    FINISHED = "finished"


class Ending(str, Enum):
    """How a run ended, as its batch sees it."""

    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"  # the host died during it, or no longer knows it


class ItemState(str, Enum):
    """What became of a file in this pass."""

    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class LoaderCall:
    """A run that calls a loader.

    Attributes:
        run: the run's id.
        mode: ``Continue`` or ``Reset``.
        errors: ``Stop on error`` or ``Skip on error``.
        start: the 0-based index at which a new pass starts.
        queued: when the run was queued, in Unix milliseconds; None when the host cannot say.
        ticket: the ticket that the run carries; empty when a person, or a trigger that carries none, queued it.
        press: which press of Run queued it, the same for all of Run ×10; empty when the browser did not say.
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
        index: the 0-based index of its file; the total when every remaining file was skipped.
        serial: the number of this attempt in the batch's life.
        skip: when it fails, its file is recorded as skipped and the pass continues.
        resumed: it started the batch again in the middle of a pass.
        attempt: how many runs in a row have worked on this file, this one included.
        starts_pass: it started the pass.
        spoiled: why its file counts as skipped even if the run succeeds; empty when it does not.
        beside: says that another loader of the run is at a file of another name; empty when none is.
    """

    run: str
    index: int
    serial: int
    skip: bool = False
    resumed: bool = False
    attempt: int = 1
    starts_pass: bool = False
    spoiled: str = ""
    beside: str = ""


@dataclass(frozen=True)
class PendingTrigger:
    """The one outstanding trigger of a batch.

    Attributes:
        ticket: its token; also the id of the run that it queues, where the trigger can choose that.
        reserved: when it was written down, before it was sent, in Unix milliseconds.
        carried: the run that it queues carries the ticket.
        trigger: which trigger answered; empty until one has.
        run: the id of the run that it queued; empty when the trigger cannot say.
    """

    ticket: str
    reserved: int
    carried: bool = True
    trigger: str = ""
    run: str = ""


@dataclass(frozen=True)
class Progress:
    """How far a pass is in its list of files.

    Attributes:
        total: how many files are listed.
        position: the 0-based index of the next file, or of the active one; the total when the pass is finished.
        done: how many files are done.
        skipped: how many were skipped.
        first: the index at which the pass started.
        attempts: how many runs in a row ended without finishing the file at `position`.
        renamed: how many files have a result under another name, because another file has the one it wanted.
        existing: how many files had their result before the pass came to them; they are among `done`.
        ahead: how many of these are at `position` or behind it.
        unpaired: how many files were left out, because a loader that is paired by name has none of that name.
        drifted: how many files were taken beside another loader's file although each had one of its own name.
        unread: how many pictures of the folder are not listed, because they cannot be read.
    """

    total: int = 0
    position: int = 0
    done: int = 0
    skipped: int = 0
    first: int = 0
    attempts: int = 0
    renamed: int = 0
    existing: int = 0
    ahead: int = 0
    unpaired: int = 0
    drifted: int = 0
    unread: int = 0


@dataclass(frozen=True)
class Stretch:
    """The time from a start or resume to the next halt.

    Attributes:
        mode: the mode of the press that started it.
        began: when it started, in Unix milliseconds.
        done: how many files were done in it, for the time left.
    """

    mode: str = CONTINUE
    began: int = 0
    done: int = 0


@dataclass(frozen=True)
class Press:
    """The last press of Run.

    Attributes:
        queued: when its latest run was queued, in Unix milliseconds.
        id: which press it was; empty when the browser did not say.
    """

    queued: int = 0
    id: str = ""


@dataclass(frozen=True)
class Batch:
    """Everything that is remembered of a batch apart from its list of names.

    Attributes:
        status: where it stands.
        message: why it stopped, for people.
        progress: how far its pass is.
        stretch: what has happened since it last started or resumed.
        press: the last press of Run.
        active: the current run.
        pending: the outstanding trigger.
        trigger: which trigger answered last; empty until one has.
        passes: how many passes were started.
        serial: how many runs have ever taken a file.
        halted: when it last stopped, paused or finished, in Unix milliseconds.
        held: the last run that came too late; another loader of that run must not take a file either.
        saved_as: which types of pictures a saver writes as another one, to show to people; empty for none.
        listed: how the files from `progress.position` on were listed; empty for all of them by name.
    """

    status: Status = Status.FRESH
    message: str = ""
    progress: Progress = Progress()
    stretch: Stretch = Stretch()
    press: Press = Press()
    active: ActiveRun | None = None
    pending: PendingTrigger | None = None
    trigger: str = ""
    passes: int = 0
    serial: int = 0
    halted: int = 0
    held: str = ""
    listed: str = ""
    saved_as: str = ""


@dataclass(frozen=True)
class Entry:
    """A batch in the ledger.

    Attributes:
        id: its number in this ledger.
        key: its public name, made from folder and filter.
        space: the configured space its folder is in; empty for the local disk.
        path: the folder.
        filter: which files count, to show to people.
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
    """What became of a file: `state` is ``todo``, ``done`` or ``skipped``; `ended` is in Unix milliseconds.

    `results` are the pictures that savers wrote for it in this pass, as they give their paths.
    """

    index: int
    name: str
    state: str = "todo"
    reason: str = ""
    run: str = ""
    ended: int = 0
    results: tuple[str, ...] = ()

    @property
    def shown_name(self) -> str:
        """The name, safe to show and to send."""
        return shown(self.name)

    @property
    def shown_results(self) -> str:
        """The results, safe to show and to send, with semicolons between them."""
        return "; ".join(map(shown, self.results))
