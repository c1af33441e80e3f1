"""Slot storage on S3, spoken through botocore."""

from datasete_fsspec.s3.store import S3Store, open_store

__all__ = ["S3Store", "open_store"]
