"""Stores that are far away: S3 with 20 ms added to every answer by a proxy on the loopback, counted in round trips.

``bench_stores.py`` has the throughput without delay, and the share.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from verdict import Figure, conclude

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "stores" / "kit"))

DELAY = 0.02
TURNS = 7
SLOTS = 10_000
MOST = 21


def best(call: Callable[[], object], turns: int = TURNS) -> float:
    """Milliseconds of the best call."""
    times = []
    for _ in range(turns):
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1e3)
    return min(times)


def far_away(folder: Path) -> Iterator[Figure]:
    from s3_servers import BUCKET, seaweedfs
    from wire import far_wire

    from datasete.bus import Bus
    from datasete.plugin import Space
    from datasete.storage import Storage
    from datasete_fsspec.s3 import open_store

    with seaweedfs(folder) as server:
        wire = far_wire(server.port, DELAY)
        near = server.space()
        endpoint = f"http://127.0.0.1:{wire.port}"
        space = Space("bus", near.url, {**near.options, "endpoint_url": endpoint})
        store = open_store(space)
        bus = Bus(Storage(store, space))
        image, mask = picture()
        for _ in range(3):
            bus.publish("slot", [image], [mask])
            bus.flush()
        client, root = store._bucket._client, store._bucket.root  # noqa: SLF001 - the engine bare
        names = (f"{root}slot/image.png", f"{root}slot/mask.png")

        def bare_get(name: str) -> bytes:
            data: bytes = client.get_object(Bucket=BUCKET, Key=name)["Body"].read()
            return data

        with ThreadPoolExecutor(2) as pool:
            bare = best(lambda: list(pool.map(bare_get, names)))
        loaded = best(lambda: bus.load("slot"))
        round_trip = best(lambda: client.head_object(Bucket=BUCKET, Key=names[0]))
        transfer = best(lambda: client.put_object(Bucket=BUCKET, Key="bare", Body=image)) - round_trip
        published = []
        for _ in range(TURNS):
            began = time.perf_counter()
            bus.publish("slot", [image], [mask])
            published.append((time.perf_counter() - began) * 1e3)
            bus.flush()
        waited = (min(published) - transfer) / round_trip
        print(f"one round trip {round_trip:.1f} ms, bare GET {bare:.1f} ms, load {loaded:.1f} ms")
        print(f"publish {min(published):.1f} ms, of which transfer {transfer:.1f} ms")
        yield Figure("load / a bare parallel GET of the same", loaded / bare, 1.3, "×")
        yield Figure("publish, round trips of waiting beside the transfer", waited, 4.3, "")
        bus.close()
        wire.close()


def many_slots(folder: Path) -> Iterator[Figure]:
    """A list of many slots: its calls are counted on moto, which lists in key order, as AWS does."""
    from s3_servers import moto

    from datasete.bus import Bus
    from datasete.plugin import Space
    from datasete.storage import Storage
    from datasete_fsspec.s3 import open_store

    with moto(folder) as server:
        space = server.space()
        store = open_store(space)

        def put(number: int) -> None:
            for file in ("image.png", "mask.png"):
                store.write(f"slot {number}/{file}", b"x")

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(put, range(SLOTS)))
        assert store.capabilities.conditional_write  # found out once, before anything is counted
        asked: list[str] = []

        def note(model: object, **named: object) -> None:
            del named
            asked.append(str(getattr(model, "name", model)))

        store._bucket._client.meta.events.register("before-call.s3", note)  # noqa: SLF001 - to count
        bus = Bus(Storage(store, Space("bus", space.url)))
        assert len(bus.list()) == SLOTS
        others = [name for name in asked if name != "ListObjectsV2"]
        print(f"calls: {len(asked)}, of which not for the list: {others}")
        yield Figure(f"list of {SLOTS:,} slots", len(asked), MOST, "calls")
        bus.close()


def picture() -> tuple[bytes, bytes]:
    """About 1 MB of a picture that does not compress, and a mask."""
    import torch

    from datasete.imaging.png import encode_image, encode_mask

    return encode_image(torch.rand(512, 640, 3)), encode_mask(torch.zeros(512, 640))


def main() -> int:
    figures: list[Figure] = []
    for part in [part for part in (far_away, many_slots) if not sys.argv[1:] or part.__name__ in sys.argv[1:]]:
        with tempfile.TemporaryDirectory() as folder:
            try:
                figures.extend(part(Path(folder)))
            except (ImportError, pytest.skip.Exception) as missing:
                print(f"{part.__name__} is left out: {missing}")
    return conclude(*figures)


if __name__ == "__main__":
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    sys.exit(main())
