"""The connection to a bucket: its calls, and its errors in our words; `login` has the options and the credentials.

The engine is botocore. It is the only one measured that can make a copy conditional on the source's version and a
delete on the key's, which a publication needs; docs/storage.md has the figures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own, unrelated to the builtin one
    ConnectTimeoutError,
    EndpointConnectionError,
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
from datasete_fsspec.s3.login import OPTIONS, PARALLEL_REQUESTS, Login

__all__ = ["OPTIONS", "PARALLEL_REQUESTS", "Bucket", "CredentialsRefused", "NoSuchKey", "NotModified"]

T = TypeVar("T")

UNHARMED: Final = "What was stored before is unharmed."

_DENIED: Final = {
    "InvalidAccessKeyId": "does not know this access key",
    "SignatureDoesNotMatch": "says that the secret key does not belong to the access key",
    "ExpiredToken": "says that the session token has expired",
    "InvalidToken": "says that the session token is not valid",
    "TokenRefreshRequired": "says that the session token has expired",
    "RequestExpired": "says that the session token has expired",
    "InvalidTokenId": "says that the session token is not valid",
    "AccessDenied": "does not allow this to these credentials",
    "AllAccessDisabled": "has closed this bucket",
    "AccountProblem": "reports a problem with the account",
    "RequestTimeTooSkewed": "says that the clock of this machine is wrong",
    "400": "does not accept these credentials",
    "401": "does not accept these credentials",
    "403": "does not allow this to these credentials",
}
_STALE: Final = frozenset(
    {"ExpiredToken", "TokenRefreshRequired", "RequestExpired", "InvalidToken", "InvalidTokenId", "InvalidAccessKeyId"}
    | {"SignatureDoesNotMatch", "400", "401"}
)
"""Refusals of the credentials themselves, whatever they may do; 400 without a code answers a HEAD with an old token."""

_FULL: Final = frozenset({"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "507"})
_REGION: Final = frozenset(
    {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301", "307"}
)
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CONDITION: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412"})
_TRANSIENT: Final = frozenset({"SlowDown", "RequestTimeout", "OperationAborted"})
_MISSING: Final = frozenset({"NoSuchKey", "NotFound", "404"})
NOT_IMPLEMENTED: Final = 501
"""The answer to an unknown header. Trying again does not help."""
_BARE: Final = frozenset({401, 403, 412, 429})
"""Statuses that mean enough without a code."""


class NoSuchKey(Exception):
    """There is nothing under this key, in the service's own words."""


class CredentialsRefused(StoreDenied):
    """The service does not accept the credentials, for whatever they are used. Renewed ones may be there by now."""


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
            self._login = Login(options)
        self._login.on_redirect(self._check_redirect)

    def call(self, operation: str, **arguments: object) -> dict[str, Any]:
        """Do one S3 operation on this bucket, once.

        Raises:
            NoSuchKey: the service says that there is nothing.
            NotModified: it is still as the caller knows it.
            Conflict: a condition did not hold.
            StoreError: or another of the family, with a sentence that says what is wrong.
        """
        return self._with_credentials(lambda client: getattr(client, operation)(Bucket=self.name, **arguments))

    def read(self, key: str, **arguments: object) -> tuple[bytes, dict[str, Any]]:
        """All bytes of an object, and the answer's head; raises as `call`."""

        def get(client: Any) -> tuple[bytes, dict[str, Any]]:
            answer = client.get_object(Bucket=self.name, Key=self.root + key, **arguments)
            # entering the body itself gives the raw stream, which does not check its length
            with closing(answer["Body"]) as body:
                return body.read(), answer

        return self._with_credentials(get)

    def close(self) -> None:
        """Close the connections."""
        self._login.client.close()

    def _with_credentials(self, do: Callable[[Any], T]) -> T:
        """Make a call. A refused one did nothing: if there are other credentials by now, it is repeated with those."""
        client = self._login.client
        try:
            with self.translated():
                return do(client)
        except StoreDenied:
            with self.translated():
                if not self._login.renew(client):
                    raise
        with self.translated():
            return do(self._login.client)

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
            raise CredentialsRefused(
                f"{self.where} needs credentials, and there are none ({type(error).__name__}).",
                hint="Nothing was sent. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile.",
            ) from None
        except SSLError:
            raise ConfigError(
                f"{self.where} shows a certificate that this machine does not trust.",
                hint="Nothing was sent. Set the option verify to your certificate authority's file.",
            ) from None
        except (EndpointConnectionError, ConnectTimeoutError):
            raise StoreUnavailable(
                f"{self.where} gave no complete answer: nothing answers at {self._login.address}.",
                hint=f"{UNHARMED} Check the network and the endpoint: its host and its port.",
            ) from None
        except (ConnectionError, HTTPClientError, IncompleteReadError, ResponseParserError, OSError) as error:
            raise StoreUnavailable(
                f"{self.where} gave no complete answer at {self._login.address} ({type(error).__name__}).",
                hint=f"{UNHARMED} Check the network and the endpoint: its host, its port, and http or https.",
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
        return self._elsewhere(error.response, code, status) or self._refusal(
            code if code and (status != 401 or code in _DENIED) else str(status)
        )

    def _elsewhere(self, answer: Mapping[str, Any], code: str, status: int) -> ConfigError | None:
        region = _region(answer)
        if status in _REDIRECTS and not region:
            return self._redirected(answer)
        if code not in _REGION:
            return None
        return ConfigError(
            f"{self.where} is in another region{region and f': {region}'}.",
            hint="Nothing was done. Set the option region to the bucket's.",
        )

    def no_service(self) -> ConfigError:
        """The error for an address that answers, but not as S3 does."""
        return ConfigError(
            f"{self.where} is configured with an address that is not an S3 service: {self._login.address}.",
            hint="Nothing was done. Check the option endpoint_url: its host, its port, and http or https.",
        )

    def _redirected(self, answer: Mapping[str, Any]) -> ConfigError:
        place = _redirect_of(answer)
        return ConfigError(
            f"{self.where} is configured with an address that only redirects: "
            f"{self._login.address}{place and f', to {place}'}.",
            hint="Nothing was done. Set the option endpoint_url to the service's own address, with its http or https.",
        )

    def _check_redirect(self, answer: Mapping[str, Any]) -> None:
        # the engine asks a redirecting bucket for its region, and, if that is redirected too, asks again without end
        if answer.get("ResponseMetadata", {}).get("HTTPStatusCode") in _REDIRECTS and not _region(answer):
            raise self._redirected(answer)

    def _refusal(self, code: str) -> StoreError | ConfigError:
        if code == "NoSuchBucket":
            return ConfigError(f"{self.where} does not exist: “{self.name}”.", hint="Nothing was done. Check the URL.")
        if code in _DENIED:
            kind = CredentialsRefused if code in _STALE else StoreDenied
            return kind(f"{self.where} {_DENIED[code]}.", hint=f"{UNHARMED} Check the credentials.")
        if code in _FULL:
            return StoreFull(f"{self.where} is full.", hint=f"{UNHARMED} Free some room, then try again.")
        return StoreError(f"{self.where} refused a request ({code}).", hint=UNHARMED)


def _is_another_service(operation: str, code: str, status: int) -> bool:
    """Whether an answer is a web server's: S3 puts a code of its own into every refusal that can have a body."""
    own = code not in ("", str(status)) or status in _REDIRECTS
    return not own and not operation.startswith("Head") and status not in _BARE and status < 500


def _not_modified(answer: Mapping[str, Any]) -> NotModified | None:
    about = answer.get("ResponseMetadata", {})
    return NotModified(about.get("HTTPHeaders", {})) if about.get("HTTPStatusCode") == 304 else None


def _redirect_of(answer: Mapping[str, Any]) -> str:
    """Where a redirect leads: scheme, host and port alone, as its path may hold anything; "" if it does not say."""
    try:
        target = urlsplit(str(answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("location", "")))
        port = f":{target.port}" if target.port else ""
    except ValueError:
        return ""
    return f"{target.scheme}://{target.hostname}{port}" if target.hostname else ""


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
