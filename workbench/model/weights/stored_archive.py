"""PyTorch's files are archives whose entries are stored as they are: nothing else is opened."""

import zipfile
from pathlib import Path


def require_stored(path: Path) -> None:
    """Refuse an archive whose entries are compressed, or larger together than the file itself.

    ``torch.save`` compresses nothing, so a small file that unpacks to gigabytes was not written by
    it. A file of another form, as old versions of PyTorch wrote, passes. Raises ValueError with the
    reason; nothing is unpacked.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    packed = [entry for entry in entries if entry.compress_type != zipfile.ZIP_STORED]
    if packed:
        largest = max(packed, key=lambda entry: entry.file_size)
        raise ValueError(
            f"{largest.filename} in it is compressed, to {largest.file_size:,} bytes when unpacked;"
            " PyTorch stores without compression"
        )
    claimed, size = sum(entry.file_size for entry in entries), path.stat().st_size
    if claimed > size:
        raise ValueError(f"its entries claim {claimed:,} bytes in a file of {size:,}")
