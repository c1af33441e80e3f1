"""Gives each source of a batch a name of its own for its results, before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

from datasete.batch.coordinator import Coordinator
from datasete.batch.saving.tokens import BATCH_NUMBER
from datasete.batch.state import Entry

if TYPE_CHECKING:
    from datasete.batch.ledger import Ledger
    from datasete.batch.saving.output import Target


@dataclass(frozen=True)
class Wanted:
    """The name that a saver asks for.

    Attributes:
        stem: the name without its ending.
        suffix: the ending with its dot.
        frames: how many pictures are saved; several have their numbers behind the stem.
        is_captioned: a text file of the same name is written beside each.
    """

    stem: str
    suffix: str
    frames: int = 1
    is_captioned: bool = False

    def numbered_stem(self, number: int) -> str:
        """Return the stem for the `number`-th choice: the wanted one for 0."""
        return self.stem if number == 0 else f"{self.stem}_{number}"

    def pictures(self, stem: str) -> list[str]:
        """Return the stems of all pictures when the result has this one."""
        if BATCH_NUMBER in stem:
            return [stem.replace(BATCH_NUMBER, str(frame)) for frame in range(self.frames)]
        return [stem] if self.frames == 1 else [f"{stem}_{frame:05d}" for frame in range(1, self.frames + 1)]

    def files(self, number: int) -> list[str]:
        """Return the names of all files of the `number`-th choice."""
        suffixes = (self.suffix, ".txt") if self.is_captioned else (self.suffix,)
        stems = self.pictures(self.numbered_stem(number))
        return [f"{stem}{suffix}" for stem in stems for suffix in suffixes]


class Claims:
    """What one source of a batch claims.

    A claim is written before the file: after a kill in between, the same source claims the same name again. It holds
    until the ledger forgets its batch, so a later pass gives each source the name that it has.

    Args:
        coordinator: whose lock and ledger to use.
        key: the batch.
        source: the file that the run works on, from `source_id`.
    """

    def __init__(self, coordinator: Coordinator, key: str, source: str) -> None:
        self._coordinator = coordinator
        self._key = key
        self._source = source

    def reserve(self, target: Target, wanted: Wanted) -> str:
        """Claim all names of a result, and return the stem that they have.

        It is the stem that this source had before, or the wanted one, or the first one with a number that is free.
        """
        has_met = False
        path = target.path(f"{wanted.stem}{wanted.suffix}")
        for number, is_renamed in self._choices(path, self._own(path)[:1]):
            if self._claim(target, wanted, number, is_renamed=is_renamed or (has_met and number > 0)):
                break
            has_met = True
        return wanted.numbered_stem(number)

    def free_stems(self, target: Target, wanted: Wanted) -> Iterator[str]:
        """Yield stems for a picture that must replace nothing; each is claimed when it is yielded."""
        has_met = False
        path = target.path(f"{wanted.stem}{wanted.suffix}")
        # A kill may have left the last name without its file.
        for number, is_renamed in self._choices(path, self._own(path)[-1:]):
            paths = [target.path(name) for name in wanted.files(number)]
            has_met = has_met or bool(self._coordinator.ledger().results.others(self._source, paths))
            # Claimed only if it is free: a source must not own what something else wrote.
            is_free = not target.holds(paths[0])
            if is_free and self._claim(target, wanted, number, is_renamed=is_renamed or (has_met and number > 0)):
                yield wanted.numbered_stem(number)

    def _own(self, wanted: str) -> list[tuple[int, bool]]:
        return self._coordinator.ledger().results.own(self._source, wanted)

    def _choices(self, wanted: str, own: list[tuple[int, bool]]) -> Iterator[tuple[int, bool]]:
        """Yield the numbers to try, those of `own` first, and whether it is known that another source was first."""
        yield from own
        yield 0, False
        # Not from 1: a thousand sources that want one name would be a million questions.
        for number in count(self._coordinator.ledger().results.highest(wanted) + 1):
            yield number, False

    def _claim(self, target: Target, wanted: Wanted, number: int, *, is_renamed: bool) -> bool:
        paths = [target.path(name) for name in wanted.files(number)]
        named = target.path(f"{wanted.stem}{wanted.suffix}")
        others = self._put(named, number, paths, is_renamed=is_renamed)
        # Asked without the lock, since a folder may be far away. A result that was moved or deleted needs no name.
        if others and not any(target.holds(path) for path in others):
            others = self._put(named, number, paths, is_renamed=is_renamed, gone=others)
        return not others

    def _put(
        self, wanted: str, number: int, paths: Sequence[str], *, is_renamed: bool, gone: Collection[str] = ()
    ) -> list[str]:
        """Claim the paths, unless another source has one of them; return what others have."""
        with self._coordinator.writing() as ledger:
            others = [path for path in ledger.results.others(self._source, paths) if path not in gone]
            entry = ledger.find(self._key)
            if others or entry is None:
                return others
            passes = entry.batch.passes
            if is_renamed and not ledger.results.is_renamed(entry.id, passes, self._source):
                self._count(ledger, entry)
            ledger.results.put(entry.id, passes, self._source, wanted, number, paths, is_renamed=is_renamed)
        return []

    def _count(self, ledger: Ledger, entry: Entry) -> None:
        progress = entry.batch.progress
        batch = replace(entry.batch, progress=replace(progress, renamed=progress.renamed + 1))
        ledger.save(entry, batch, self._coordinator.now())
