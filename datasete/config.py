"""Settings from ``datasete.toml``, overridden by the environment. Every setting has a safe default."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Secret, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from datasete.errors import ConfigError
from datasete.system.variables import Variables, parse_options

FILE_NAME = "datasete.toml"
FILE_VARIABLE = "DATASETE_CONFIG"

BUS: Final = "bus"
"""The space of the bus."""

POOLS: Final = "pools"
"""The space of the pools and their profiles."""


def _parsed(value: object) -> object:
    """Options as a table. Those that are null are left out: that is how a variable takes one of the file away."""
    table = parse_options(value, "options") if isinstance(value, str) else value
    return {name: one for name, one in table.items() if one is not None} if isinstance(table, dict) else table


def _both_or_none(value: object) -> object:
    return {True: ("input", "output"), False: ()}[value] if isinstance(value, bool) else value


class _Section(BaseModel):
    # a misspelt key is an error: ignored, it would leave a store open that was meant to be guarded
    model_config = ConfigDict(extra="forbid", frozen=True)


class SpaceSettings(_Section):
    """Where a space is. An empty URL means the default folder on the local disk."""

    url: str = ""
    options: Annotated[Secret[dict[str, Any]], BeforeValidator(_parsed)] = Secret({})


class PluginSettings(_Section):
    """Which plugins are loaded.

    Attributes:
        load: dotted names of further plugin modules.
        only: if not empty, nothing but these is loaded; bundled plugins count, too.
        block: names that are never loaded.
        trace: log every hook call.
    """

    load: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    trace: bool = False


class StorageSettings(_Section):
    """Which URLs may be used, and how long to try.

    Attributes:
        schemes: the only URL schemes that spaces may name. If empty, they are those that the plugins bring.
        more_schemes: further schemes, for whatever else fsspec can open.
        deadline: for how many seconds a call to an unreachable store is repeated.
    """

    schemes: tuple[str, ...] = ()
    more_schemes: tuple[str, ...] = ()
    deadline: float = Field(default=20.0, gt=0)


class LimitSettings(_Section):
    """How large things may be, and how pictures are taken in.

    Attributes:
        image_bytes: of one encoded picture that is uploaded, imported or read from a folder.
        image_pixels: of one picture.
        published_bytes: of one encoded picture in a slot. What passes a gate is our own, and may be larger than an
            upload; the default holds every picture within `image_pixels`, even noise, which no compression shrinks.
        archive_entries: how many files an imported archive may have.
        archive_ratio: how many times larger a file in an archive may be than its compressed form.
        color_profiles: ``convert`` turns colours into sRGB by a picture's ICC profile; ``ignore`` leaves the numbers
            alone.
    """

    image_bytes: int = Field(default=100_000_000, gt=0)
    image_pixels: int = Field(default=2**28, gt=0)
    published_bytes: int = Field(default=2_000_000_000, gt=0)
    archive_entries: int = Field(default=250_000, gt=0)
    archive_ratio: int = Field(default=200, gt=0)
    color_profiles: Literal["convert", "ignore"] = "convert"

    @property
    def of_slots(self) -> LimitSettings:
        """The same limits with what a slot may hold in place of `image_bytes`."""
        return self.model_copy(update={"image_bytes": max(self.image_bytes, self.published_bytes)})


class BusSettings(SpaceSettings):
    """The bus's space.

    Attributes:
        history: how many replaced versions of a slot are kept.
    """

    history: int = Field(default=5, ge=0)


class ServerSettings(_Section):
    """Which requests are answered besides those of this machine's own pages, for servers behind a proxy.

    Attributes:
        allowed_hosts: Host names, with or without their port. Once there are any, no others but this machine's own are
            answered, on whatever address the server listens.
        trusted_origins: origins of pages, such as ``https://nas:8443``, where a proxy changes name or port in Host.
    """

    allowed_hosts: tuple[str, ...] = ()
    trusted_origins: tuple[str, ...] = ()


class BatchSettings(_Section):
    """How batches go from file to file.

    Attributes:
        trigger: what queues the next run: ``auto``, ``server``, ``browser``, ``impact``, ``http``, ``manual``, or the
            name of a plugin's own trigger.
        url: the ComfyUI that ``http`` posts to.
        resume: whether walks that a shutdown interrupted continue when the server starts again.
        fallback_type: what the saver writes where the loader's EXTENSION is wired to it and names a type that it does
            not write, such as ``gif``: ``png``, ``jpg``, ``jpeg`` or ``webp``.
    """

    trigger: str = "auto"
    url: str = ""
    resume: bool = True
    fallback_type: Literal["png", "jpg", "jpeg", "webp"] = "png"


class GateSettings(_Section):
    """What answers a gate when no person does.

    Attributes:
        policy: ``after`` takes a route after some seconds, ``headless`` at once; or the name of a plugin's own policy.
            If empty, gates wait for a person.
        route: the route to take.
        after_s: how many seconds ``after`` leaves a gate to a person.
        options: further settings for a plugin's own policy.
    """

    policy: str = ""
    route: int = Field(default=1, ge=1, le=10)
    after_s: float = Field(default=60.0, ge=0, allow_inf_nan=False)
    options: Annotated[Secret[dict[str, Any]], BeforeValidator(_parsed)] = Secret({})


class PathSettings(_Section):
    """Folders that widgets may name.

    Attributes:
        allow_write: folders in which the batch saver may write, besides the output folder.
        follow_links: in which of ``input`` and ``output`` links to folders elsewhere are followed; ``true`` for both,
            ``false`` for none. Only people who may write to those folders can make such links.
        names: which names of files and folders savers take: ``portable``, those that every system takes, as results
            are copied to shares and to Windows; ``system``, those that this one takes.
    """

    allow_write: tuple[Path, ...] = ()
    follow_links: Annotated[tuple[Literal["input", "output"], ...], BeforeValidator(_both_or_none)] = ("input",)
    names: Literal["portable", "system"] = "portable"


class Settings(BaseSettings):
    """All settings. Field names are the keys of ``datasete.toml``, and ``DATASETE_BUS__URL`` is ``bus.url``."""

    model_config = SettingsConfigDict(
        env_prefix="DATASETE_", env_nested_delimiter="__", extra="forbid", frozen=True, toml_file=()
    )

    bus: BusSettings = BusSettings()
    pools: SpaceSettings = SpaceSettings()
    spaces: dict[str, SpaceSettings] = {}
    plugins: PluginSettings = PluginSettings()
    storage: StorageSettings = StorageSettings()
    limits: LimitSettings = LimitSettings()
    server: ServerSettings = ServerSettings()
    batch: BatchSettings = BatchSettings()
    gates: GateSettings = GateSettings()
    paths: PathSettings = PathSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments override the environment, and the environment overrides the file, name by name."""
        # a .env file of the host or another pack must not configure us by accident
        del env_settings, dotenv_settings, file_secret_settings
        return init_settings, Variables(settings_cls), TomlConfigSettingsSource(settings_cls)


def load_settings(*folders: Path) -> Settings:
    """Read the settings, from the file that ``DATASETE_CONFIG`` names or the first one found in `folders`.

    Raises:
        ConfigError: the file or a variable cannot be used. Values are never shown: they may be secrets.
    """
    path = settings_file(*folders)

    # a class for each call: pydantic-settings takes the file from the class, and tests load several
    class Here(Settings):
        model_config = SettingsConfigDict(toml_file=path or ())

    try:
        return Here()
    except ValidationError as error:  # without the cause: pydantic's text quotes the values
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise ConfigError(f"The configuration cannot be used: {faults}.", hint=_advice(path)) from None
    except (SettingsError, ValueError, OSError) as error:
        raise ConfigError(f"The configuration cannot be read: {error}.", hint=_advice(path)) from error


def settings_file(*folders: Path) -> Path | None:
    """The file to read, if there is one.

    Raises:
        ConfigError: ``DATASETE_CONFIG`` names a file that does not exist.
    """
    named = os.environ.get(FILE_VARIABLE)
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise ConfigError(
                f"{FILE_VARIABLE} names {path}, and no such file exists.",
                hint="Nothing was loaded. Correct the variable.",
            )
        return path
    return next((folder / FILE_NAME for folder in folders if (folder / FILE_NAME).is_file()), None)


def _advice(path: Path | None) -> str:
    corrected = f"{path} or the DATASETE_* variables" if path else "the DATASETE_* variables"
    return f"Nothing was loaded. Correct {corrected}."
