"""Finds out with real conflicts what a service does: some accept conditions and ignore them."""

from __future__ import annotations

import uuid
import zlib
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from datasete.plugin import ConfigError, Conflict, DataseteError, StoreDenied, StoreUnavailable
from datasete_fsspec.s3.client import Bucket, CredentialsRefused, NoSuchKey

PROBE_FOLDER: Final = ".datasete-probe/"
"""Holds the probe's two objects for a moment; never a key, never listed."""

UNDECIDED: Final = (ConfigError, CredentialsRefused, StoreUnavailable)
"""Answers that say nothing of what the service can do: the probe is made again."""

NO_SUCH_ETAG: Final = '"00000000000000000000000000000000"'


@dataclass(frozen=True)
class Findings:
    """What a service was seen to do. Everything is False where nothing could be tried.

    Attributes:
        writes: it refuses a conditional write that must not happen.
        copies: it refuses a copy whose source has changed.
        deletes: it refuses a delete of another version.
        ordered: it lists in the order of whole keys, not folder by folder.
        crc32: it checks uploads against a CRC-32, ten times as fast as the MD5 that every service knows.
        ignores_conditions: it accepted a conditional write that must not happen.
        denied: it let nothing be tried, to the credentials of then.
    """

    writes: bool = False
    copies: bool = False
    deletes: bool = False
    ordered: bool = False
    crc32: bool = False
    ignores_conditions: bool = False
    denied: bool = False


def probe(bucket: Bucket) -> Findings:
    """Try everything on two objects that are removed again. Without permission to write, nothing can be found out.

    Raises:
        ConfigError: no such bucket exists, or the address is not an S3 service; nothing was written.
        StoreUnavailable: there was no answer; nothing was found out.
        StoreDenied: not even reading is allowed.
    """
    name = f"{bucket.root}{PROBE_FOLDER}{uuid.uuid4().hex}"
    first, second = f"{name}-b", f"{name}/x"
    _look(bucket, name)
    try:
        bucket.call("put_object", Key=first, Body=b"1")
        bucket.call("put_object", Key=second, Body=b"2")
    except CredentialsRefused:
        raise
    except StoreDenied:
        return Findings(denied=True)  # a space that may only be read
    try:
        return _find_out(bucket, name, first, second)
    finally:
        for key in (first, second):
            with suppress(DataseteError, NoSuchKey):
                bucket.call("delete_object", Key=key)


def _look(bucket: Bucket, name: str) -> None:
    # before anything is written: SeaweedFS makes a bucket that is missing, and a web server may take a PUT
    answer = bucket.call("list_objects_v2", Prefix=name, MaxKeys=1)
    if "IsTruncated" in answer:
        return
    if answer["ResponseMetadata"]["HTTPHeaders"].keys() & {"content-length", "transfer-encoding"}:
        raise bucket.no_service()  # a complete answer that is not a listing
    raise StoreUnavailable("The bucket's answer was cut off.", hint="What was stored before is unharmed. Try again.")


def _find_out(bucket: Bucket, name: str, first: str, second: str) -> Findings:
    source = {"Bucket": bucket.name, "Key": first}
    created_twice = partial(bucket.call, "put_object", Key=first, Body=b"3", IfNoneMatch="*")
    replaced_wrongly = partial(bucket.call, "put_object", Key=first, Body=b"3", IfMatch=NO_SUCH_ETAG)
    copied_wrongly = partial(bucket.call, "copy_object", Key=second, CopySource=source, CopySourceIfMatch=NO_SUCH_ETAG)
    deleted_wrongly = partial(bucket.call, "delete_object", Key=first, IfMatch=NO_SUCH_ETAG)
    listed = bucket.call("list_objects_v2", Prefix=name, MaxKeys=2).get("Contents", [])
    ordered = [item["Key"] for item in listed] == [first, second]
    writes = _refused(created_twice) and _refused(replaced_wrongly)
    deletes = _refused(deleted_wrongly) and _exists(bucket, first)
    crc32 = _checks_crc32(bucket, second)
    return Findings(writes, _refused(copied_wrongly), deletes, ordered, crc32, ignores_conditions=not writes)


def crc32_of(body: bytes) -> str:
    """The checksum in the form of its header."""
    return b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


def _checks_crc32(bucket: Bucket, key: str) -> bool:
    upload = partial(bucket.call, "put_object", Key=key, Body=b"2")
    try:
        upload(ChecksumCRC32=crc32_of(b"2"))
    except UNDECIDED:
        raise
    except DataseteError:
        return False  # it refuses the header
    try:
        upload(ChecksumCRC32=crc32_of(b"3"))
    except UNDECIDED:
        raise
    except DataseteError:
        return True
    return False  # it ignores the header, and took a wrong sum


def _refused(call: Callable[[], object]) -> bool:
    try:
        call()
    except Conflict:
        return True
    except UNDECIDED:
        raise
    except (DataseteError, NoSuchKey):
        return False  # it does not know the condition: no protection either
    return False


def _exists(bucket: Bucket, key: str) -> bool:
    try:
        bucket.call("head_object", Key=key)
    except NoSuchKey:
        return False
    return True
