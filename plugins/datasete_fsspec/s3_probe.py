"""What a service really does, found out with real conflicts: some take conditions and ignore them."""

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
from datasete_fsspec.s3_client import Bucket, NoSuchKey

FOLDER: Final = ".datasete-probe/"
"""Where the probe's two objects are for a moment; never a key, never listed."""

WRONG: Final = '"00000000000000000000000000000000"'


@dataclass(frozen=True)
class Findings:
    """What holds: conditions on writes, on a copy's source, on deletes; listings in the order of whole keys; whether
    an upload is checked against a CRC-32, which is counted ten times as fast as the MD5 that every service knows.

    `careless` says that conditions on writes were seen not to hold; with neither, nothing could be tried.
    """

    writes: bool = False
    copies: bool = False
    deletes: bool = False
    ordered: bool = False
    crc32: bool = False
    careless: bool = False


def probe(bucket: Bucket) -> Findings:
    """Try it all on two objects that are removed again. Without permission to write, nothing is taken to hold.

    Raises:
        ConfigError: there is no such bucket, or no S3 service; nothing was written.
        StoreUnavailable: no answer; nothing was found out.
        StoreDenied: not even reading is allowed.
    """
    name = f"{bucket.root}{FOLDER}{uuid.uuid4().hex}"
    first, second = f"{name}-b", f"{name}/x"
    _look(bucket, name)
    try:
        bucket.call("put_object", Key=first, Body=b"1")
        bucket.call("put_object", Key=second, Body=b"2")
    except StoreDenied:
        return Findings()  # we may read at least
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
        raise bucket.no_service()  # the answer is whole, and no listing
    raise StoreUnavailable("The bucket's answer was cut off.", hint="What was stored before is whole. Look again.")


def _find_out(bucket: Bucket, name: str, first: str, second: str) -> Findings:
    source = {"Bucket": bucket.name, "Key": first}
    created_twice = partial(bucket.call, "put_object", Key=first, Body=b"3", IfNoneMatch="*")
    replaced_wrongly = partial(bucket.call, "put_object", Key=first, Body=b"3", IfMatch=WRONG)
    copied_wrongly = partial(bucket.call, "copy_object", Key=second, CopySource=source, CopySourceIfMatch=WRONG)
    deleted_wrongly = partial(bucket.call, "delete_object", Key=first, IfMatch=WRONG)
    listed = bucket.call("list_objects_v2", Prefix=name, MaxKeys=2).get("Contents", [])
    ordered = [item["Key"] for item in listed] == [first, second]
    writes = _refused(created_twice) and _refused(replaced_wrongly)
    deletes = _refused(deleted_wrongly) and _exists(bucket, first)
    crc32 = _checks_crc32(bucket, second)
    return Findings(writes, _refused(copied_wrongly), deletes, ordered, crc32, careless=not writes)


def crc32_of(body: bytes) -> str:
    """The checksum as its header has it."""
    return b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


def _checks_crc32(bucket: Bucket, key: str) -> bool:
    upload = partial(bucket.call, "put_object", Key=key, Body=b"2")
    try:
        upload(ChecksumCRC32=crc32_of(b"2"))
    except DataseteError:
        return False  # a header that it refuses
    try:
        upload(ChecksumCRC32=crc32_of(b"3"))
    except DataseteError as error:
        return not isinstance(error, StoreUnavailable)
    return False  # a header that it ignores


def _refused(call: Callable[[], object]) -> bool:
    try:
        call()
    except Conflict:
        return True
    except (ConfigError, StoreUnavailable):
        raise
    except (DataseteError, NoSuchKey):
        return False  # not understood
    return False


def _exists(bucket: Bucket, key: str) -> bool:
    try:
        bucket.call("head_object", Key=key)
    except NoSuchKey:
        return False
    return True
