"""Write SHA-256 and SM3 sums: of every file in a folder, or, with `--file`, of one file beside it."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from cryptography.hazmat.primitives import hashes

PIECE = 1024 * 1024


def sums(path: Path) -> tuple[str, str]:
    """SHA-256 and SM3 of a file, in hexadecimal."""
    sha256, sm3 = hashlib.sha256(), hashes.Hash(hashes.SM3())
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            sha256.update(piece)
            sm3.update(piece)
    return sha256.hexdigest(), sm3.finalize().hex()


def main(arguments: list[str]) -> None:
    """Write the sums in the form that `sha256sum --check` reads."""
    if arguments[0] == "--file":
        path = Path(arguments[1])
        found = sums(path)
        for suffix, value in zip(("sha256", "sm3"), found, strict=True):
            path.with_name(f"{path.name}.{suffix}").write_text(f"{value}  {path.name}\n")
        return
    folder = Path(arguments[0])
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    known = [(path.relative_to(folder).as_posix(), *sums(path)) for path in files]
    for column, name in ((1, "SHA256SUMS"), (2, "SM3SUMS")):
        (folder / name).write_text("".join(f"{row[column]}  {row[0]}\n" for row in known))


if __name__ == "__main__":
    main(sys.argv[1:])
