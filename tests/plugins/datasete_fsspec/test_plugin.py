import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from datasete.plugin import ConfigError, Space
from datasete_fsspec import datasete_open_store

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("url", ["simplecache::s3://bucket/x", "memory://a::b", "file:///tmp::zip://x", "/tmp/a::b"])
def test_chained_urls_are_refused(url):
    with pytest.raises(ConfigError, match="chained"):
        datasete_open_store(Space("bus", url))


def test_a_scheme_nobody_speaks_is_declined():
    assert datasete_open_store(Space("bus", "nosuchscheme://place")) is None


def test_two_spaces_with_one_memory_url_share_their_content():
    first = datasete_open_store(Space("bus", "memory://test-plugin/shared"))
    second = datasete_open_store(Space("pools", "memory://test-plugin/shared/"))
    first.write("key", b"data")
    assert second.read(["key"])["key"].data == b"data"


def test_two_memory_urls_share_nothing():
    first = datasete_open_store(Space("bus", "memory://test-plugin/one"))
    second = datasete_open_store(Space("bus", "memory://test-plugin/two"))
    first.write("key", b"data")
    assert second.list().entries == ()


@pytest.mark.parametrize("url", ["memory://x", "/tmp/x"])
def test_options_that_mean_nothing_are_refused(url):
    with pytest.raises(ConfigError, match="no options"):
        datasete_open_store(Space("bus", url, {"secret": "tell nobody"}))


def test_a_file_url_and_a_path_are_one_place(tmp_path):
    folder = tmp_path / "with space"
    datasete_open_store(Space("bus", str(folder))).write("key", b"data")
    store = datasete_open_store(Space("bus", folder.as_uri()))
    assert store.read(["key"])["key"].data == b"data"


def test_a_file_url_of_another_machine_is_refused():
    with pytest.raises(ConfigError, match="another machine"):
        datasete_open_store(Space("bus", "file://nas/share"))


@pytest.mark.parametrize("url", ["", "file://"])
def test_a_url_without_a_folder_is_refused(url):
    with pytest.raises(ConfigError, match="names no folder"):
        datasete_open_store(Space("bus", url))


def test_engines_are_imported_on_first_use_only():
    code = (
        "import sys, datasete_fsspec\n"
        "from datasete.plugin import Space\n"
        "datasete_fsspec.datasete_open_store(Space('bus', 'memory://x'))\n"
        "print([name for name in ('fsspec', 'obstore', 's3fs', 'smbprotocol', 'filelock') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("url", ["reference://x", "simplecache://x", "dir://x"])
def test_protocols_that_wrap_others_are_refused(url):
    with pytest.raises(ConfigError, match="other places"):
        datasete_open_store(Space("bus", url))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("s3://key:secret@bucket/x", "credentials"),
        ("s3://bucket/x?endpoint=evil", "credentials or settings"),
        ("s3:///x", "no bucket"),
        ("s3://bucket/a/../b", "prefix"),
        ("smb://user:secret@server/share", "user in its URL"),
        ("smb://server", "no share"),
        ("smb://server/share/../x", "folder"),
    ],
)
def test_urls_that_cannot_be_used_are_refused_and_not_repeated(url, reason):
    pytest.importorskip("botocore")
    pytest.importorskip("smbclient")
    with pytest.raises(ConfigError, match=reason) as caught:
        datasete_open_store(Space("bus", url))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "options", "sentence"),
    [
        ("s3://bucket", {"timeout": "hunter2"}, "option timeout of the space “bus” is not a number"),
        ("s3://bucket", {"single_writer": "hunter2"}, "option single_writer of the space “bus” is neither true nor"),
        ("smb://server/share", {"port": "hunter2"}, "option port of the space “bus” is not a number"),
        ("smb://server/share", {"encrypt": "hunter2"}, "option encrypt of the space “bus” is neither true nor false"),
        ("ftp://server/share", {"port": "hunter2"}, "are not as ftp:// wants them"),
        ("ftp://server:21/share", {"port": "hunter2"}, "are not as ftp:// wants them"),
    ],
)
def test_options_of_another_kind_are_named_without_their_values(url, options, sentence):
    pytest.importorskip("botocore")
    pytest.importorskip("smbclient")
    with pytest.raises(ConfigError, match=sentence) as caught:
        datasete_open_store(Space("bus", url, options))
    assert "hunter2" not in "".join(traceback.format_exception(caught.value)), "a log would show it"


@pytest.mark.parametrize("url", ["s3://bucket", "smb://server/share"])
def test_unknown_options_are_named_without_their_values(url):
    pytest.importorskip("botocore")
    pytest.importorskip("smbclient")
    with pytest.raises(ConfigError, match="paswort") as caught:
        datasete_open_store(Space("bus", url, {"paswort": "hunter2"}))
    assert "hunter2" not in str(caught.value)
