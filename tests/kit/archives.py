"""Zip files for tests."""

import io
import zipfile


def zipped(files, method=zipfile.ZIP_DEFLATED):
    """An archive of these contents, by name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()
