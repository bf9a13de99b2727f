"""What does a bundle install, and under which licences? Writes `installed.txt` and `LICENCES.tsv` into its folder.

Fails when the platform's own wheel lacks a file of the checkout: templates, styles, tables and weights are no code, and
are easily left out.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path


def described(wheel: Path) -> tuple[str, str, str]:
    """Name, version and licence of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(one for one in archive.namelist() if one.endswith(".dist-info/METADATA") and one.count("/") == 1)
        fields = Parser().parsestr(archive.read(name).decode("utf-8"))
    stated = fields["License-Expression"] or next(iter((fields["License"] or "").strip().splitlines()), "")
    classes = [one.rpartition("::")[2].strip() for one in fields.get_all("Classifier", []) if one.startswith("License")]
    return fields["Name"], fields["Version"], stated if 0 < len(stated) < 80 else "; ".join(classes) or "see the wheel"


def left_out(wheel: Path) -> list[str]:
    """The files of the package, tests apart, that its wheel does not hold."""
    tracked = subprocess.run(["git", "ls-files", "gongqing"], capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    wanted = {name for name in tracked if name and "/tests/" not in name and Path(name).exists()}
    with zipfile.ZipFile(wheel) as archive:
        return sorted(wanted - set(archive.namelist()))


def main(bundle: Path) -> None:
    """Write both lists."""
    (own,) = (bundle / "wheels").glob("gongqing-*.whl")
    if missing := left_out(own):
        raise SystemExit(f"{own.name} lacks {len(missing)} files of the checkout, such as {missing[0]}")
    found = sorted((described(wheel) for wheel in (bundle / "wheels").glob("*.whl")), key=lambda one: one[0].lower())
    (bundle / "installed.txt").write_text("".join(f"{name}=={version}\n" for name, version, _ in found))
    lines = ["name\tversion\tlicence", *("\t".join(one) for one in found)]
    (bundle / "LICENCES.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
