"""Answers that a service cut off within their head: they are no answers, and never “there is no such key”."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from datasete.plugin import Space, StoreDenied, StoreUnavailable

pytest.importorskip("botocore")

LISTING = "<ListBucketResult><IsTruncated>{}</IsTruncated>{}</ListBucketResult>"
WRITTEN = "<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;1&quot;</ETag>"
ENTRY = f"<Contents><Key>x/key</Key>{WRITTEN}{{}}</Contents>"
CONDITIONS = ("if-match", "if-none-match", "x-amz-copy-source-if-match")


class Service(BaseHTTPRequestHandler):
    """Just enough of S3 to be asked: every wrong condition is refused, and each answer is as the test wants it."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, body=b"", **head):
        self.send_response(status)
        for name, value in head.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.server.without_conditions and any(name in self.headers for name in CONDITIONS):
            self.answer(501, b"<Error><Code>NotImplemented</Code><Message>No such header.</Message></Error>")
            return
        zeros = '"' + "0" * 32 + '"'
        if any(self.headers.get(name) in ("*", zeros) for name in CONDITIONS):
            self.answer(412)
        elif "x-amz-copy-source" in self.headers:
            self.answer(200, self.server.copied.encode())
        else:
            self.answer(200, **self.server.head)

    def do_HEAD(self):
        self.send_response(200)
        for name, value in self.server.head.items():
            self.send_header(name, value)
        self.end_headers()

    def do_GET(self):
        if "list-type" in self.path:
            self.answer(200, self.server.listing.encode())
        else:
            self.answer(200, b"data", **self.server.head)

    def do_DELETE(self):
        self.answer(412 if "if-match" in self.headers else 204)


@pytest.fixture
def service():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.head, server.listing, server.copied = {"ETag": '"1"'}, LISTING.format("false", ""), "<CopyObjectResult/>"
    server.without_conditions = False
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def opened(service):
    from datasete_fsspec.s3 import open_store

    options = {
        "endpoint_url": f"http://127.0.0.1:{service.server_port}", "access_key_id": "a", "secret_access_key": "b",
        "addressing_style": "path", "timeout": 5,
    }  # fmt: skip
    store = open_store(Space("bus", "s3://bucket/x", options))
    yield store
    store.close()


@pytest.fixture
def store(opened):
    assert opened.capabilities.conditional_write
    return opened


def test_a_service_that_says_it_knows_no_conditions_is_not_taken_for_one_that_cannot_answer_now(service, opened):
    service.without_conditions = True
    assert not opened.capabilities.conditional_write
    with pytest.raises(StoreDenied, match="honours no conditions"):
        opened.write("key", b"data")


@pytest.mark.parametrize(
    "listing",
    [("true", ""), ("false", ENTRY.format("")), ("false", ENTRY.format("<Size>1</Size>").replace("Key", "Kex"))],
    ids=["no token to go on with", "no size", "no key"],
)
def test_a_listing_that_lacks_a_field_is_no_listing(service, store, listing):
    service.listing = LISTING.format(*listing)
    with pytest.raises(StoreUnavailable, match="cut off"):
        store.list()


def test_a_whole_listing_of_that_service_is_read(service, store):
    service.listing = LISTING.format("false", ENTRY.format("<Size>1</Size>"))
    assert [entry.key for entry in store.list().entries] == ["key"]


@pytest.mark.parametrize("head", [{}, {"ETag": '"1"'}, {"Last-Modified": "Sat, 03 Jan 2026 00:00:00 GMT"}], ids=str)
def test_an_object_without_its_head_is_not_missing(service, store, head):
    service.head = head
    with pytest.raises(StoreUnavailable, match="cut off"):
        store.read(["key"])


def test_a_write_without_its_version_is_in_doubt(service, store):
    service.head = {}
    with pytest.raises(StoreUnavailable, match="cut off"):
        store.write("key", b"data", '"1"')


@pytest.mark.parametrize("version", [None, '"1"'])
def test_a_copy_without_its_version_is_no_missing_source(store, version):
    with pytest.raises(StoreUnavailable, match="cut off"):
        store.copy("source", "target", version)


def test_a_delete_that_cannot_tell_the_version_is_no_missing_key(service, store):
    service.head = {}
    with pytest.raises(StoreUnavailable, match="cut off"):
        store.delete(["key"])
