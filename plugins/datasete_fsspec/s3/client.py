"""The connection to a bucket: options, credentials, and its errors in our words.

The engine is botocore. It is the only one measured that can make a copy conditional on the source's version and a
delete on the key's, which a publication needs; docs/storage.md has the figures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import botocore.loaders
import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own, unrelated to the builtin one
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSLError,
)
from botocore.parsers import ResponseParserError

from datasete.plugin import (
    ConfigError,
    Conflict,
    DataseteError,
    InvalidInput,
    Space,
    StoreDenied,
    StoreError,
    StoreFull,
    StoreUnavailable,
)
from datasete_fsspec.keys import check_key
from datasete_fsspec.options import options_of

OPTIONS: Final = {
    "endpoint_url": "the address of a service that is not AWS",
    "region": "the bucket's region",
    "access_key_id": "better in AWS_ACCESS_KEY_ID",
    "secret_access_key": "better in AWS_SECRET_ACCESS_KEY",
    "session_token": "better in AWS_SESSION_TOKEN",
    "profile": "a section of ~/.aws/config",
    "addressing_style": "path, virtual or auto",
    "verify": "the file of a certificate authority of your own",
    "timeout": "seconds to wait for an answer, 10 if not given",
    "single_writer": "true where a service ignores conditions and this program alone writes",
}

PARALLEL_REQUESTS: Final = 16
UNHARMED: Final = "What was stored before is unharmed."

_DENIED: Final = {
    "InvalidAccessKeyId": "does not know this access key",
    "SignatureDoesNotMatch": "says that the secret key does not belong to the access key",
    "ExpiredToken": "says that the session token has expired",
    "InvalidToken": "says that the session token is not valid",
    "AccessDenied": "does not allow this to these credentials",
    "AllAccessDisabled": "has closed this bucket",
    "AccountProblem": "reports a problem with the account",
    "RequestTimeTooSkewed": "says that the clock of this machine is wrong",
    "401": "does not accept these credentials",
    "403": "does not allow this to these credentials",
}
_FULL: Final = frozenset({"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "507"})
_REGION: Final = frozenset(
    {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301", "307"}
)
_CONDITION: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412"})
_TRANSIENT: Final = frozenset({"SlowDown", "RequestTimeout", "OperationAborted"})
_MISSING: Final = frozenset({"NoSuchKey", "NotFound", "404"})
NOT_IMPLEMENTED: Final = 501
"""The answer to an unknown header. Trying again does not help."""
_BARE: Final = frozenset({401, 403, 412, 429})
"""Statuses that mean enough without a code."""


class NoSuchKey(Exception):
    """There is nothing under this key, in the service's own words."""


class NotModified(Exception):
    """An object is still at the named version. `head` has the answer's headers by lower-case names."""

    def __init__(self, head: Mapping[str, str]) -> None:
        super().__init__("not modified")
        self.head = head


class Bucket:
    """A bucket and the prefix of a space in it; every call goes through `call`."""

    def __init__(self, space: Space) -> None:
        options = options_of(space, OPTIONS, "S3")
        self.where = f"The bucket of the space “{space.name}”"
        self.name, self.root = _place(space)
        self.single_writer = bool(options.get("single_writer"))
        with self.translated():
            self._client = _client(options)

    def call(self, operation: str, **arguments: object) -> dict[str, Any]:
        """Do one S3 operation on this bucket, once.

        Raises:
            NoSuchKey: the service says that there is nothing.
            NotModified: it is still as the caller knows it.
            Conflict: a condition did not hold.
            StoreError: or another of the family, with a sentence that says what is wrong.
        """
        method: Callable[..., dict[str, Any]] = getattr(self._client, operation)
        with self.translated():
            return method(Bucket=self.name, **arguments)

    def read(self, key: str, **arguments: object) -> tuple[bytes, dict[str, Any]]:
        """All bytes of an object, and the answer's head; raises as `call`."""
        with self.translated():
            answer = self._client.get_object(Bucket=self.name, Key=self.root + key, **arguments)
            with closing(
                answer["Body"]
            ) as body:  # entering the body itself gives the raw stream, which does not check its length
                return body.read(), answer

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn what botocore raises into our errors, without any of its text: it may quote credentials."""
        try:
            yield
        except (DataseteError, NoSuchKey, NotModified):
            raise
        except ClientError as error:
            raise _not_modified(error.response) or self._error_of(error) from None
        except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
            raise StoreDenied(
                f"{self.where} needs credentials, and there are none ({type(error).__name__}).",
                hint="Nothing was sent. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile.",
            ) from None
        except SSLError:
            raise ConfigError(
                f"{self.where} shows a certificate that this machine does not trust.",
                hint="Nothing was sent. Set the option verify to your certificate authority's file.",
            ) from None
        except (ConnectionError, HTTPClientError, IncompleteReadError, ResponseParserError, OSError) as error:
            raise StoreUnavailable(
                f"{self.where} gave no complete answer ({type(error).__name__}).",
                hint=f"{UNHARMED} Check the network and the endpoint.",
            ) from None
        except (BotoCoreError, ValueError, LookupError) as error:
            raise StoreError(f"{self.where} cannot be used ({type(error).__name__}).", hint=UNHARMED) from None

    def _error_of(self, error: ClientError) -> Exception:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if (status >= 500 and status != NOT_IMPLEMENTED and code not in _FULL) or status == 429 or code in _TRANSIENT:
            return StoreUnavailable(f"{self.where} cannot answer now ({code or status}).", hint=UNHARMED)
        if code in _CONDITION or status == 412:
            return Conflict("It was changed by another writer.", hint="Nothing was written.")
        if _is_another_service(error.operation_name, code, status):
            return self.no_service()
        if code in _MISSING:
            return NoSuchKey(code)
        if code in _REGION:
            region = _region(error.response)
            return ConfigError(
                f"{self.where} is in another region{region and f': {region}'}.",
                hint="Nothing was done. Set the option region to the bucket's.",
            )
        return self._refusal(code or str(status))

    def no_service(self) -> ConfigError:
        """The error for an address that answers, but not as S3 does."""
        return ConfigError(
            f"{self.where} is configured with an address that is not an S3 service.",
            hint="Nothing was done. Check the option endpoint_url: its host, its port, and http or https.",
        )

    def _refusal(self, code: str) -> StoreError | ConfigError:
        if code == "NoSuchBucket":
            return ConfigError(f"{self.where} does not exist: “{self.name}”.", hint="Nothing was done. Check the URL.")
        if code in _DENIED:
            return StoreDenied(f"{self.where} {_DENIED[code]}.", hint=f"{UNHARMED} Check the credentials.")
        if code in _FULL:
            return StoreFull(f"{self.where} is full.", hint=f"{UNHARMED} Free some room, then try again.")
        return StoreError(f"{self.where} refused a request ({code}).", hint=UNHARMED)


def _is_another_service(operation: str, code: str, status: int) -> bool:
    """Whether an answer is a web server's: S3 puts a code of its own into every refusal that can have a body."""
    own = code not in ("", str(status))
    return not own and not operation.startswith("Head") and status not in _BARE and status < 500


def _not_modified(answer: Mapping[str, Any]) -> NotModified | None:
    about = answer.get("ResponseMetadata", {})
    return NotModified(about.get("HTTPHeaders", {})) if about.get("HTTPStatusCode") == 304 else None


def _region(answer: Mapping[str, Any]) -> str:
    """The region that an answer names, if it has the form of one."""
    header = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("x-amz-bucket-region")
    named = str(header or answer.get("Error", {}).get("Region") or "")
    return named if re.fullmatch(r"[a-z0-9-]{1,32}", named) else ""


def _place(space: Space) -> tuple[str, str]:
    parts = urlsplit(space.url)
    if {"@", ":"} & {*parts.netloc} or parts.query:
        raise ConfigError(
            f"The space “{space.name}” has credentials or settings in its URL.",
            hint="Nothing was opened. Write s3://bucket/prefix; credentials belong in AWS_ACCESS_KEY_ID and so on.",
        )
    prefix = space.url.partition("://")[2].partition("/")[2].strip("/")
    if not parts.netloc:
        raise ConfigError(
            f"The space “{space.name}” names no bucket.", hint="Nothing was opened. Write s3://bucket/prefix."
        )
    try:
        return parts.netloc, f"{check_key(prefix)}/" if prefix else ""
    except InvalidInput as error:
        raise ConfigError(f"The space “{space.name}” has an unusable prefix.", hint=str(error)) from None


@cache
def _descriptions() -> Any:
    # cached for all spaces: a megabyte of JSON for S3 alone
    return botocore.loaders.create_loader()


def _client(options: Mapping[str, Any]) -> Any:
    timeout = options.get("timeout", 10.0)
    session = botocore.session.Session(profile=options.get("profile"))
    session.register_component("data_loader", _descriptions())
    client = session.create_client(
        "s3",
        region_name=options.get("region") or session.get_config_variable("region") or "us-east-1",
        endpoint_url=options.get("endpoint_url"),
        verify=options.get("verify"),
        aws_access_key_id=options.get("access_key_id"),
        aws_secret_access_key=options.get("secret_access_key"),
        aws_session_token=options.get("session_token"),
        config=Config(
            # a conditional write that is repeated after a lost answer conflicts with itself: the caller decides
            retries={"max_attempts": 0},
            connect_timeout=min(timeout, 5.0),
            read_timeout=timeout,
            max_pool_connections=PARALLEL_REQUESTS,
            s3={"addressing_style": options.get("addressing_style") or "auto"},
            # AWS's newer checksums come as trailers, which many other services do not understand
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    client.meta.events.register_last("before-call.s3", _send_at_once)
    return client


def _send_at_once(params: dict[str, Any], **named: object) -> None:
    # “Expect: 100-continue” costs a round trip for each upload, and saves bytes only at a conflict, which is rare
    del named
    params["headers"].pop("Expect", None)
