"""Stores on S3 and compatible services: conditional where the service is, which a probe finds out."""

from __future__ import annotations

import hashlib
import re
import threading
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import Any, Final

from datasete.plugin import (
    ABSENT,
    ANY,
    Blob,
    Capabilities,
    Conflict,
    Entry,
    Listing,
    Space,
    StoreDenied,
    StoreUnavailable,
    Unchanged,
    When,
)
from datasete_fsspec import keys as names
from datasete_fsspec.conflicts import changed, nothing_to_copy
from datasete_fsspec.s3.client import PARALLEL_REQUESTS, Bucket, NoSuchKey, NotModified
from datasete_fsspec.s3.order import safe_start
from datasete_fsspec.s3.probe import PROBE_FOLDER, Findings, crc32_of, probe

_ETAG: Final = re.compile(r'(W/)?"[^"*,\\]+"')
HIDDEN_FOLDER: Final = ".versions/"
"""Our folder, which SeaweedFS hides in listings, because it keeps versions of its own under such names."""

KEYS_PER_REQUEST: Final = 1000
"""The most that a service lists in one answer."""

SINGLE_WRITER_HINT: Final = (
    "Nothing was changed, and reading works. Use a service that honours conditions, or, if this program alone ever "
    "writes here, set the option single_writer to true."
)


class S3Store:
    """A store in a bucket. A version is an object's ETag.

    Where the service ignores conditions, nothing is written, unless the configuration promises a single writer: then
    conditions are checked by looking before writing.

    Args:
        bucket: the connection.
        findings: what the service does, if that is known already; otherwise a probe finds it out on first use.
    """

    def __init__(self, bucket: Bucket, findings: Findings | None = None) -> None:
        self.bucket = bucket
        self._found = [findings] if findings else []  # a list, which views of the store have in common
        self.sound: names.Sound = names.is_sound
        self._pool = ThreadPoolExecutor(PARALLEL_REQUESTS, thread_name_prefix="datasete-s3")
        self._probing, self._one_writer = threading.Lock(), threading.RLock()

    def as_found(self) -> S3Store:
        """See `datasete.plugin.SupportsAsFound`."""
        return names.as_found(self)

    @property
    def capabilities(self) -> Capabilities:
        """What the service does, as the probe found out."""
        found = self.findings
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
        """See `datasete.plugin.SupportsRefresh`."""
        wanted = {names.check_key(key, self.sound): version for key, version in known.items()}
        read: Callable[..., Iterable[Blob | Unchanged | None]] = map if len(wanted) < 2 else self._pool.map
        found = read(self._read, wanted, wanted.values())
        return {key: answer for key, answer in zip(wanted, found, strict=True) if answer is not None}

    def write(self, key: str, data: bytes, when: When = ANY) -> str:
        """See `datasete.plugin.Store.write`.

        Each request is sent once: a conditional write whose answer was lost may have happened, and a second one would
        then conflict with itself. Only the caller can recognize its own bytes.
        """
        body = data if type(data) is bytes else bytes(memoryview(data))
        names.check_key(key)
        honours = self._writable().writes
        if when is ANY:
            return self._put(key, body)
        try:
            if when is not ABSENT:
                _check_version(str(when))
            if honours:
                return self._put(key, body, **({"IfNoneMatch": "*"} if when is ABSENT else {"IfMatch": when}))
            return self._put_as_single_writer(key, body, None if when is ABSENT else str(when))
        except (Conflict, NoSuchKey):
            raise changed(key, "written") from None

    def list(self, prefix: str = "", after: str = "", limit: int = 1000) -> Listing:
        """See `datasete.plugin.Store.list`."""
        names.check_limit(limit)
        names.check_prefix(prefix, self.sound)
        if self.findings.ordered:
            return names.page(self._entries(prefix, after, after, limit), limit)
        everything = {entry.key: entry for entry in self._folder_by_folder(prefix, after)}
        return names.page((everything[key] for key in sorted(everything)), limit)

    def copy(self, source: str, target: str, version: str | None = None) -> str:
        """See `datasete.plugin.Store.copy`."""
        names.check_key(source), names.check_key(target)
        self._writable()
        try:
            return self._copy(source, target, version)
        except (Conflict, NoSuchKey):
            if version is None:
                raise nothing_to_copy(source) from None
            raise changed(source, "copied") from None

    def delete(self, keys: Iterable[str], versions: Mapping[str, str] | None = None) -> int:
        """See `datasete.plugin.Store.delete`."""
        wanted = [names.check_key(key) for key in dict.fromkeys(keys)]
        conditions = versions or {}
        self._writable()
        return sum(self._pool.map(lambda key: self._delete(key, conditions.get(key)), wanted))

    def close(self) -> None:
        """Close the connections."""
        self._pool.shutdown()
        self.bucket.close()

    @property
    def findings(self) -> Findings:
        """What the service does; the first to ask sends the probe, and others wait for its result."""
        with self._probing:
            if not self._found:
                self._found.append(probe(self.bucket))
            return self._found[0]

    def _writable(self) -> Findings:
        """What the probe found; to be asked before any change.

        Raises:
            StoreDenied: two writers would overwrite each other's work here, and no single writer was promised.
        """
        found = self.findings
        if found.denied:  # the right to write, and other credentials, may have been given since
            with self._probing:
                found = probe(self.bucket)
                self._found[:] = [found]
        if found.ignores_conditions and not self.bucket.single_writer:
            raise StoreDenied(
                f"{self.bucket.where} is at a service that honours no conditions: "
                "two writers would overwrite each other's work.",
                hint=SINGLE_WRITER_HINT,
            )
        return found

    def _read(self, key: str, version: str | None) -> Blob | Unchanged | None:
        known = version is not None and _ETAG.fullmatch(version)
        try:
            data, head = self.bucket.read(key, **({"IfNoneMatch": version} if known else {}))
        except NoSuchKey:
            return None
        except NotModified as same:
            return self._unchanged(key, str(version), same.head.get("last-modified"))
        return Blob(data, _etag(head), _field(head, "LastModified").timestamp())

    def _unchanged(self, key: str, version: str, written: str | None) -> Blob | Unchanged | None:
        if written:
            return Unchanged(version, parsedate_to_datetime(written).timestamp())
        try:  # many services leave the time out of this answer, so it takes a second request
            head = self.bucket.call("head_object", Key=self.bucket.root + key)
        except NoSuchKey:
            return None
        modified = float(_field(head, "LastModified").timestamp())
        return Unchanged(version, modified) if _etag(head) == version else self._read(key, None)

    def _put(self, key: str, body: bytes, **condition: object) -> str:
        place, checksum = self.bucket.root + key, self._checksum(body)
        return _etag(self.bucket.call("put_object", Key=place, Body=body, **checksum, **condition))

    def _checksum(self, body: bytes) -> dict[str, str]:
        # SeaweedFS takes a connection that ends before the body for an empty object, unless it has a sum to check
        if self.findings.crc32:
            return {"ChecksumCRC32": crc32_of(body)}
        return {"ContentMD5": b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()}

    def _put_as_single_writer(self, key: str, body: bytes, expected: str | None) -> str:
        # the lock covers the threads of this program; the configuration promises that no other program writes
        with self._one_writer:
            if self._version(key) != expected:
                raise Conflict("It was changed by another writer.")
            return self._put(key, body)

    def _version(self, key: str) -> str | None:
        try:
            return _etag(self.bucket.call("head_object", Key=self.bucket.root + key))
        except NoSuchKey:
            return None

    def _copy(self, source: str, target: str, version: str | None) -> str:
        origin, place = self.bucket.root + source, self.bucket.root + target
        if version is not None:
            _check_version(version)
        if version is None or self.findings.copies:
            condition = {} if version is None else {"CopySourceIfMatch": version}
            where = {"Bucket": self.bucket.name, "Key": origin}
            answer = self.bucket.call("copy_object", Key=place, CopySource=where, **condition)
            return _etag(_field(answer, "CopyObjectResult"))
        # through this machine, because the service would copy whatever is there by then
        data, head = self.bucket.read(source)
        if _etag(head) != version:
            raise Conflict("It was changed by another writer.")
        return self._put(target, data)

    def _delete(self, key: str, version: str | None) -> bool:
        place, found = self.bucket.root + key, self._version(key)
        if found is None or version not in (None, found):
            return False
        # without such a condition another write can come between the look above and the delete: `capabilities` says so
        condition = {"IfMatch": version} if version is not None and self.findings.deletes else {}
        try:
            self.bucket.call("delete_object", Key=place, **condition)
        except (Conflict, NoSuchKey):
            return False
        return True

    def _entries(self, prefix: str, after: str, start: str, limit: int) -> Iterator[Entry]:
        root = self.bucket.root
        for item in self._items(root + prefix, root + start if start else "", min(limit + 1, KEYS_PER_REQUEST)):
            key = _field(item, "Key")[len(root) :]
            if (
                names.is_listed(key, prefix, after)
                and not key.startswith(PROBE_FOLDER)
                and all(map(self.sound, key.split("/")))
            ):
                yield Entry(key, _field(item, "Size"), _field(item, "LastModified").timestamp(), _etag(item))

    def _folder_by_folder(self, prefix: str, after: str) -> Iterator[Entry]:
        start = safe_start(after)
        if not prefix.startswith(HIDDEN_FOLDER):
            yield from self._entries(prefix, after, start, KEYS_PER_REQUEST)
        if names.may_hold(HIDDEN_FOLDER, prefix, after):
            # SeaweedFS shows such a folder only to a listing that begins inside it
            inside = prefix if prefix.startswith(HIDDEN_FOLDER) else HIDDEN_FOLDER
            for entry in self._entries(inside, after, max(start, HIDDEN_FOLDER), KEYS_PER_REQUEST):
                if entry.key.startswith(prefix):
                    yield entry

    def _items(self, prefix: str, start: str, at_once: int) -> Iterator[dict[str, Any]]:
        where: dict[str, object] = {"StartAfter": start} if start else {}
        while True:
            answer = self.bucket.call("list_objects_v2", Prefix=prefix, MaxKeys=at_once, **where)
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
    # only an ETag may become a condition: * or a list would match what it should not
    if not _ETAG.fullmatch(version):
        raise Conflict("That is not a version of anything here.")


def _field(answer: Mapping[str, Any], name: str) -> Any:
    # an answer that was cut off within its head looks complete to the engine; it must not pass for "no such key"
    if name not in answer:
        raise StoreUnavailable(
            "The bucket's answer was cut off.", hint="What was stored before is unharmed. Try again."
        )
    return answer[name]


def _etag(answer: Mapping[str, Any]) -> str:
    # with quotes everywhere: some services leave them out in some answers
    tag = str(_field(answer, "ETag"))
    return tag if tag.endswith('"') else f'"{tag}"'
