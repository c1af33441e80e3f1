"""Profiles as zip files: in Datasete's own format, with checksums, and as training sets that trainers read."""

from __future__ import annotations

from typing import BinaryIO, Final

from datasete.plugin import PackingSummary, ProfileFormat, ProfileSink, ProfileSource, ProfileTarget, hookimpl

NATIVE: Final = "datasete-zip"
TRAINING: Final = "training-set"

_TYPE: Final = "application/zip"


@hookimpl(trylast=True)
def datasete_profile_formats() -> list[ProfileFormat]:
    """List both formats."""
    return [
        ProfileFormat(NATIVE, "Datasete profile (zip)", ".zip", _TYPE),
        ProfileFormat(TRAINING, "Training set: pictures, captions, masks (zip)", ".zip", _TYPE),
    ]


@hookimpl(trylast=True)
def datasete_profile_pack(format: str, profile: ProfileSource, sink: ProfileSink) -> PackingSummary | None:  # noqa: A002
    """Write a profile in one of our formats, or decline another."""
    if format == NATIVE:
        from datasete_zip.native import pack
    elif format == TRAINING:
        from datasete_zip.training import pack
    else:
        return None
    return pack(profile, sink)


@hookimpl(trylast=True)
def datasete_profile_unpack(format: str, source: BinaryIO, target: ProfileTarget) -> PackingSummary | None:  # noqa: A002
    """Read a profile in one of our formats, which is detected when `format` is "".

    Raises:
        UnreadableArchive: it is in neither format, damaged, or contradicts itself.
        TooLarge: over the target's limits.
    """
    if format not in {NATIVE, TRAINING, ""}:
        return None
    from datasete_zip import native, training
    from datasete_zip.archive import opened

    with opened(source, target.limits) as archive:
        if format == NATIVE or (not format and native.fits(archive)):
            return native.unpack(archive, target)
        return training.unpack(archive, target)
