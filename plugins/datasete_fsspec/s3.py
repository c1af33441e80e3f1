"""S3, and what speaks its protocol: conditional where the service is, which a probe finds out."""

from __future__ import annotations

import hashlib
import re
import threading
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, Final

from datasete.plugin import (
    ABSENT,
    ANY,
    Blob,
    Capabilities,
    Conflict,
    Entry,
    Listing,
    NotFound,
    Space,
    StoreDenied,
    StoreUnavailable,
    Unchanged,
    When,
)
from datasete_fsspec.keys import check_key, check_limit, check_prefix, is_listed, is_sound, may_hold, page
from datasete_fsspec.s3_client import PARALLEL, Bucket, NoSuchKey, NotModified
from datasete_fsspec.s3_probe import FOLDER, Findings, crc32_of, probe

_TAG: Final = re.compile(r'(W/)?"[^"*,\\]+"')
VERSIONS: Final = ".versions/"
LAST: Final = "\U0010ffff"
MOST: Final = 1000
"""How many keys a service lists at a time."""
ALONE: Final = (
    "Nothing was changed, and reading works. Use a service that honours conditions, or, if this program alone ever "
    "writes here, set the option single_writer to true."
)


class S3Store:
    """A store in a bucket. A version is an object's ETag.

    Where the service ignores conditions, nothing is written, unless the configuration says that there is a single
    writer: for it they are checked by looking first.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._pool = ThreadPoolExecutor(PARALLEL, thread_name_prefix="datasete-s3")
        self._probing, self._alone = threading.Lock(), threading.RLock()

    @property
    def capabilities(self) -> Capabilities:
        """What the probe found."""
        found = self._findings
        return Capabilities(
            atomic_replace=True,
            conditional_write=found.writes,
            server_copy=found.copies,
            conditional_delete=found.deletes,
        )

    def read(self, keys: Iterable[str]) -> Mapping[str, Blob]:
        """See `datasete.plugin.Store.read`."""
        found = self.refresh(dict.fromkeys(keys))
        return {key: blob for key, blob in found.items() if isinstance(blob, Blob)}

    def refresh(self, known: Mapping[str, str | None]) -> Mapping[str, Blob | Unchanged]:
        """See `datasete.plugin.refresh_of`."""
        wanted = {check_key(key): version for key, version in known.items()}
        read: Callable[..., Iterable[Blob | Unchanged | None]] = map if len(wanted) < 2 else self._pool.map
        found = read(self._read, wanted, wanted.values())
        return {key: answer for key, answer in zip(wanted, found, strict=True) if answer is not None}

    def write(self, key: str, data: bytes, when: When = ANY) -> str:
        """See `datasete.plugin.Store.write`."""
        body = data if type(data) is bytes else bytes(memoryview(data))
        check_key(key)
        honours = self._sound().writes
        if when is ANY:
            return self._put(key, body)
        try:
            if when is not ABSENT:
                _check_version(str(when))
            if honours:
                return self._put(key, body, **({"IfNoneMatch": "*"} if when is ABSENT else {"IfMatch": when}))
            return self._put_alone(key, body, None if when is ABSENT else str(when))
        except (Conflict, NoSuchKey):
            raise Conflict(f"“{key}” was changed by somebody else.", hint="Nothing was written.") from None

    def list(self, prefix: str = "", after: str = "", limit: int = 1000) -> Listing:
        """See `datasete.plugin.Store.list`."""
        check_limit(limit)
        check_prefix(prefix)
        if self._findings.ordered:
            return page(self._entries(prefix, after, after, limit), limit)
        everything = {entry.key: entry for entry in self._folder_by_folder(prefix, after)}
        return page((everything[key] for key in sorted(everything)), limit)

    def copy(self, source: str, target: str, version: str | None = None) -> str:
        """See `datasete.plugin.Store.copy`."""
        check_key(source), check_key(target)
        self._sound()
        try:
            return self._copy(source, target, version)
        except (Conflict, NoSuchKey):
            if version is None:
                raise NotFound(f"There is nothing at “{source}”.", hint="Nothing was copied.") from None
            raise Conflict(f"“{source}” was changed by somebody else.", hint="Nothing was copied.") from None

    def delete(self, keys: Iterable[str], versions: Mapping[str, str] | None = None) -> int:
        """See `datasete.plugin.Store.delete`."""
        wanted = [check_key(key) for key in dict.fromkeys(keys)]
        conditions = versions or {}
        self._sound()
        return sum(self._pool.map(lambda key: self._delete(key, conditions.get(key)), wanted))

    def close(self) -> None:
        """Close the connections."""
        self._pool.shutdown()
        self._bucket.close()

    @property
    def _findings(self) -> Findings:
        with self._probing:
            return self._probed

    @cached_property
    def _probed(self) -> Findings:
        return probe(self._bucket)

    def _sound(self) -> Findings:
        """What the probe found; whoever is about to change something asks here first.

        Raises:
            StoreDenied: two writers would lose each other's work here, and nobody said that there is only one.
        """
        found = self._findings
        if found.careless and not self._bucket.single_writer:
            raise StoreDenied(
                f"{self._bucket.where} is at a service that honours no conditions: "
                "two writers would overwrite each other's work.",
                hint=ALONE,
            )
        return found

    def _read(self, key: str, version: str | None) -> Blob | Unchanged | None:
        known = version is not None and _TAG.fullmatch(version)
        try:
            data, head = self._bucket.read(key, **({"IfNoneMatch": version} if known else {}))
        except NoSuchKey:
            return None
        except NotModified as same:
            return self._unchanged(key, str(version), same.head.get("last-modified"))
        return Blob(data, _tag(head), _field(head, "LastModified").timestamp())

    def _unchanged(self, key: str, version: str, written: str | None) -> Blob | Unchanged | None:
        if written:
            return Unchanged(version, parsedate_to_datetime(written).timestamp())
        try:  # many services leave the time out of this answer
            head = self._bucket.call("head_object", Key=self._bucket.root + key)
        except NoSuchKey:
            return None
        modified = float(_field(head, "LastModified").timestamp())
        return Unchanged(version, modified) if _tag(head) == version else self._read(key, None)

    def _put(self, key: str, body: bytes, **condition: object) -> str:
        place, checksum = self._bucket.root + key, self._checksum(body)
        return _tag(self._bucket.call("put_object", Key=place, Body=body, **checksum, **condition))

    def _checksum(self, body: bytes) -> dict[str, str]:
        # SeaweedFS takes a connection that ends before the body for an empty object, unless it has a sum to check
        if self._findings.crc32:
            return {"ChecksumCRC32": crc32_of(body)}
        return {"ContentMD5": b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()}

    def _put_alone(self, key: str, body: bytes, expected: str | None) -> str:
        with self._alone:
            if self._version(key) != expected:
                raise Conflict("It was changed by somebody else.")
            return self._put(key, body)

    def _version(self, key: str) -> str | None:
        try:
            return _tag(self._bucket.call("head_object", Key=self._bucket.root + key))
        except NoSuchKey:
            return None

    def _copy(self, source: str, target: str, version: str | None) -> str:
        origin, place = self._bucket.root + source, self._bucket.root + target
        if version is not None:
            _check_version(version)
        if version is None or self._findings.copies:
            condition = {} if version is None else {"CopySourceIfMatch": version}
            where = {"Bucket": self._bucket.name, "Key": origin}
            answer = self._bucket.call("copy_object", Key=place, CopySource=where, **condition)
            return _tag(_field(answer, "CopyObjectResult"))
        # through this machine: the service would copy whatever is there by then
        data, head = self._bucket.read(source)
        if _tag(head) != version:
            raise Conflict("It was changed by somebody else.")
        return self._put(target, data)

    def _delete(self, key: str, version: str | None) -> bool:
        place, found = self._bucket.root + key, self._version(key)
        if found is None or version not in (None, found):
            return False
        condition = {"IfMatch": version} if version is not None and self._findings.deletes else {}
        try:
            self._bucket.call("delete_object", Key=place, **condition)
        except (Conflict, NoSuchKey):
            return False
        return True

    def _entries(self, prefix: str, after: str, start: str, limit: int) -> Iterator[Entry]:
        root = self._bucket.root
        for item in self._items(root + prefix, root + start if start else "", min(limit + 1, MOST)):
            key = _field(item, "Key")[len(root) :]
            if is_listed(key, prefix, after) and not key.startswith(FOLDER) and all(map(is_sound, key.split("/"))):
                yield Entry(key, _field(item, "Size"), _field(item, "LastModified").timestamp(), _tag(item))

    def _folder_by_folder(self, prefix: str, after: str) -> Iterator[Entry]:
        start = _safe_start(after)
        if not prefix.startswith(VERSIONS):
            yield from self._entries(prefix, after, start, MOST)
        if may_hold(VERSIONS, prefix, after):
            # SeaweedFS hides folders named like this, where it keeps versions of its own, unless it begins inside
            inside = prefix if prefix.startswith(VERSIONS) else VERSIONS
            for entry in self._entries(inside, after, max(start, VERSIONS), MOST):
                if entry.key.startswith(prefix):
                    yield entry

    def _items(self, prefix: str, start: str, at_once: int) -> Iterator[dict[str, Any]]:
        where: dict[str, object] = {"StartAfter": start} if start else {}
        while True:
            answer = self._bucket.call("list_objects_v2", Prefix=prefix, MaxKeys=at_once, **where)
            yield from answer.get("Contents", ())
            if not answer.get("IsTruncated"):
                return
            where = {"ContinuationToken": _field(answer, "NextContinuationToken")}


def open_store(space: Space) -> S3Store:
    """The store at ``s3://bucket/prefix``. Nothing is sent before its first use.

    Raises:
        ConfigError: the URL or an option cannot be used.
    """
    return S3Store(Bucket(space))


def _check_version(version: str) -> None:
    # what is no ETag must not reach a condition, where * or a list would match
    if not _TAG.fullmatch(version):
        raise Conflict("That is no version of anything here.")


def _field(answer: Mapping[str, Any], name: str) -> Any:
    # an answer that was cut off within its head looks whole to the engine; it must not pass for "no such key"
    if name not in answer:
        raise StoreUnavailable("The bucket's answer was cut off.", hint="What was stored before is whole. Look again.")
    return answer[name]


def _tag(answer: Mapping[str, Any]) -> str:
    # with quotes everywhere: some services leave them out in some answers
    tag = str(_field(answer, "ETag"))
    return tag if tag.endswith('"') else f'"{tag}"'


def _safe_start(after: str) -> str:
    """Where a service that lists folder by folder can begin without leaving out a key behind `after`.

    Such a service puts ``a/b`` before ``a-b``, and takes ``a`` for the end of the folder ``a``. So begin before any
    name that might be a folder with keys behind `after`: cut where a character sorts before a slash, and step back.
    """
    cuts = (place for place in range(1, len(after)) if after[place] < "/" and after[place - 1] != "/")
    start = after[: next(cuts, len(after))]
    if not start or start.endswith(("/", LAST)):
        return start
    code = ord(start[-1]) - 1
    if code < ord(" "):
        return start[:-1]  # a control character would make the answer unreadable
    return start[:-1] + chr(0xD7FF if 0xD800 <= code <= 0xDFFF else code) + LAST
