"""The stores against the bare thing: local disk, SeaweedFS and Samba on the loopback, in one run, taking turns.

Servers that are not installed are named and left out. ``bench_stores.py engines`` compares S3 engines.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from verdict import Figure, best, on_servers

PICTURE = os.urandom(15 << 20)
"""A 4K picture's PNG, about."""

TURNS = 7
FOLDERS = 1000


def local(folder: Path) -> Iterator[Figure]:
    from datasete_fsspec.local import LocalStore

    store = LocalStore(folder / "space")
    bare = folder / "bare"

    def plain_write() -> None:
        with bare.open("wb") as file:
            file.write(PICTURE)
            os.fsync(file.fileno())

    def copied() -> None:
        store.copy("slot/image.png", "history/image.png")

    write, plain = best(lambda: store.write("slot/image.png", PICTURE), plain_write, turns=TURNS)
    read, plain_read, copy = best(lambda: store.read(["slot/image.png"]), bare.read_bytes, copied, turns=TURNS)
    print(f"local: write {write:.1f} ms, read {read:.1f} ms, copy {copy:.1f} ms")
    yield Figure("local write / open, write, fsync", write / plain, 1.3, "x")
    yield Figure("local read / open, read", read / plain_read, 1.3, "x")
    yield Figure("local copy / write of the same", copy / write, 2, "x")
    for number in range(10_000):
        (folder / "many" / f"slot {number}").mkdir(parents=True)
        (folder / "many" / f"slot {number}" / "image.png").write_bytes(b"x")
    many = LocalStore(folder / "many")
    listing, page = best(lambda: many.list(limit=100_000), lambda: many.list(after="slot 5", limit=10), turns=3)
    yield Figure("local list of 10,000 slots", listing, 700, "ms")
    print(f"local: a page of 10 among 10,000 slots {page:.1f} ms")


def s3(folder: Path) -> Iterator[Figure]:
    from s3_servers import BUCKET, seaweedfs

    from datasete_fsspec.s3 import open_store

    with seaweedfs(folder) as server:
        store, bare = open_store(server.space()), server.client
        version = [store.write("slot/image.png", PICTURE)]
        bare.put_object(Bucket=BUCKET, Key="bare", Body=PICTURE)

        def replaced() -> None:
            version[0] = store.write("slot/image.png", PICTURE, version[0])

        write, plain = best(replaced, lambda: bare.put_object(Bucket=BUCKET, Key="bare", Body=PICTURE), turns=TURNS)
        read, plain_read = best(
            lambda: store.read(["slot/image.png"]),
            lambda: bare.get_object(Bucket=BUCKET, Key="bare")["Body"].read(),  # noqa: PLW0108 - the request is timed too
            turns=TURNS,
        )
        print(f"s3: conditional write {write:.0f} ms, read {read:.0f} ms")
        yield Figure("S3 write / the engine bare", write / plain, 1.1, "x")
        yield Figure("S3 read / the engine bare", read / plain_read, 1.1, "x")
        store.close()


def smb(folder: Path) -> Iterator[Figure]:
    import smbclient
    from smb_server import PASSWORD, USER, samba

    from datasete_fsspec.smb import open_store

    with samba(folder) as server:
        store = open_store(server.space())
        for number in range(FOLDERS):
            path = server.behind(store) / f"slot {number}" / "image.png"
            path.parent.mkdir(parents=True)
            path.write_bytes(b"x")
        named = {"username": USER, "password": PASSWORD, "port": server.port}
        root = store.share.root  # the same folder, without the store

        def two_levels() -> None:
            for item in list(smbclient.scandir(root, **named)):
                list(smbclient.scandir(f"{root}\\{item.name}", **named))

        listing, plain = best(lambda: store.list(limit=100_000), two_levels, turns=3)
        write, read = best(
            lambda: store.write("slot/image.png", PICTURE), lambda: store.read(["slot/image.png"]), turns=TURNS
        )
        print(f"smb: write {write:.0f} ms, read {read:.0f} ms, list of {FOLDERS} slots {listing:.0f} ms")
        yield Figure(f"SMB list of {FOLDERS} slots / two levels of scandir", listing / plain, 3, "x")
        smbclient.reset_connection_cache()
        store.close()


def engines(folder: Path) -> list[Figure]:
    """What the choice of the S3 engine rests on; a table, and no figure that should be one or another."""
    import importlib

    from s3_servers import BUCKET, KEY, SECRET, seaweedfs

    with seaweedfs(folder) as server:
        client = server.client
        print(f"{'':<10}{'put 15 MB':>12}{'get 15 MB':>12}{'put 2 kB':>12}{'get 2 kB':>12}   milliseconds")
        pairs = {"botocore": (
            lambda key, data: client.put_object(Bucket=BUCKET, Key=key, Body=data),
            lambda key: client.get_object(Bucket=BUCKET, Key=key)["Body"].read(),
        )}  # fmt: skip
        with contextlib.suppress(ImportError):
            obstore, stores = importlib.import_module("obstore"), importlib.import_module("obstore.store")
            bucket = stores.S3Store(
                BUCKET, endpoint=server.endpoint, access_key_id=KEY, secret_access_key=SECRET, region="us-east-1",
                client_options={"allow_http": True},
            )  # fmt: skip
            pairs["obstore"] = (
                lambda key, data: obstore.put(bucket, key, data, use_multipart=False),
                lambda key: bytes(obstore.get(bucket, key).bytes()),
            )
        with contextlib.suppress(ImportError):
            files = importlib.import_module("s3fs").S3FileSystem(
                key=KEY, secret=SECRET, endpoint_url=server.endpoint, use_listings_cache=False, skip_instance_cache=True
            )
            pairs["s3fs"] = (
                lambda key, data: files.pipe_file(f"{BUCKET}/{key}", data, chunksize=1 << 30),
                lambda key: files.cat_file(f"{BUCKET}/{key}"),
            )
        for name, (put, get) in pairs.items():
            big = best(lambda put=put: put("big", PICTURE), lambda get=get: get("big"), turns=TURNS)
            small = best(lambda put=put: put("small", PICTURE[:2000]), lambda get=get: get("small"), turns=50)
            print(f"{name:<10}{big[0]:>12.1f}{big[1]:>12.1f}{small[0]:>12.1f}{small[1]:>12.1f}")
    return []


if __name__ == "__main__":
    parts = (engines,) if sys.argv[1:] == ["engines"] else (local, s3, smb)
    sys.exit(on_servers(*parts))
