"""Debian's Samba with a configuration, a password file and a share of its own."""

import contextlib
import os
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

from servers import free_port, program, running, unavailable

from datasete.plugin import Space

USER, PASSWORD, SHARE = "root", "a-password-that-no-log-may-show", "pictures"

CONFIGURATION = """
[global]
    server role = standalone server
    security = user
    map to guest = never
    interfaces = lo
    bind interfaces only = yes
    smb ports = {port}
    disable netbios = yes
    load printers = no
    disable spoolss = yes
    printcap name = /dev/null
    passdb backend = tdbsam
    private dir = {folder}/private
    lock directory = {folder}/lock
    state directory = {folder}/state
    cache directory = {folder}/cache
    pid directory = {folder}/pid
    ncalrpc dir = {folder}/ncalrpc
    log file = {folder}/smbd.log
    log level = 0
    server multi channel support = no

[{share}]
    path = {folder}/share
    read only = no
"""


@dataclass(frozen=True)
class SmbServer:
    port: int
    folder: Path

    def space(self, path=None, port=None, **options):
        """A space of its own in the share, unless a path is named."""
        path = f"test/{uuid.uuid4()}" if path is None else path
        return Space(
            "bus", f"smb://127.0.0.1:{port or self.port}/{SHARE}/{path}",
            {"username": USER, "password": PASSWORD, **options},
        )  # fmt: skip

    def behind(self, store):
        """The folder of a store's space on this machine's disk."""
        return self.folder / "share" / Path(*store.share.root.split("\\")[4:])


@contextlib.contextmanager
def samba(folder):
    smbd, smbpasswd = program("smbd"), program("smbpasswd")
    if smbd is None or smbpasswd is None:
        unavailable("Samba", "there is no smbd here; install Debian's samba")
    if os.geteuid() != 0:
        unavailable("Samba", "smbd needs root to serve a user's files")
    port = free_port()
    for name in ("private", "lock", "state", "cache", "pid", "ncalrpc", "share"):
        (folder / name).mkdir()
    configuration = folder / "smb.conf"
    configuration.write_text(CONFIGURATION.format(port=port, folder=folder, share=SHARE))
    subprocess.run(
        [smbpasswd, "-c", str(configuration), "-s", "-a", USER],
        input=f"{PASSWORD}\n{PASSWORD}\n", text=True, check=True, capture_output=True,
    )  # fmt: skip
    command = [smbd, "-s", str(configuration), "-F", "--no-process-group"]
    with running(command, port, folder):
        yield SmbServer(port, folder)
