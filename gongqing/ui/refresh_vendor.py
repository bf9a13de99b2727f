"""How do the front-end files from npm get here, and how are they renewed?

`python -m gongqing.ui.refresh_vendor` packs every package at its pinned version and copies the files named below, with
its licence, to `static/vendor/`. Only whoever renews them needs npm; a fresh machine uses the committed files.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).parent / "static" / "vendor"


@dataclass(frozen=True, slots=True)
class Package:
    """A package of the npm registry and the files taken from it.

    Attributes:
        name: as npm knows it.
        version: the exact version.
        folder: where its files go under `static/vendor/`.
        files: paths inside the package; each keeps its last part as its name.
    """

    name: str
    version: str
    folder: str
    files: tuple[str, ...]


PACKAGES = (Package("htmx.org", "4.0.1", "htmx", ("dist/htmx.min.js", "LICENSE")),)


def fetch(package: Package, target: Path) -> list[Path]:
    """Copy the package's files into `target`, replacing what is there; returns the files written.

    Raises:
        CalledProcessError: npm could not pack the version.
        KeyError: a named file is not in the package.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{package.name}@{package.version}", "--silent", "--pack-destination", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        archive_path = next(Path(folder).glob("*.tgz"))
        target.mkdir(parents=True, exist_ok=True)
        written = []
        with tarfile.open(archive_path) as archive:
            for name in package.files:
                member = archive.extractfile(f"package/{name}")
                if member is None:
                    raise KeyError(name)
                path = target / Path(name).name
                path.write_bytes(_without_source_map(member.read()))
                written.append(path)
    (target / "VERSION").write_text(f"{package.name} {package.version}\n", encoding="utf-8")
    return written


def _without_source_map(content: bytes) -> bytes:
    """Drop the pointer to a map that is not vendored; a static storage with hashes would stumble over it."""
    lines = content.splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(b"//# sourceMappingURL="))


def main() -> int:
    """Renew every package and print what was written."""
    for package in PACKAGES:
        for path in fetch(package, VENDOR / package.folder):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            sys.stdout.write(f"{package.name} {package.version}  {path.relative_to(VENDOR)}  {digest}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
