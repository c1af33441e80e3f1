"""Credentials that end while the program runs: renewed ones are used without a restart."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from datasete.plugin import ABSENT, Space, StoreDenied, StoreUnavailable
from datasete.storage import Storage

pytest.importorskip("botocore")


class Service(BaseHTTPRequestHandler):
    """A bucket in memory that accepts one access key, and refuses all others as it is told to."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def answer(self, status, body=b"", **head):
        self.send_response(status)
        for name, value in head.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refused(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.requests += 1
        place, status = self.server.fault
        if self.server.requests == place:
            self.answer(status, b"<Error><Code>InternalError</Code></Error>")
            return True
        if self.server.anyone_reads and self.command in ("GET", "HEAD"):
            return False
        if f"Credential={self.server.accepted}/" in self.headers.get("Authorization", ""):
            return False
        self.server.refusals += 1
        status, code = self.server.refusal
        self.answer(status, f"<Error><Code>{code}</Code></Error>".encode())
        return True

    def do_PUT(self):
        if self.refused():
            return
        objects, wanted = self.server.objects, self.headers.get("If-Match")
        source = self.headers.get("x-amz-copy-source-if-match")
        exists = self.headers.get("If-None-Match") and self.path in objects
        if exists or source or (wanted and f'"{hash(objects.get(self.path))}"' != wanted):
            self.answer(412)
            return
        objects[self.path] = self.body
        self.answer(200, ETag=f'"{hash(self.body)}"')

    def do_GET(self):
        if self.refused():
            return
        if "list-type" in self.path:
            self.answer(200, b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
        elif self.path in self.server.objects:
            data = self.server.objects[self.path]
            written = "Sat, 03 Jan 2026 00:00:00 GMT"
            self.answer(200, data, ETag=f'"{hash(data)}"', Last_Modified=written)
        else:
            self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def do_DELETE(self):
        if not self.refused():
            if "If-Match" in self.headers:
                self.answer(412)
            else:
                self.server.objects.pop(self.path, None)
                self.answer(204)


@pytest.fixture
def service():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.objects, server.accepted, server.refusal = {}, "first", (400, "ExpiredToken")
    server.refusals = server.requests = 0
    server.fault, server.anyone_reads = (0, 0), False
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def credentials(tmp_path, monkeypatch):
    """Writes the file in which the credentials are."""
    file = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)

    def write(key):
        lines = ["[default]", f"aws_access_key_id = {key}", "aws_secret_access_key = s", "aws_session_token = t"]
        file.write_text("\n".join(lines))

    write("first")
    return write


@pytest.fixture
def storage(service, credentials):
    from datasete_fsspec.s3 import open_store

    options = {"endpoint_url": f"http://127.0.0.1:{service.server_port}", "addressing_style": "path", "timeout": 5}
    space = Space("bus", "s3://bucket/x", options)
    made = Storage(open_store(space), space, sleep=lambda seconds: None)
    yield made
    made.close()


CODES = [
    (400, "ExpiredToken"), (400, "TokenRefreshRequired"), (400, "InvalidToken"), (403, "InvalidAccessKeyId"),
    (403, "SignatureDoesNotMatch"), (403, "AccessDenied"), (400, "RequestExpired"), (401, "Unauthorized"),
]  # fmt: skip


@pytest.mark.parametrize("refusal", CODES, ids=str)
def test_renewed_credentials_are_used_at_once(service, storage, credentials, refusal):
    version = storage.write("a", b"one", ABSENT)
    service.accepted, service.refusal = "second", refusal
    credentials("second")
    assert storage.get("a").data == b"one"
    assert service.refusals == 1
    assert storage.write("b", b"two", ABSENT) != version
    assert service.refusals == 1


@pytest.mark.parametrize("call", ["write", "delete", "copy", "list", "read"])
def test_so_they_are_by_every_call(service, storage, credentials, call):
    storage.write("a", b"one")
    service.accepted = "second"
    credentials("second")

    def copy():
        with pytest.raises(StoreUnavailable, match="cut off"):  # this service answers, and copies nothing
            storage.with_deadline().copy("a", "b")

    calls = {
        "write": lambda: storage.write("a", b"two"),
        "delete": lambda: storage.delete("a"),
        "copy": copy,
        "list": storage.page,
        "read": lambda: storage.get("a"),
    }
    calls[call]()
    assert service.refusals >= 1


def test_without_other_credentials_the_refusal_is_a_sentence_and_not_repeated(service, storage):
    storage.write("a", b"one")
    service.accepted = "nobody"
    with pytest.raises(StoreDenied, match="says that the session token has expired"):
        storage.get("a")
    assert service.refusals == 1


def test_a_token_that_ends_during_the_probe_says_nothing_about_the_service(service, storage, credentials):
    service.accepted = "second"
    with pytest.raises(StoreDenied):
        _ = storage.capabilities
    credentials("second")
    assert storage.capabilities.conditional_write


def test_a_right_to_write_that_is_given_later_is_no_reason_to_write_without_conditions(service, storage, credentials):
    service.accepted, service.refusal, service.anyone_reads = "second", (403, "AccessDenied"), True
    assert not storage.capabilities.conditional_write
    credentials("second")
    storage.write("a", b"one", ABSENT)
    assert storage.capabilities.conditional_write


def test_many_threads_renew_once(service, storage, credentials):
    storage.write("a", b"one")
    service.accepted = "second"
    credentials("second")
    threads = [threading.Thread(target=storage.get, args=["a"]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    before = service.refusals
    storage.get("a")
    assert service.refusals == before


@pytest.mark.parametrize("fault", [500, 502, 503])
@pytest.mark.parametrize("place", range(1, 7))
def test_a_fault_in_the_first_second_is_repeated_in_the_probe_too(service, storage, fault, place):
    service.fault = (place, fault)
    storage.write("a", b"one", ABSENT)
    assert storage.get("a").data == b"one"
    assert storage.capabilities.conditional_write
    assert service.requests > place
