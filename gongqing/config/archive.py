"""What is in a backup, and is every byte of it what was written?

`gongqing-20261122-023000.tar` holds `database.dump`, `files/…`, `sealed/…`, `readers/…` and, last, `manifest.json`
with size, SM3 and SHA-256 of each. `gongqing-20261122-023000.keys.tar` holds the keys, apart: both together are the
data in clear.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives import hashes

from gongqing.lib.crypto import CannotDecrypt, Keyring, decrypt, encrypt

FORMAT = 1
MANIFEST, DUMP = "manifest.json", "database.dump"
FOLDERS = ("files", "sealed", "readers")
KEY_NAMES = ("keyring.json", "secret.key")
PIECE = 1024 * 1024
PROOF, PROOF_CONTEXT = "工情备份", "backup"


class ArchiveFault(Exception):
    """A backup cannot be used; the text is for an operator."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a backup."""

    size: int
    sm3: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself.

    Attributes:
        made_at: ISO, with its offset.
        counts: table → rows, at the moment of the dump.
        proof: a known text under the keys of that moment, in hexadecimal: the ring that opens it opens the data.
    """

    made_at: str
    version: str
    city_code: str
    server: str
    counts: Mapping[str, int]
    last_event_id: int
    proof: str
    members: Mapping[str, Member]
    format: int = FORMAT


class Writer:
    """Writes a backup member by member."""

    def __init__(self, path: Path) -> None:
        self._file = _private(path)
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self.members: dict[str, Member] = {}

    def add(self, name: str, path: Path) -> None:
        """Take a file in as it is now."""
        with path.open("rb") as file:
            described = self._tar.gettarinfo(arcname=name, fileobj=file)
            described.uid = described.gid = 0
            described.uname = described.gname = ""
            reader = _Digesting(file)
            self._tar.addfile(described, reader)
        self.members[name] = reader.member()

    def add_folder(self, folder: Path) -> int:
        """Take in every file below a folder; answers how many. A file that goes away meanwhile is left out."""
        count = 0
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                try:
                    self.add(f"{folder.name}/{path.relative_to(folder).as_posix()}", path)
                except FileNotFoundError:
                    continue
                count += 1
        return count

    def close(self, manifest: Manifest) -> None:
        """Write the manifest as the last member and see everything onto the disk."""
        content = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
        described = tarfile.TarInfo(MANIFEST)
        described.size, described.mode = len(content), 0o600
        self._tar.addfile(described, io.BytesIO(content))
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


def read_manifest(path: Path) -> Manifest:
    """What a backup says about itself; nothing is verified yet.

    Raises:
        ArchiveFault: it is no backup of ours, or not one that this version reads.
    """
    try:
        with tarfile.open(path) as tar:
            file = tar.extractfile(MANIFEST)
            given = json.loads(file.read()) if file else {}
        if given.get("format") != FORMAT:
            raise ArchiveFault(f"{path} 是另一个版本的备份（格式 {given.get('format')}），请用那个版本恢复。")
        given["members"] = {name: Member(**member) for name, member in given["members"].items()}
        return Manifest(**given)
    except (OSError, tarfile.TarError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArchiveFault(f"{path} 不是工情的备份，或没有写完：{error}") from error


def verify(path: Path) -> Manifest:
    """Read every byte again and compare; answers the manifest.

    Raises:
        ArchiveFault: naming the first member that is not what was written.
    """
    manifest = read_manifest(path)
    seen = set()
    with tarfile.open(path) as tar:
        for described, file in _members(tar):
            expected = manifest.members.get(described.name)
            if expected is None:
                raise ArchiveFault(f"{path} 里多出 {described.name}。")
            reader = _Digesting(file)
            while reader.read(PIECE):
                pass
            if reader.member() != expected:
                raise ArchiveFault(f"{path} 里的 {described.name} 和写入时不一样，这个备份不能用。")
            seen.add(described.name)
    if missing := set(manifest.members) - seen:
        raise ArchiveFault(f"{path} 里缺 {sorted(missing)[0]} 等 {len(missing)} 个文件。")
    return manifest


def extract(path: Path, folder: Path, *, prefix: str = "", keep_existing: bool = False) -> int:
    """Write the members under this prefix into a folder, files readable by the owner alone; answers how many."""
    count = 0
    with tarfile.open(path) as tar:
        for described, file in _members(tar):
            if not described.name.startswith(prefix):
                continue
            target = (folder / described.name).resolve()
            if not target.is_relative_to(folder.resolve()):
                raise ArchiveFault(f"{path} 里有越出目录的文件名 {described.name}。")
            if keep_existing and target.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as written:
                while piece := file.read(PIECE):
                    written.write(piece)
            count += 1
    return count


def write_keys(home: Path, target: Path) -> None:
    """Copy the keys into an archive of their own.

    Raises:
        ArchiveFault: a key is missing.
    """
    with _private(target) as written, tarfile.open(fileobj=written, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in KEY_NAMES:
            path = home / "keys" / name
            if not path.exists():
                raise ArchiveFault(f"{path} 不存在：没有它，个人信息再也读不出来。")
            described = tarfile.TarInfo(name)
            content = path.read_bytes()
            described.size, described.mode, described.mtime = len(content), 0o600, int(path.stat().st_mtime)
            tar.addfile(described, io.BytesIO(content))


def read_keys(path: Path) -> dict[str, bytes]:
    """The keys of such an archive by name.

    Raises:
        ArchiveFault: it is none.
    """
    try:
        with tarfile.open(path) as tar:
            found = {described.name: file.read() for described, file in _members(tar)}
    except (OSError, tarfile.TarError) as error:
        raise ArchiveFault(f"{path} 不是密钥文件：{error}") from error
    if set(found) != set(KEY_NAMES):
        raise ArchiveFault(f"{path} 里应有 {'、'.join(KEY_NAMES)}。")
    return found


def proof_of(keyring: Keyring) -> str:
    """What `fits` asks for."""
    return encrypt(keyring, PROOF, PROOF_CONTEXT).hex()


def fits(keyring: Keyring, manifest: Manifest) -> bool:
    """Whether this ring opens what was sealed when the backup was made."""
    try:
        return decrypt(keyring, bytes.fromhex(manifest.proof), PROOF_CONTEXT) == PROOF
    except (CannotDecrypt, ValueError):
        return False


def digest_of(path: Path) -> str:
    """SM3 of a whole file, in hexadecimal."""
    with path.open("rb") as file:
        reader = _Digesting(file)
        while reader.read(PIECE):
            pass
    return reader.member().sm3


def made_at(manifest: Manifest) -> datetime:
    """When the backup was made."""
    return datetime.fromisoformat(manifest.made_at)


def _private(path: Path) -> IO[bytes]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "w+b")


def _members(tar: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    for described in tar:
        file = tar.extractfile(described) if described.isfile() else None
        if file is not None and described.name != MANIFEST:
            yield described, file


class _Digesting:
    """Reads through, and knows size and digests of what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._size = file, 0
        self._sm3, self._sha256 = hashes.Hash(hashes.SM3()), hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self._size += len(piece)
        self._sm3.update(piece)
        self._sha256.update(piece)
        return piece

    def member(self) -> Member:
        return Member(self._size, self._sm3.finalize().hex(), self._sha256.hexdigest())
