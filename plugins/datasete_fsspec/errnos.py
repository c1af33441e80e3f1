"""Classes of system errors on a local disk, by what a caller can do about them."""

from __future__ import annotations

import errno
from typing import Final

MISSING: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EISDIR})
"""No file has that name, or could have it: for a store, an absent key."""

_UNSUPPORTED: Final = frozenset({errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.EPERM})
"""What file systems say to an operation that they do not have; FAT and some network mounts say EPERM or EINVAL."""

NO_LINKS: Final = _UNSUPPORTED | {errno.EMLINK}
"""The file system has no hard links, or no more of them for this file."""

NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})
"""The file system has no locks, or its lock service does not answer: some network mounts."""

NO_KERNEL_COPY: Final = _UNSUPPORTED | {errno.ETXTBSY}
"""The kernel cannot copy between these two files: copy through this program."""

NO_FOLDER_SYNC: Final = frozenset({errno.EINVAL})
"""The file system cannot sync a folder, and need not: some network mounts."""
