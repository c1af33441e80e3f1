"""What somebody sees who is not root."""

import contextlib
import os

NOBODY = 65534


@contextlib.contextmanager
def an_ordinary_user(owning=None):
    """Root may read and write everything. `owning` is a folder that is this user's own."""
    before = os.geteuid()
    if before == 0:
        if owning:
            os.chown(owning, NOBODY, -1)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)
