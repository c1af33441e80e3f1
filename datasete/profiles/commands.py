"""Edits of the registry as pure functions. They recognize their own result: applied twice, they count once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from datasete.errors import Conflict
from datasete.profiles.names import free_name
from datasete.profiles.registry import Profile, Registry

Command: TypeAlias = Callable[[Registry], Registry]


def register(profile: Profile, *, exact: bool) -> Command:
    """Add a profile. If its name is taken, an `exact` one is refused, and any other is numbered.

    Raises (when applied):
        Conflict: the name is taken.
    """

    def command(registry: Registry) -> Registry:
        if registry.find(profile.id):
            return registry
        if exact:
            _check_free(registry, profile)
        # Chosen here and not by the caller, because another writer may take a name between two attempts.
        name = free_name(profile.name, [other.name for other in registry.profiles])
        return replace(registry, profiles=(*registry.profiles, replace(profile, name=name)))

    return command


def rename(profile_id: str, name: str) -> Command:
    """Give a profile another name.

    Raises (when applied):
        NotFound: no such profile exists.
        Conflict: another profile has the name.
    """

    def command(registry: Registry) -> Registry:
        renamed = replace(registry.get(profile_id), name=name)
        _check_free(registry, renamed)
        return _changed(registry, [renamed if each.id == profile_id else each for each in registry.profiles])

    return command


def delete(profile_id: str) -> Command:
    """Remove a profile, and record that its files must be deleted, which a crash may delay.

    Raises (when applied):
        NotFound: no such profile exists.
    """

    def command(registry: Registry) -> Registry:
        if profile_id in registry.deleted:
            return registry
        registry.get(profile_id)
        left = tuple(each for each in registry.profiles if each.id != profile_id)
        return replace(registry, profiles=left, deleted=(*registry.deleted, profile_id))

    return command


def forget(profile_id: str) -> Command:
    """Record that the files of a deleted profile are gone."""

    def command(registry: Registry) -> Registry:
        if profile_id not in registry.deleted:
            return registry
        return replace(registry, deleted=tuple(each for each in registry.deleted if each != profile_id))

    return command


def _check_free(registry: Registry, profile: Profile) -> None:
    other = registry.named(profile.name)
    if other and other.id != profile.id:
        raise Conflict(
            f"There is already a profile named “{other.name}”.", hint="Nothing was changed. Choose another name."
        )


def _changed(registry: Registry, profiles: list[Profile]) -> Registry:
    changed = tuple(profiles)
    return registry if changed == registry.profiles else replace(registry, profiles=changed)
