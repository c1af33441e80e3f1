"""What a full disk, or a quota, does to a writer."""

import contextlib


@contextlib.contextmanager
def full_disk(room=100):
    """No file of this process may grow beyond `room` bytes."""
    import resource  # not on Windows

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
