"""Zip files written from front to back, as the standard library reads them."""

import io
import zipfile

import pytest

from datasete.plugin import TooLarge
from datasete_zip.stream import Stream

MOMENT = (2024, 2, 29, 23, 59, 58)


class Sink(io.RawIOBase):
    """Takes bytes in their order, and gives none back."""

    def __init__(self):
        self.data, self.flushed = bytearray(), 0

    def write(self, data):
        self.data += data
        return len(data)

    def flush(self):
        self.flushed += 1


class Nowhere(Sink):
    def write(self, data):
        return len(data)


def packed(files, ahead=0):
    sink = Sink()
    stream = Stream(sink, ahead)
    for name, data in files.items():
        stream.begin(name, MOMENT)
        for start in range(0, len(data), 3):
            stream.write(data[start : start + 3])
        stream.end()
    stream.close()
    assert sink.flushed
    return bytes(sink.data)


FILES = {"a.png": b"picture", "empty": b"", "folder/größe é.txt": b"x" * 10_000}


def test_what_is_written_is_read_whole_with_name_date_and_mode():
    with zipfile.ZipFile(io.BytesIO(packed(FILES))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == FILES
        for info in archive.infolist():
            assert info.date_time == MOMENT
            assert info.external_attr >> 16 == 0o100644
            assert info.compress_type == zipfile.ZIP_STORED


def test_nothing_is_an_empty_archive():
    with zipfile.ZipFile(io.BytesIO(packed({}))) as archive:
        assert archive.namelist() == []


def test_more_files_than_sixteen_bits_count():
    files = {f"{number}": b"" for number in range(66_000)}
    with zipfile.ZipFile(io.BytesIO(packed(files))) as archive:
        assert len(archive.namelist()) == 66_000
        assert archive.read("65999") == b""


@pytest.mark.parametrize("ahead", [2**32 - 30, 2**32, 5 * 2**32])
def test_files_behind_four_gigabytes_are_found(tmp_path, ahead):
    path = tmp_path / "far.zip"
    with path.open("wb") as file:
        file.seek(ahead)  # a hole, which takes no room
        file.write(packed(FILES, ahead))
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == FILES


def test_a_file_of_four_gigabytes_is_refused():
    stream, block = Stream(Nowhere()), bytes(2**26)
    stream.begin("a", MOMENT)
    for _ in range(2**6 - 1):
        stream.write(block)
    stream.write(block[2:])
    with pytest.raises(TooLarge):
        stream.write(b"ab")
