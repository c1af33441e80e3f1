"""Stores that are far away: 20 ms added to every answer by a proxy on the loopback, counted in round trips.

``bench_stores.py`` has the throughput without delay.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verdict import Figure, best, on_servers

if TYPE_CHECKING:
    from datasete.bus import Bus
    from datasete.plugin import Space, Store

DELAY = 0.02
TURNS = 7
SLOTS = 10_000
MOST = 21
FOLDERS = 100
"""Fewer slots on the share: bare, a scan of two levels waits for each folder by itself."""


def bucket(folder: Path) -> Iterator[Figure]:
    """Load and publish on SeaweedFS, beside the engine used bare."""
    from s3_servers import BUCKET, seaweedfs
    from wire import far_wire

    from datasete_fsspec.s3 import open_store

    with seaweedfs(folder) as server:
        wire = far_wire(server.port, DELAY)
        space = server.space(endpoint=f"http://127.0.0.1:{wire.port}")
        store = open_store(space)
        bus = bus_on(space, store)
        picture = pictures()
        client, root = store.bucket._client, store.bucket.root  # noqa: SLF001 - the engine bare
        published = publish(bus, *picture)
        names = (f"{root}slot/image.png", f"{root}slot/mask.png")

        def bare_get(name: str) -> bytes:
            data: bytes = client.get_object(Bucket=BUCKET, Key=name)["Body"].read()
            return data

        with ThreadPoolExecutor(2) as pool:
            bare, loaded = best(lambda: list(pool.map(bare_get, names)), lambda: bus.load("slot"), turns=TURNS)
        round_trip, put = best(
            lambda: client.head_object(Bucket=BUCKET, Key=names[0]),
            lambda: client.put_object(Bucket=BUCKET, Key="bare", Body=picture[0]),
            turns=TURNS,
        )
        transfer = put - round_trip
        print(f"S3: one round trip {round_trip:.1f} ms, bare GET {bare:.1f} ms, load {loaded:.1f} ms")
        print(f"S3: publish {published:.1f} ms, of which transfer {transfer:.1f} ms")
        yield Figure("S3: load / a bare parallel GET of the same", loaded / bare, 1.3, "×")
        yield Figure("S3: publish, round trips beside the transfer", (published - transfer) / round_trip, 4.3, "")
        bus.close()
        wire.close()


def slots(folder: Path) -> Iterator[Figure]:
    """Lists of many slots: their calls are counted on moto, which lists in key order, as AWS does."""
    from s3_servers import moto
    from wire import far_wire

    from datasete_fsspec.s3 import open_store

    with moto(folder) as server:
        space = server.space()
        store = open_store(space)
        fill(store, SLOTS)
        asked: list[str] = []

        def note(model: object, **named: object) -> None:
            del named
            asked.append(str(getattr(model, "name", model)))

        store.bucket._client.meta.events.register("before-call.s3", note)  # noqa: SLF001 - to count
        bus = bus_on(space, store)
        assert len(bus.list()) == SLOTS
        others = [name for name in asked if name != "ListObjectsV2"]
        print(f"calls: {len(asked)}, of which not for the list: {others}")
        yield Figure(f"S3: list of {SLOTS:,} slots", len(asked), MOST, "calls")
        bus.close()
        wire = far_wire(server.port, DELAY)
        options = {**space.options, "endpoint_url": f"http://127.0.0.1:{wire.port}"}
        yield asyncio.run(dropdown(folder, replace(space, options=options)))
        wire.close()


async def dropdown(folder: Path, space: Space) -> Figure:
    """What a page asks the embedded host when the dropdown is opened: first, and again."""
    from host_process import machine

    async with machine(folder / "machine", bus=space) as host:

        async def listed(query: str = "") -> float:
            began = time.perf_counter()
            names = (await host.get(f"/datasete_gate/bus/list{query}"))["ids"]
            assert len(names) == SLOTS
            return (time.perf_counter() - began) * 1e3

        first = await listed()
        again = [await listed("?seen=1") for _ in range(TURNS)]
        behind = await listed()
        print(f"dropdown: opened first {first:.0f} ms, again {min(again):.1f} ms, the look behind that {behind:.0f} ms")
        return Figure("S3: the dropdown's second opening, over HTTP", min(again), 50, "ms")


def share(folder: Path) -> Iterator[Figure]:
    """Load, publish and list on Samba, in round trips."""
    import smbclient
    from smb_server import PASSWORD, USER, samba
    from wire import far_wire

    from datasete_fsspec.smb import open_store

    with samba(folder) as server:
        wire = far_wire(server.port, DELAY)
        space = server.space(port=wire.port)
        store = open_store(space)
        bus = bus_on(space, store)
        published = publish(bus, *pictures())
        named: dict[str, Any] = {"username": USER, "password": PASSWORD, "port": wire.port}
        connection = smbclient.register_session("127.0.0.1", **named).connection
        loaded, round_trip = best(lambda: bus.load("slot"), connection.echo, turns=TURNS)
        print(f"SMB: one round trip {round_trip:.1f} ms, load {loaded:.1f} ms, publish {published:.1f} ms")
        yield Figure("SMB: load, round trips with the transfer", loaded / round_trip, None, "")
        yield Figure("SMB: publish, round trips with the transfer", published / round_trip, None, "")
        near = open_store(server.space(path=space.url.partition("/pictures/")[2] + "/many"))
        fill(near, FOLDERS)
        near.close()
        listing = open_store(replace(space, url=f"{space.url}/many"))
        root = store.share.root + "\\many"  # the same folder, without the store

        def two_levels() -> None:
            for item in list(smbclient.scandir(root, **named)):
                list(smbclient.scandir(f"{root}\\{item.name}", **named))

        listed, plain = best(lambda: listing.list(limit=100_000), two_levels, turns=2)
        print(f"SMB: list of {FOLDERS} slots {listed:.0f} ms, bare {plain:.0f} ms")
        yield Figure(f"SMB: list of {FOLDERS} slots / two levels of scandir", listed / plain, 3, "×")
        yield Figure("SMB: the same, round trips a slot", listed / round_trip / FOLDERS, None, "")
        smbclient.reset_connection_cache()
        bus.close()
        listing.close()
        store.close()
        wire.close()


def bus_on(space: Space, store: Store) -> Bus:
    from datasete.bus import Bus
    from datasete.storage import Storage

    return Bus(Storage(store, space))


def publish(bus: Bus, image: bytes, mask: bytes) -> float:
    """Milliseconds of the best publish that replaces one."""
    times = []
    for _ in range(TURNS + 3):
        began = time.perf_counter()
        bus.publish("slot", [image], [mask])
        times.append((time.perf_counter() - began) * 1e3)
        bus.flush()
    return min(times[3:])


def fill(store: Store, count: int) -> None:
    """Slots as a listing sees them."""
    assert store.capabilities.conditional_write  # found out once, before anything is counted

    def put(number: int) -> None:
        for file in ("image.png", "mask.png"):
            store.write(f"slot {number}/{file}", b"x")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(count)))


def pictures() -> tuple[bytes, bytes]:
    """About 1 MB of a picture that does not compress, and a mask."""
    import torch

    from datasete.imaging.png import encode_image, encode_mask

    return encode_image(torch.rand(512, 640, 3)), encode_mask(torch.zeros(512, 640))


if __name__ == "__main__":
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    sys.exit(on_servers(bucket, slots, share))
