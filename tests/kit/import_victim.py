"""What the kill test of imports kills: a process that imports one archive after the other until it dies.

It is started once, imports everything it needs, and forks a victim for each archive that a line on its standard
input names. A victim notes in its journal, which survives it, what it begins, and each profile that was acknowledged.
"""

import os
import sys

from datasete.config import PluginSettings
from datasete.hooks.manager import build_hooks
from datasete.plugin import Space
from datasete.pools import Pools
from datasete.profiles import Profiles
from datasete.profiles.transfer import ProfileTransfer
from datasete.storage import Storage


def import_forever(folder: str, archive: str, journal: int) -> None:
    """Import, note, and again."""
    hooks, space = build_hooks(PluginSettings()), Space("pools", folder)
    transfer = ProfileTransfer(Profiles(Pools(Storage(hooks.open_store(space), space))), hooks)
    while True:
        os.write(journal, b"begin\n")
        with open(archive, "rb") as file:
            profile = transfer.import_(file)
        os.write(journal, f"done {profile.id}\n".encode())


def main(folder: str, journal_path: str) -> None:
    """Fork a victim a line; say its process id, and then that it is gone."""
    assert "torch" not in sys.modules
    for line in sys.stdin:
        child = os.fork()
        if not child:
            journal = os.open(journal_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            import_forever(folder, line.strip(), journal)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("gone", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
