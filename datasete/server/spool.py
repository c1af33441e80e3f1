"""A buffer between a thread that makes a file and a browser that reads it: a reader that pauses holds no thread.

What the reader has not taken waits in memory, and beyond a few megabytes in a temporary file. The writer waits for the
reader only where the disk is nearly full.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
from collections import deque
from pathlib import Path
from typing import IO, Final

BLOCK_BYTES: Final = 1 << 20
"""How much is handed to the reader at once."""

MEMORY_BYTES: Final = 16 * BLOCK_BYTES

FREE_BYTES: Final = 1 << 30
"""How much of the disk stays free for others."""


class Spool:
    """Written like a file by one thread, and read block by block on the loop. It is its writer's `ProfileSink`.

    Args:
        folder: where the temporary file is created when one is needed; None for the system's own place.
        loop: the reader's.
        patience: how many seconds the writer waits for the reader where the disk has no room.
    """

    def __init__(self, folder: Path | None, loop: asyncio.AbstractEventLoop, patience: float) -> None:
        self._folder = folder
        self._loop = loop
        self._patience = patience
        self._lock = threading.Condition()
        self._arrived = asyncio.Event()
        self._unfinished = bytearray()
        self._memory: deque[bytes] = deque()
        self._file: IO[bytes] | None = None
        self._on_disk: deque[tuple[int, int]] = deque()
        self._end = 0
        self._finished = self._stopped = False

    # --- the writer's thread -----------------------------------------------------------------------------------------

    def write(self, data: bytes) -> int:
        """Take bytes.

        Raises:
            ConnectionAbortedError: the reader is gone.
            TimeoutError: the disk is full, and the reader does not read.
        """
        self._unfinished += data
        if len(self._unfinished) >= BLOCK_BYTES:
            self.flush()
        return len(data)

    def flush(self) -> None:
        """Hand what was written to the reader."""
        block, self._unfinished = bytes(self._unfinished), bytearray()
        with self._lock:
            if block and (self._on_disk or len(self._memory) * BLOCK_BYTES >= MEMORY_BYTES):
                self._lock.wait_for(self._has_room, self._patience)
                self._store(block)
            elif block:
                self._memory.append(block)
            if self._stopped:
                self._memory.clear()
                raise ConnectionAbortedError("the reader is gone")
        self._notify()

    def finish(self) -> None:
        """Say that everything is written."""
        self.flush()
        with self._lock:
            self._finished = True
        self._notify()

    def _has_room(self) -> bool:
        place = self._folder or Path(tempfile.gettempdir())
        return self._stopped or not self._on_disk or shutil.disk_usage(place).free > FREE_BYTES

    def _store(self, block: bytes) -> None:
        if self._stopped:
            return
        if not self._has_room():
            raise TimeoutError("the disk is full, and the reader does not read")
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by `stop`
        self._file.seek(self._end)
        self._file.write(block)
        self._on_disk.append((self._end, len(block)))
        self._end += len(block)

    def _notify(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._arrived.set)

    # --- the reader --------------------------------------------------------------------------------------------------

    async def arrival(self) -> bool:
        """Wait for a block; return False when there will be none."""
        while True:
            self._arrived.clear()
            with self._lock:
                if self._memory or self._on_disk:
                    return True
                if self._finished or self._stopped:
                    return False
            await self._arrived.wait()

    def take(self) -> bytes:
        """Return the next block, which has arrived. It may come from the disk."""
        with self._lock:
            self._lock.notify_all()
            if self._memory:
                return self._memory.popleft()
            assert self._file is not None
            start, size = self._on_disk.popleft()
            self._file.seek(start)
            block = self._file.read(size)
            if not self._on_disk:  # the reader has caught up: the disk is not needed any more
                self._file.truncate(0)
                self._end = 0
            return block

    def stop_waiting(self) -> None:
        """Nothing more will be written, perhaps because the writer failed: what is there may still be read."""
        with self._lock:
            self._finished = True
        self._notify()

    def stop(self) -> None:
        """Drop everything; the writer's next call fails. Call this when the reader is gone, and at the end."""
        with self._lock:
            self._stopped = True
            self._memory.clear()
            self._on_disk.clear()
            if self._file is not None:
                self._file.close()
                self._file = None
            self._lock.notify_all()
        self._notify()
