"""Slot storage on an SMB share, spoken through smbprotocol."""

from datasete_fsspec.smb.store import SmbStore, open_store

__all__ = ["SmbStore", "open_store"]
