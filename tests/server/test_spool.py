"""A buffer whose reader may pause."""

import asyncio
import threading

import pytest

from datasete.server import spool as module
from datasete.server.spool import Spool


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(module, "BLOCK_BYTES", 1000)
    monkeypatch.setattr(module, "MEMORY_BYTES", 4000)


def blocks(count):
    return [bytes([number % 256]) * 1000 for number in range(count)]


def made(tmp_path, patience=20):
    return Spool(tmp_path, asyncio.get_running_loop(), patience)


async def read_all(spool):
    found = b""
    while await asyncio.wait_for(spool.arrival(), 20):
        found += spool.take()
    return found


def write_all(spool, data, size=700):
    for start in range(0, len(data), size):
        spool.write(data[start : start + size])
    spool.finish()


@pytest.mark.parametrize("count", [0, 1, 4, 5, 50])
async def test_a_reader_that_pauses_first_gets_all_of_it(tmp_path, count):
    spool, data = made(tmp_path), b"".join(blocks(count))
    await asyncio.wait_for(asyncio.to_thread(write_all, spool, data), 20)  # ends although nobody reads
    assert await read_all(spool) == data
    spool.stop()


async def test_a_reader_that_comes_and_goes_gets_all_of_it(tmp_path):
    spool, data = made(tmp_path), b"".join(blocks(300))
    writing = asyncio.ensure_future(asyncio.to_thread(write_all, spool, data))
    found = b""
    while await asyncio.wait_for(spool.arrival(), 20):
        found += spool.take()
        await asyncio.sleep(0.001 if len(found) % 7000 < 1000 else 0)
    await writing
    assert found == data
    spool.stop()


async def test_what_was_written_before_a_failure_is_read_and_then_it_ends(tmp_path):
    spool = made(tmp_path)
    spool.write(b"x" * 2500)
    spool.stop_waiting()
    assert await read_all(spool) == b"x" * 2500
    spool.stop()


async def test_the_writer_ends_when_the_reader_is_gone(tmp_path):
    spool, failed = made(tmp_path), []

    def write():
        try:
            while True:
                spool.write(b"x" * 1000)
        except ConnectionAbortedError:
            failed.append(True)

    writing = asyncio.ensure_future(asyncio.to_thread(write))
    assert await spool.arrival()
    spool.stop()
    await asyncio.wait_for(writing, 20)
    assert failed
    assert not await spool.arrival()


async def test_a_disk_without_room_makes_the_writer_wait_for_the_reader(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FREE_BYTES", 1 << 62)
    spool, data, begun = made(tmp_path), b"".join(blocks(60)), threading.Event()

    def write():
        begun.set()
        write_all(spool, data)

    writing = asyncio.ensure_future(asyncio.to_thread(write))
    await asyncio.to_thread(begun.wait, 20)
    assert await read_all(spool) == data
    await writing
    spool.stop()


async def test_a_disk_without_room_and_a_reader_that_never_reads_end_it(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "FREE_BYTES", 1 << 62)
    spool = made(tmp_path, patience=0.05)
    with pytest.raises(TimeoutError):
        await asyncio.to_thread(write_all, spool, b"".join(blocks(60)))
    spool.stop()
