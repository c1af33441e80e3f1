"""Real servers on the loopback, each in processes of its own that are stopped by their own ids."""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

PATIENCE = 60


def free_port():
    """A port that nobody listens on, outside the range from which outgoing connections take theirs."""
    while True:
        port = random.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def unavailable(server, reason):
    """Skip by name on a person's machine; in CI a missing server is a failure."""
    message = f"{server} is not tested: {reason}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


def wait_for(port, process, log):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"the server ended at once:\n{log.read_text(errors='replace')[-2000:]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"the server does not answer:\n{log.read_text(errors='replace')[-2000:]}")


@contextlib.contextmanager
def running(command, port, folder, environment=None):
    """A process of our own that listens on `port`; ended with everything it started."""
    log = Path(folder) / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output, start_new_session=True,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
    try:
        wait_for(port, process, log)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def program(name):
    """A program of the environment that runs the tests, or of the system."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
