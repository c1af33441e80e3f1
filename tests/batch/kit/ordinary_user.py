"""What somebody sees who is not root."""

import contextlib
import os


@contextlib.contextmanager
def an_ordinary_user():
    """Root may read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)
