"""The commands ``datasete bus copy`` and ``datasete pool copy``, and what the doctor says of a place that was left."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from datasete.application import Application
from datasete.bus.copying import copy_slot
from datasete.bus.listing import list_slots
from datasete.cli.output import Commands, Result, progress
from datasete.config import BUS
from datasete.copying import Copied
from datasete.errors import DataseteError, InvalidInput, NotFound
from datasete.storage import Storage


def add_command(actions: Commands, common: argparse.ArgumentParser, space: str) -> None:
    """Add ``copy`` to the group of `space`."""
    what = "slots with their history" if space == BUS else "pools with their names"
    parser = actions.add_parser("copy", parents=[common], help=f"copy {what} from another space, such as an old place")
    parser.add_argument("source", metavar="FROM", help="a configured space, a folder, or a URL")
    parser.add_argument("target", metavar="TO", nargs="?", default=space, help=f"the same (default: {space})")
    parser.set_defaults(command=copy_bus if space == BUS else copy_pools)


def copy_bus(application: Application, options: argparse.Namespace) -> Result:
    """Copy slots. What the target has already is left alone, so the command can be repeated after any interruption."""
    with _both(application, options) as (source, target):
        names = [slot.name for slot in list_slots(source).slots]
        return _copy(names, lambda name: copy_slot(source, target, name), options, "slot")


def copy_pools(application: Application, options: argparse.Namespace) -> Result:
    """Copy pools, then their names; likewise."""
    from datasete.pools import Pools
    from datasete.profiles import Profiles
    from datasete.profiles.copying import copy_names, copy_pool, pools_in, registry_in

    with _both(application, options) as (source, target):
        pools, names = pools_in(source), registry_in(source)
        result = _copy(pools, lambda pool: copy_pool(source, target, pool), options, "pool")
        arrived = {pool for pool in pools if target.get(f"{pool}/manifest.json")}
        copy_names(names, Profiles(Pools(target)), arrived)
        return result


def left_behind(application: Application) -> str:
    """A sentence when slots lie in the default folder, and the bus is elsewhere; "" otherwise."""
    folder = application.host.input_dir / "gate_bus"
    if application.spaces()[BUS].url == str(folder) or not folder.is_dir():
        return ""
    try:
        with application.storage_at(str(folder)) as storage:
            count = len(list_slots(storage).slots)
    except DataseteError:
        return ""
    slots = "1 slot lies" if count == 1 else f"{count} slots lie"
    return f'{slots} in the default folder. `datasete bus copy "{folder}"` copies them to the bus.' if count else ""


@contextmanager
def _both(application: Application, options: argparse.Namespace) -> Iterator[tuple[Storage, Storage]]:
    with ExitStack() as opened:
        source = opened.enter_context(application.storage_at(options.source))
        target = opened.enter_context(application.storage_at(options.target))
        if source.space.url.rstrip("/") == target.space.url.rstrip("/"):
            raise InvalidInput("FROM and TO are the same place.", hint="Nothing was copied.")
        yield source, target


def _copy(names: Sequence[str], copy: Callable[[str], Copied | None], options: argparse.Namespace, what: str) -> Result:
    if not names:
        raise NotFound(f"There is no {what} in {options.source}.", hint="Nothing was copied. Check FROM.")
    found: list[Copied] = []
    failed: list[tuple[str, DataseteError]] = []
    for name in progress(names, len(names), "Copying", quiet=options.json):
        try:
            done = copy(name)
        except DataseteError as error:
            failed.append((name, error))
        else:
            found += [done] if done else []
    lines = [f"“{name}” was not copied: {error}" for name, error in failed]
    kept = _of(found, "kept")
    lines += [f"“{each}” was left alone: {options.target} has another {what} of that name." for each in kept]
    lines.append(
        f"Copied {len(_of(found, 'copied'))} of {len(names)}; {len(_of(found, 'there'))} were there already. "
        f"Nothing was removed from {options.source}."
    )
    data = {kind: _of(found, kind) for kind in ("copied", "there", "kept")} | {"failed": [name for name, _ in failed]}
    return Result(data, lines, status=1 if failed or kept else 0)


def _of(found: Iterable[Copied], outcome: str) -> list[str]:
    return [each.name for each in found if each.outcome == outcome]
