import contextlib
import logging
import socket
import threading
import time

import pytest
from opened_stores import opening
from s3_servers import BUCKET, KEY, SECRET
from servers import free_port

from datasete.plugin import ABSENT, ConfigError, Conflict, Space, StoreDenied, StoreUnavailable
from datasete_fsspec.s3 import S3Store, open_store
from datasete_fsspec.s3.client import Bucket


@pytest.fixture
def opened():
    with opening(open_store) as open_space:
        yield open_space


def test_a_service_that_honours_conditions_is_found_out(seaweedfs, opened):
    capabilities = opened(seaweedfs.space()).capabilities
    assert all(vars(capabilities).values())


def test_a_service_that_ignores_the_condition_of_a_copy_gets_no_server_copy(moto, opened):
    capabilities = opened(moto.space()).capabilities
    assert (capabilities.conditional_write, capabilities.conditional_delete) == (True, True)
    assert capabilities.server_copy is False


def test_a_service_that_ignores_conditions_is_found_out(unconditional_gateway, opened):
    capabilities = opened(unconditional_gateway.space()).capabilities
    assert {name for name, held in vars(capabilities).items() if held} == {"atomic_replace"}


@pytest.mark.parametrize(
    ("service", "checks"), [("seaweedfs", True), ("moto", False), ("unconditional_gateway", False)]
)
def test_whether_a_service_checks_the_quick_sum_is_found_out(request, opened, service, checks):
    server = request.getfixturevalue(service)
    assert opened(server.space()).findings.crc32 is checks


def test_for_one_writer_conditions_hold_even_there(unconditional_gateway, opened):
    store = opened(unconditional_gateway.space(single_writer=True))
    stale = store.write("key", b"first", ABSENT)
    store.write("key", b"second", stale)
    with pytest.raises(Conflict):
        store.write("key", b"third", stale)
    assert store.read(["key"])["key"].data == b"second"


WRITES = {
    "a plain write": lambda store: store.write("key", b"new"),
    "a conditional write": lambda store: store.write("key", b"new", ABSENT),
    "a copy": lambda store: store.copy("kept", "key"),
    "a delete": lambda store: store.delete(["kept"]),
}


@pytest.mark.parametrize("call", WRITES.values(), ids=WRITES)
def test_where_two_writers_would_lose_work_nothing_is_written_but_read(unconditional_gateway, opened, call):
    space = unconditional_gateway.space()
    alone = opened(Space(space.name, space.url, {**space.options, "single_writer": True}))
    alone.write("kept", b"old")
    store = opened(space)
    with pytest.raises(StoreDenied, match="honours no conditions: two writers") as refused:
        call(store)
    assert "Nothing was changed" in refused.value.hint
    assert "single_writer" in refused.value.hint
    assert [entry.key for entry in store.list().entries] == ["kept"]
    assert store.read(["kept"])["kept"].data == b"old"


def test_a_sound_service_stays_conditional_for_a_single_writer_too(moto, opened):
    assert opened(moto.space(single_writer=True)).capabilities.conditional_write


def test_the_probe_leaves_nothing_behind(seaweedfs, opened):
    space = seaweedfs.space()
    assert opened(space).capabilities.conditional_write
    prefix = space.url.partition(f"{BUCKET}/")[2]
    assert "Contents" not in seaweedfs.client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)


def test_foreign_objects_are_left_out_and_left_alone(moto, opened):
    space = moto.space()
    prefix = space.url.partition(f"{BUCKET}/")[2]
    foreign = [f"{prefix}/a//b", f"{prefix}/folder/", f"{prefix}/de\u0301composed"]
    for key in foreign:
        moto.client.put_object(Bucket=BUCKET, Key=key, Body=b"foreign")
    store = opened(space)
    store.write("mine", b"x")
    assert [entry.key for entry in store.list().entries] == ["mine"]
    found = moto.client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
    assert {item["Key"] for item in found} == {*foreign, f"{prefix}/mine"}


def test_objects_that_others_named_in_another_form_are_read_as_they_are_found(moto, opened):
    space = moto.space()
    prefix = space.url.partition(f"{BUCKET}/")[2]
    names = ["de\u0301composed.png", "写真\u30001.png", "plain.png"]
    for name in names:
        moto.client.put_object(Bucket=BUCKET, Key=f"{prefix}/{name}", Body=name.encode())
    view = opened(space).as_found()
    assert {entry.key for entry in view.list().entries} == set(names)
    assert {key: blob.data for key, blob in view.read(names).items()} == {name: name.encode() for name in names}


def test_a_neighbour_with_a_longer_prefix_is_another_space(moto, opened):
    opened(moto.space("near")).write("key", b"x")
    assert opened(moto.space("nea")).list().entries == ()


def test_an_object_that_is_cut_short_by_a_newer_one_is_never_mixed(seaweedfs, opened):
    store = opened(seaweedfs.space())
    for size in (0, 1, 8 << 20, (8 << 20) + 1, 17 << 20):
        version = store.write("key", b"x" * size)
        blob = store.read(["key"])["key"]
        assert (len(blob.data), blob.version) == (size, version)


@pytest.mark.parametrize("call", ["read", "write", "list", "capabilities"])
@pytest.mark.parametrize(
    ("options", "kind", "sentence"),
    [
        ({"access_key_id": "nobody"}, StoreDenied, "does not know this access key"),
        ({"secret_access_key": "wrong"}, StoreDenied, "the secret key does not belong to the access key"),
    ],
    ids=["wrong key", "wrong secret"],
)
def test_wrong_credentials_are_one_sentence(seaweedfs, opened, options, kind, sentence, call):
    store = opened(seaweedfs.space(**options))
    with pytest.raises(kind, match=sentence):
        {
            "read": lambda: store.read(["key"]),
            "write": lambda: store.write("key", b"x"),
            "list": store.list,
            "capabilities": lambda: store.capabilities,
        }[call]()


def test_a_missing_bucket_is_one_sentence_and_not_an_empty_store(moto, opened):
    space = moto.space()
    store = opened(Space("bus", "s3://no-such-bucket/x", space.options))
    for call in (lambda: store.read(["key"]), store.list, lambda: store.write("key", b"x")):
        with pytest.raises(ConfigError, match="does not exist: “no-such-bucket”"):
            call()


def test_a_server_that_is_not_there_is_unavailable(opened):
    space = Space("bus", f"s3://{BUCKET}/x", {
        "endpoint_url": f"http://127.0.0.1:{free_port()}", "access_key_id": KEY, "secret_access_key": SECRET,
    })  # fmt: skip
    with pytest.raises(StoreUnavailable, match="gave no complete answer"):
        opened(space).read(["key"])


def test_no_credentials_are_one_sentence(opened, moto, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    options = {"endpoint_url": moto.endpoint}
    with pytest.raises(StoreDenied, match="needs credentials"):
        opened(Space("bus", f"s3://{BUCKET}/x", options)).read(["key"])


def test_secrets_are_in_no_error_and_no_log(seaweedfs, opened, caplog):
    caplog.set_level(logging.INFO)
    store = opened(seaweedfs.space(secret_access_key="hunter2-wrong"))
    with pytest.raises(StoreDenied) as caught:
        store.read(["key"])
    shown = f"{caught.value!r} {caught.value} {caught.value.hint} {store!r} {caplog.text}"
    assert "hunter2" not in shown
    assert isinstance(store, S3Store)


@pytest.mark.parametrize("sent", [0, 1, 100_000])
def test_an_upload_that_ends_early_changes_nothing(seaweedfs, opened, sent):
    # SeaweedFS took a connection that ends right behind the head for an empty object; the sum in the head prevents it
    space = seaweedfs.space()
    store = opened(space)
    store.write("key", b"old")
    with relay(seaweedfs.port, sent) as port:
        behind = Space("bus", space.url, {**space.options, "endpoint_url": f"http://127.0.0.1:{port}"})
        cut_off = S3Store(Bucket(behind), store.findings)  # the relay takes one connection, and it is for the upload
        with contextlib.closing(cut_off), pytest.raises(StoreUnavailable):
            cut_off.write("key", b"new" * 100_000)
    assert store.read(["key"])["key"].data == b"old"


@contextlib.contextmanager
def relay(target, sent):
    """Forward the head of one request and `sent` bytes of its body, then end the connection in both directions."""

    def forward():
        client, _ = listener.accept()
        with client, socket.create_connection(("127.0.0.1", target)) as server:
            told = b""
            while b"\r\n\r\n" not in told or len(told.partition(b"\r\n\r\n")[2]) < sent:
                told += client.recv(65536)
            head, _, body = told.partition(b"\r\n\r\n")
            server.sendall(head + b"\r\n\r\n" + body[:sent])
            time.sleep(0.2)  # the service takes the head before it sees the end

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=forward)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()
    time.sleep(0.3)  # and the end before we look
