"""A base class for binary files that can only be read; a subclass defines `read`."""

from __future__ import annotations

import io
from abc import abstractmethod
from typing import Any


class Readable(io.RawIOBase):
    """A file whose every way of reading goes through `read`."""

    def readable(self) -> bool:
        """Always true."""
        return True

    @abstractmethod
    def read(self, size: int | None = -1) -> bytes:
        """At most `size` bytes; all that are left when it is None or negative."""

    def readinto(self, buffer: Any) -> int:
        """As `read`, into a buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        """Everything that is left."""
        return self.read()
