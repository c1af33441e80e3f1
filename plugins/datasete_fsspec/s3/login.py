"""How to log in to an S3 service: options, credentials, and a new client when other credentials are there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import botocore.loaders
import botocore.session
from botocore.config import Config

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


class Login:
    """The client of a space. Credentials that a file or a command supplied are asked for again when they are refused.

    Attributes:
        client: botocore's; used by all threads.
        address: host and port of the service, for messages.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self._renewing = threading.Lock()
        self._check: Callable[[Mapping[str, Any]], None] | None = None
        session = _session(options)
        self.client = _client(options, session)
        self._session = session
        there = urlsplit(str(self.client.meta.endpoint_url))
        self.address = f"{there.hostname}:{there.port or (80 if there.scheme == 'http' else 443)}"

    def on_redirect(self, check: Callable[[Mapping[str, Any]], None]) -> None:
        """Have `check` called with the answer when the engine looks for a bucket's region, which only it does."""
        self._check = check
        self._watch()

    def renew(self, refused: Any) -> bool:
        """Whether there is another client than the `refused` one by now, because there are other credentials."""
        with self._renewing:
            if self.client is not refused:
                return True  # another thread was faster
            session = _session(self._options)
            identity = _identity(self._options, session)
            if identity == self._known():
                return False
            self.client, self._session = _client(self._options, session), session
            self._watch()
            return True

    def _known(self) -> tuple[str, ...]:
        # what the client signs with, which it may have renewed itself
        return _identity(self._options, self._session)

    def _watch(self) -> None:
        def look(response: Any, **named: object) -> None:
            del named
            if response is not None and self._check:
                self._check(response[1])

        self.client.meta.events.register_first("needs-retry.s3.HeadBucket", look)


@cache
def _descriptions() -> Any:
    # cached for all spaces: a megabyte of JSON for S3 alone
    return botocore.loaders.create_loader()


def _session(options: Mapping[str, Any]) -> botocore.session.Session:
    session = botocore.session.Session(profile=options.get("profile"))
    session.register_component("data_loader", _descriptions())
    return session


def _identity(options: Mapping[str, Any], session: botocore.session.Session) -> tuple[str, ...]:
    """The credentials as they are now, to be compared with those of later."""
    if options.get("access_key_id"):
        return tuple(str(options.get(name, "")) for name in ("access_key_id", "secret_access_key", "session_token"))
    found = session.get_credentials()
    frozen = found.get_frozen_credentials() if found else ()
    return tuple(str(part) for part in frozen)


def _client(options: Mapping[str, Any], session: botocore.session.Session) -> Any:
    timeout = options.get("timeout", 10.0)
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
