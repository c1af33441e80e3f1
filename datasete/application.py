"""Builds the services around a host; the one object that the rest of the program holds."""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from datasete.config import BUS, POOLS, Settings, SpaceSettings, load_settings
from datasete.errors import ConfigError, NotFound
from datasete.gates import Gates
from datasete.hooks.allowed import check_url
from datasete.hooks.manager import Hooks, build_hooks
from datasete.host.api import Host
from datasete.plugin import Decision, Gate, PolicyChoice, Space
from datasete.storage import Storage, from_os_error
from datasete.tasks.cancellation import TaskRegistry
from datasete.tasks.ending import call_all
from datasete.tasks.workers import Bulkheads

if TYPE_CHECKING:  # services are imported when they are first used, so that the host starts quickly
    from datasete.batch.service import Batches
    from datasete.bus import Bus
    from datasete.pools import Pools
    from datasete.profiles import Profiles
    from datasete.profiles.transfer import ProfileTransfer

logger = logging.getLogger(__name__)

COLLECT_SECONDS: Final = 3600.0
"""How often unused files of pools are collected."""

CLOSE_SECONDS: Final = 10.0
"""How long closing waits for work in the background, which a store that hangs would hold up."""

LEDGER: Final = "datasete/batches.sqlite"
"""The batch ledger, in the host's user directory."""

PACK_ROOT: Final = Path(__file__).resolve().parent.parent


class Application:
    """Settings, hooks and services around one host. Services open on first use, so that the host starts quickly."""

    def __init__(self, host: Host, settings: Settings, hooks: Hooks) -> None:
        self.host = host
        self.settings = settings
        self.hooks = hooks
        self.gates = Gates(notify=host.send, observers=hooks, policy=self._decide)
        self.workers = Bulkheads(settings.storage.deadline)
        self.tasks = TaskRegistry()
        # One for each space: a store that hangs while it is opened must not keep others from being opened.
        self._locks: dict[str, threading.RLock] = {}
        self._locks_lock = threading.Lock()
        self._batches_lock = threading.Lock()
        self._storages: dict[str, Storage] = {}
        self._bus: Bus | None = None
        self._pools: Pools | None = None
        self._profiles: Profiles | None = None
        self._batches: Batches | None = None

    @property
    def bus(self) -> Bus:
        """The bus over the space of that name."""
        with self._lock_of(BUS):
            if self._bus is None:
                from datasete.bus import Bus

                self._bus = Bus(
                    self.storage(BUS),
                    history=self.settings.bus.history,
                    published=self._published,
                    limits=self.settings.limits.of_slots,
                )
            return self._bus

    @property
    def pools(self) -> Pools:
        """The pools over the space of that name."""
        with self._lock_of(POOLS):
            if self._pools is None:
                from datasete.pools import Pools

                storage, limits = self.storage(POOLS), self.settings.limits
                self._pools = Pools(storage, limits, changed=self._pool_changed, collect_every=COLLECT_SECONDS)
            return self._pools

    @property
    def profiles(self) -> Profiles:
        """The pools' names."""
        with self._lock_of(POOLS):
            if self._profiles is None:
                from datasete.profiles import Profiles

                self._profiles = Profiles(self.pools, changed=self._profiles_changed, collect_every=COLLECT_SECONDS)
            return self._profiles

    @property
    def transfer(self) -> ProfileTransfer:
        """Carries profiles out and in."""
        from datasete.profiles.transfer import ProfileTransfer

        return ProfileTransfer(self.profiles, self.hooks, self._free_bytes)

    @property
    def batches(self) -> Batches:
        """The batches of this host. They have a lock of their own: opening a slow store must not delay a batch."""
        with self._batches_lock:
            if self._batches is None:
                from datasete.batch.service import Batches

                host, ledger, chosen = self.host, self.host.user_dir / LEDGER, self.settings.batch
                roots = {"input": host.input_dir, "output": host.output_dir}
                linked = [roots[name] for name in self.settings.paths.follow_links]
                self._batches = Batches(
                    host, self.hooks, ledger, chosen, lambda: self.spaces().keys(), self.storage, linked=linked
                )
            return self._batches

    def file_at(self, prompt_id: str, node_id: str) -> Mapping[str, object] | None:
        """The batch file that reaches a node of a run: ``index`` from 0, ``total``, ``filename``; or None."""
        with self._batches_lock:
            batches = self._batches
        return batches.upstream_batch(prompt_id, node_id) if batches else None

    def spaces(self) -> dict[str, Space]:
        """Every configured space by name, the two that always exist first."""
        defaults = {BUS: "gate_bus", POOLS: "grid_pool"}
        own: dict[str, SpaceSettings] = {BUS: self.settings.bus, POOLS: self.settings.pools}
        named = own | {name: space for name, space in self.settings.spaces.items() if name not in own}
        return {name: self._space(name, space, defaults.get(name)) for name, space in named.items()}

    def storage(self, name: str) -> Storage:
        """The storage of a space, opened once.

        Raises:
            NotFound: no such space is configured.
            ConfigError: its URL cannot be used.
            StoreError: it cannot be reached.
        """
        with self._lock_of(name):
            if name not in self._storages:
                self._storages[name] = self._open(name)
            return self._storages[name]

    def close(self, within: float = CLOSE_SECONDS) -> None:
        """End open gates, finish running work, and release the stores; in this order, as each needs those after it.

        Args:
            within: how many seconds work in the background may take. What a store holds up for longer is abandoned: its
                next reader or writer makes up for it.
        """
        self.gates.close()
        self.workers.close()
        until = time.monotonic() + within
        storages, self._storages = list(self._storages.values()), {}
        for storage in storages:
            storage.stop_retrying()
        # closed outside of the lock: a node that asks for its file meanwhile must not wait for that
        with self._batches_lock:
            batches, self._batches = self._batches, None
        services = (batches, self._bus, self._profiles, self._pools)
        self._bus = self._pools = self._profiles = None
        call_all([service.close for service in services if service], until)
        call_all([storage.close for storage in storages], until)
        call_all([self.hooks.close], until)

    def _lock_of(self, space: str) -> threading.RLock:
        # reentrant: opening the profiles opens the pools, which open their storage
        with self._locks_lock:
            return self._locks.setdefault(space, threading.RLock())

    def _open(self, name: str) -> Storage:
        space = self.spaces().get(name)
        if space is None:
            raise NotFound(
                f"The space “{name}” does not exist.",
                hint="Nothing was opened. `datasete doctor` lists the configured spaces.",
            )
        return self._opened(space)

    @contextmanager
    def storage_at(self, place: str) -> Iterator[Storage]:
        """The storage of a configured space, or that at a URL or in a folder, which is closed at the end.

        Raises:
            ConfigError: the URL cannot be used.
            StoreError: it cannot be reached.
        """
        if place in self.spaces():
            yield self.storage(place)
            return
        with closing(self._opened(Space(place, place if "://" in place else str(Path(place).absolute())))) as storage:
            yield storage

    def _opened(self, space: Space) -> Storage:
        try:
            store = self.hooks.open_store(check_url(space, self._schemes()))
        except OSError as error:
            raise from_os_error(error, space) from error
        return Storage(store, space, deadline=self.settings.storage.deadline)

    def _schemes(self) -> tuple[str, ...]:
        storage = self.settings.storage
        return (*(storage.schemes or self.hooks.schemes()), *storage.more_schemes)

    def _space(self, name: str, settings: SpaceSettings, folder: str | None) -> Space:
        url = settings.url or (str(self.host.input_dir / folder) if folder else "")
        return Space(name, url, _plain(settings))

    def _decide(self, gate: Gate) -> Decision | None:
        chosen = self.settings.gates
        options = chosen.options.get_secret_value()
        return self.hooks.gate_policy(gate, PolicyChoice(chosen.policy, chosen.route, chosen.after_s, options))

    def _pool_changed(self, pool_id: str, revision: int) -> None:
        self.host.send("datasete-pool-changed", {"pool": pool_id, "revision": revision})

    def _profiles_changed(self, revision: int) -> None:
        self.host.send("datasete-profiles-changed", {"revision": revision})

    def _free_bytes(self) -> int | None:
        from datasete.profiles.transfer import free_bytes_at

        space = self.spaces()[POOLS]
        return free_bytes_at(Path(space.url)) if "://" not in space.url else None

    def _published(self, slot: str, version: str) -> None:
        self.hooks.slot_published(slot, version)
        self.host.send("datasete-slot-published", {"id": slot})


def build_application(
    host: Host, settings: Settings | None = None, plugins: Mapping[str, object] | None = None
) -> Application:
    """Build everything around `host`; `plugins` are further plugin objects by name.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    settings = settings or load_settings(host.user_dir, PACK_ROOT)
    return Application(host, settings, build_hooks(settings.plugins, plugins))


class _Current:
    """The application of this process, and whether its end is taken care of."""

    application: Application | None = None
    is_closed_at_exit = False


def set_application(new: Application | None) -> None:
    """Make `new` the application that nodes use, and close it when the process ends."""
    _Current.application = new
    if new is not None and not _Current.is_closed_at_exit:
        _Current.is_closed_at_exit = True
        atexit.register(_close_current)


def is_started() -> bool:
    """Whether there is an application."""
    return _Current.application is not None


def _close_current() -> None:
    # once for all: each application that a test or an embedding program replaces would otherwise be kept until the end
    if _Current.application is not None:
        _Current.application.close()


def application() -> Application:
    """The application that nodes use.

    Raises:
        ConfigError: there is none.
    """
    if _Current.application is None:
        raise ConfigError(
            "Datasete was not started.",
            hint="Nothing was done. In ComfyUI this means that the pack failed to load; the log says why.",
        )
    return _Current.application


def _plain(settings: SpaceSettings) -> Mapping[str, object]:
    return settings.options.get_secret_value()
