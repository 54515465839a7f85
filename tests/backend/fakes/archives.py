"""Looking into archives."""

from __future__ import annotations

import io
import tarfile


def unpacked(content: bytes) -> dict[str, str]:
    """Name → text of every member of a .tar.gz."""
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        found = {}
        for entry in archive:
            file = archive.extractfile(entry)
            assert file is not None
            found[entry.name] = file.read().decode()
        return found
