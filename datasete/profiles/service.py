"""The service that creates, names, copies and deletes profiles.

The registry decides which profiles exist. So a creation writes the pool first and the registry last, and a deletion the
other way round: a crash in between leaves files that are collected later, and never a profile without its pictures.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from datasete.errors import DataseteError
from datasete.pools import Pools
from datasete.pools.editing import Step
from datasete.pools.lifecycle import PROFILE_KEY, GarbageCollector, collect_all, copy_files, create_pool
from datasete.pools.manifest import Manifest
from datasete.profiles import commands
from datasete.profiles.names import check_name
from datasete.profiles.rebuild import rebuild
from datasete.profiles.registry import KEY, Profile, Registry, decode, encode

logger = logging.getLogger(__name__)

COLLECTION: Final = "profiles"


class Profiles:
    """The profiles of a space of pools. Safe to use from several threads, processes and machines at once.

    Args:
        pools: the pools of the same space.
        clock: Unix seconds.
        changed: called with the registry's revision after each edit.
        collect_every: seconds between two collections of what crashes left behind; None to disable them.
    """

    def __init__(
        self,
        pools: Pools,
        *,
        clock: Callable[[], float] = time.time,
        changed: Callable[[int], object] = lambda _revision: None,
        collect_every: float | None = None,
    ) -> None:
        self.pools = pools
        self._storage = pools.storage
        self._changed = changed
        self._clock = clock
        self.collector = (
            None if collect_every is None else GarbageCollector(lambda _: self.collect_all(), collect_every)
        )

    def registry(self) -> Registry:
        """All current profiles.

        Raises:
            CorruptData: the registry cannot be read. This never counts as an empty one.
            StoreError: the store cannot be reached.
        """
        if self.collector:
            self.collector.schedule(COLLECTION)
        return decode(self._storage.get(KEY))

    def get(self, profile_id: str) -> Profile:
        """A profile by its id.

        Raises:
            NotFound: it is not on this machine.
        """
        return self.registry().get(profile_id)

    def is_profile(self, pool_id: str) -> bool:
        """Whether a pool is a profile's."""
        return self.registry().find(pool_id) is not None

    def create(self, name: str) -> Profile:
        """Create an empty profile.

        Raises:
            InvalidName: the name cannot be used.
            Conflict: it is taken.
        """
        name = self._free_name(name)
        with create_pool(self._storage, "profile", self._clock) as pool_id:
            return self.commit(pool_id, Manifest(), name, exact=True)

    def adopt(self, pool_id: str, name: str) -> Profile:
        """Create a profile from a copy of a pool. The pool itself does not change.

        Raises:
            InvalidName: the name cannot be used.
            Conflict: it is taken.
            CorruptData: the pool cannot be read, or a file is missing; nothing was created.
        """
        name = self._free_name(name)
        with create_pool(self._storage, "profile", self._clock) as copy:
            manifest = copy_files(self._storage, self.pools.manifest(pool_id), pool_id, copy)
            return self.commit(copy, manifest, name, exact=True)

    def commit(self, pool_id: str, manifest: Manifest, name: str, *, exact: bool) -> Profile:
        """Turn a pool that is being created into a profile: write its manifest, then its entry in the registry."""
        created = round(self._clock(), 3)
        hint = {PROFILE_KEY: {"name": name, "created": created}}
        self.pools.install(pool_id, replace(manifest, rest={**manifest.rest, **hint}))
        profile = self._edit(commands.register(Profile(pool_id, name, created), exact=exact)).get(pool_id)
        self._record_name(profile)
        return profile

    def register(self, pool_id: str, name: str) -> Profile:
        """Turn a pool itself into a profile, under its own id. A name that is taken is numbered.

        Raises:
            InvalidName: the name cannot be used.
        """
        made = Profile(pool_id, check_name(name), round(self._clock(), 3))
        profile = self._edit(commands.register(made, exact=False)).get(pool_id)
        self._record_name(profile)
        return profile

    def take(self, profile: Profile) -> Profile:
        """Add a profile whose pool is there already, as it was elsewhere. A name that is taken is numbered."""
        taken = self._edit(commands.register(profile, exact=False)).get(profile.id)
        self._record_name(taken)
        return taken

    def rename(self, profile_id: str, name: str) -> Profile:
        """Give a profile another name.

        Raises:
            InvalidName: the name cannot be used.
            Conflict: it is taken.
            NotFound: no such profile exists.
        """
        profile = self._edit(commands.rename(profile_id, check_name(name))).get(profile_id)
        self._record_name(profile)
        return profile

    def delete(self, profile_id: str) -> None:
        """Delete a profile with its pictures. This cannot be undone.

        Raises:
            NotFound: no such profile exists.
        """
        # The entry goes first: from then on the profile is gone for everybody, and a crash leaves only files. The id
        # stays in `deleted` until they are gone too.
        self._edit(commands.delete(profile_id))
        try:
            self._finish_deleting(profile_id)
        except DataseteError:
            logger.warning("The files of the deleted profile %s will be removed later.", profile_id, exc_info=True)

    def duplicate(self, profile_id: str, name: str | None = None) -> Profile:
        """Copy a profile with all its pictures; a name that is taken is numbered.

        Raises:
            InvalidName: the name cannot be used.
            NotFound: no such profile exists.
            CorruptData: it cannot be read, or a file is missing; nothing was created.
        """
        source = self.get(profile_id)
        wanted = source.name if name is None else check_name(name)
        with create_pool(self._storage, "profile", self._clock) as pool_id:
            manifest = copy_files(self._storage, self.pools.manifest(profile_id), profile_id, pool_id)
            return self.commit(pool_id, manifest, wanted, exact=False)

    def seed(self, pool_id: str, profile_id: str, operation: str | None = None) -> Manifest:
        """Append copies of a pool's pictures to a profile.

        Raises:
            NotFound: no such profile exists.
        """
        self.get(profile_id)
        return self.pools.append(pool_id, profile_id, operation)

    def rebuild(self) -> Registry:
        """Rebuild an unreadable registry; the old one is kept beside it.

        Raises:
            InvalidInput: the registry can be read.
        """
        registry = rebuild(self.pools)
        self._changed(registry.revision)
        return registry

    def collect_all(self) -> None:
        """Finish interrupted deletions, and remove profiles whose creation crashed more than a day ago."""
        registry = decode(self._storage.get(KEY))
        for profile_id in registry.deleted:
            self._finish_deleting(profile_id)
        # Read the registry again: a profile that was created in the meantime must not be taken for the rest of a crash.
        collect_all(self._storage, {profile.id for profile in decode(self._storage.get(KEY)).profiles}, self._clock())

    def close(self) -> None:
        """Finish the collection that is under way."""
        if self.collector:
            self.collector.close()

    def _free_name(self, name: str) -> str:
        """Refuse a name early, before anything is written; only the registry's edit itself decides who gets it."""
        name = check_name(name)
        commands.register(Profile("", name), exact=True)(self.registry())
        return name

    def _record_name(self, profile: Profile) -> None:
        with suppress(DataseteError):  # only the registry counts; the note in the pool is for rebuilding it
            self.pools.edit(profile.id, _with_name(profile))

    def _finish_deleting(self, profile_id: str) -> None:
        self.pools.delete(profile_id)
        self._edit(commands.forget(profile_id))

    def _edit(self, command: commands.Command) -> Registry:
        step = Step(command, decode=decode, commit=_next_revision, encode=encode)
        self._storage.update(KEY, step)
        if not step.unchanged:
            self._changed(step.result.revision)
        return step.result


def _next_revision(edited: Registry) -> Registry:
    return replace(edited, revision=edited.revision + 1)


def _with_name(profile: Profile) -> Callable[[Manifest], Manifest]:
    def command(manifest: Manifest) -> Manifest:
        hint = {"name": profile.name, "created": profile.created}
        if not manifest.revision or manifest.rest.get(PROFILE_KEY) == hint:
            return manifest
        return replace(manifest, rest={**manifest.rest, PROFILE_KEY: hint})

    return command
