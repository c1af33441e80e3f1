"""Loaders of one run that are paired by name: which files belong together.

Two files belong together when they have the same path below their folders, whatever their extensions, the case of
their letters or their Unicode form.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from datasete.batch.machine import Plan
from datasete.batch.state import Batch, Entry, LoaderCall, Status
from datasete.ids import same_name


def pair_name(name: str) -> str:
    """Return a text that is the same for files that belong together."""
    folder, slash, base = name.rpartition("/")
    return same_name(folder + slash + (base.rpartition(".")[0] or base))


def with_partners(names: Sequence[str], others: Iterable[Sequence[str]]) -> list[str]:
    """Return those of `names` that have a partner in each of the other lists."""
    left = list(names)
    for other in others:
        wanted = {pair_name(name) for name in other}
        left = [name for name in left if pair_name(name) in wanted]
    return left


def follow_plan(batch: Batch, leader: Entry, call: LoaderCall) -> Plan:
    """Decide what a run does in a batch that is paired with `leader`, which has taken a file for that run."""
    if batch.active and batch.active.run == call.run:
        return Plan.SAME
    starts = leader.batch.active is not None and leader.batch.active.starts_pass
    return Plan.START if starts or batch.status in (Status.FRESH, Status.FINISHED) else Plan.NEXT


@dataclass(frozen=True)
class Partners:
    """Finds the partners of another folder's files."""

    names: dict[str, str]
    stems: dict[str, str]

    @classmethod
    def of(cls, names: Sequence[str]) -> Partners:
        """Index the files of a folder. Where several have one stem, the first one counts."""
        backwards = names[::-1]
        return cls({same_name(name): name for name in backwards}, {pair_name(name): name for name in backwards})

    def find(self, name: str) -> str:
        """Return the partner of `name`; `name` itself when there is none, so that the run that needs it says so."""
        return self.names.get(same_name(name)) or self.stems.get(pair_name(name), name)
