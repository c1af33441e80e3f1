"""The list of profiles and its encoding. A list that cannot be understood is an error, and never counts as empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from datasete.errors import CorruptData, DataseteError, NotFound
from datasete.ids import same_name, validate_name
from datasete.plugin import Blob
from datasete.pools.codec import Malformed, check_storable, integer_field, list_field, load_json
from datasete.pools.manifest import dump

KEY: Final = "profiles.json"
_OWN_KEYS: Final = ("profiles", "deleted", "revision")
_PROFILE_KEYS: Final = frozenset({"id", "name", "created"})


@dataclass(frozen=True)
class Profile:
    """A named pool.

    Attributes:
        id: the id of its pool.
        name: unique among all, compared as `datasete.ids.same_name` does.
        created: when, in Unix seconds. Another program may have written anything here; it is preserved.
        rest: keys of other programs, which every edit preserves.
    """

    id: str
    name: str
    created: object = 0
    rest: Mapping[str, object] = field(default_factory=dict)

    @property
    def entry(self) -> dict[str, object]:
        """The profile as the registry holds it."""
        return {"id": self.id, "name": self.name, "created": self.created, **self.rest}


@dataclass(frozen=True)
class Registry:
    """All profiles.

    Attributes:
        profiles: the profiles, oldest first.
        deleted: ids of profiles whose files are still being deleted.
        revision: grows with each of our edits.
        rest: keys of other programs, which every edit preserves.
    """

    profiles: tuple[Profile, ...] = ()
    deleted: tuple[str, ...] = ()
    revision: int = 0
    rest: Mapping[str, object] = field(default_factory=dict)

    def find(self, profile_id: str) -> Profile | None:
        """The profile with this id, or None."""
        return next((profile for profile in self.profiles if profile.id == profile_id), None)

    def get(self, profile_id: str) -> Profile:
        """The profile with this id.

        Raises:
            NotFound: there is none.
        """
        profile = self.find(profile_id)
        if profile is None:
            raise NotFound(
                f"No profile has the id “{profile_id[:80]}” on this machine.",
                hint="Nothing was changed. It may have been deleted; if you have its export, import it.",
            )
        return profile

    def named(self, name: str) -> Profile | None:
        """The profile with this name in any capitalization or Unicode form, or None."""
        return next((profile for profile in self.profiles if same_name(profile.name) == same_name(name)), None)


def encode(registry: Registry) -> bytes:
    """Write one profile a line, so that people can read it and a torn copy can be repaired."""
    head = {"revision": registry.revision, "deleted": list(registry.deleted), **registry.rest}
    profiles = b",\n".join([dump(profile.entry) for profile in registry.profiles])
    return b'%b,\n"profiles":[\n%b\n]}\n' % (dump(head)[:-1], profiles)


def decode(blob: Blob | None) -> Registry:
    """Decode the registry; a missing one is empty.

    Raises:
        CorruptData: the bytes are not a registry. The file is left as it is.
    """
    if blob is None:
        return Registry()
    try:
        return parse(load_json(blob.data))
    except Malformed as reason:
        raise CorruptData(
            f"The list of profiles cannot be read: it {reason}.",
            hint="Nothing was changed, and all profiles' pictures are unharmed. Rebuild the list; the old one is kept "
            "beside the new one.",
        ) from reason


def parse(document: object) -> Registry:
    """Check a decoded registry.

    Raises:
        Malformed: with the reason.
    """
    if not isinstance(document, dict):
        raise Malformed("is not a JSON object")
    profiles = tuple([parse_profile(entry) for entry in list_field(document, "profiles", missing_is_fine=False)])
    deleted = tuple([_checked_id(entry) for entry in list_field(document, "deleted")])
    # Two equal names are only confusing, and can be changed. Two equal ids would be one pool with two names.
    if len({profile.id for profile in profiles}) < len(profiles):
        raise Malformed("names the same profile twice")
    rest = check_storable({key: value for key, value in document.items() if key not in _OWN_KEYS})
    return Registry(profiles, deleted, integer_field(document, "revision", 0), rest)


def parse_profile(entry: object) -> Profile:
    """Check one profile. Names that we would refuse are accepted, because they are never part of a path.

    Raises:
        Malformed: with the reason.
    """
    if not isinstance(entry, dict):
        raise Malformed("has a profile that is not an object")
    name = entry.get("name")
    if not isinstance(name, str) or not name:
        raise Malformed("has a profile without a name")
    rest = {key: value for key, value in entry.items() if key not in _PROFILE_KEYS}
    return Profile(_checked_id(entry.get("id")), name, check_storable(entry.get("created", 0)), check_storable(rest))


def _checked_id(value: object) -> str:
    # The id names a folder, and deleting a profile deletes it: a crafted registry must not lead anywhere else.
    try:
        checked = validate_name(value)
    except DataseteError as error:
        raise Malformed("has a profile with an id that cannot be a folder") from error
    if checked != value or same_name(checked) == KEY:
        raise Malformed("has a profile with an id that cannot be a folder")
    return checked
