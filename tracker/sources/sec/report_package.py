"""Look into report packages: zip files with the documents of a European annual report and their taxonomy.

    acme-2024-12-31-en/META-INF/reportPackage.json      or taxonomyPackage.xml, before packages had the first
    acme-2024-12-31-en/reports/acme-2024-12-31-en.xhtml a document

A document in a package has a path of its own, that of the package with the document's name behind it. Nothing is
unpacked onto the disk, so no name can lead out of a folder. Each document is read up to a limit, and no further.
The layout is that of Report Packages 1.0 (https://specifications.xbrl.org) and of the ESEF reporting manual.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PACKAGE_SUFFIX", "find_package", "is_report_package", "list_reports", "read_report"]

PACKAGE_SUFFIX: Final = ".zip"
_MARK: Final = re.compile(r"([^/]+)/META-INF/(?:reportPackage\.json|taxonomyPackage\.xml)")
_REPORT: Final = re.compile(r"([^/]+)/reports/(?:[^/]+/)?[^/]+\.(?:xhtml|html|htm)", re.IGNORECASE)
_NAME: Final = re.compile(r"[^\\:\x00-\x1f\x7f]{1,400}")
_MOST_BYTES: Final = 256 * 2**20  # of the package
_MOST_LISTED: Final = 4 * 2**20  # bytes of its list of files, which is read as a whole
_MOST_FILES: Final = 10_000
_MOST_REPORTS: Final = 50
_END, _END_64, _END_BYTES, _MOST_COMMENT = b"PK\x05\x06", b"PK\x06\x07", 22, 1 << 16
#: What an archive may raise that is damaged, encrypted or packed in a way that Python does not know.
_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError)


def is_report_package(path: Path) -> bool:
    """Return whether a file is a report package with at least one page."""
    try:
        return path.suffix.lower() == PACKAGE_SUFFIX and path.is_file() and bool(list_reports(path))
    except OSError:
        return False


def list_reports(package: Path) -> list[Path]:
    """List the pages of a package by name, as paths behind that of the package; none where it is no package.

    Raises:
        OSError: the file cannot be read, is no whole archive, or goes beyond a limit.

    """
    _check_end(package)
    try:
        with zipfile.ZipFile(package) as archive:
            names = archive.namelist()
    except _DAMAGE as error:
        raise OSError(f"is no whole zip file ({error})") from error
    if len(names) > _MOST_FILES:
        raise OSError(f"has more than {_MOST_FILES:,} files, which no report has")
    folders = {found[1] for name in names if (found := _MARK.fullmatch(name))}
    reports = [name for name in names if (found := _REPORT.fullmatch(name)) and found[1] in folders]
    if len(reports) > _MOST_REPORTS or len({*reports}) < len(reports):
        raise OSError(f"has more than {_MOST_REPORTS} pages, or two of one name")
    return sorted(package / name for name in reports if _is_plain(name))


def _is_plain(name: str) -> bool:
    """Return whether a name may stand in a path and in a table: no step up, no drive, no control characters."""
    return bool(_NAME.fullmatch(name)) and not {"", ".", ".."} & {*name.split("/")}


def _check_end(package: Path) -> None:
    """Check the size of the package and of its list of files before the list is read; OSError beyond a limit."""
    size = package.stat().st_size
    with package.open("rb") as stream:
        stream.seek(max(0, size - _MOST_COMMENT - _END_BYTES))
        tail = stream.read(_MOST_COMMENT + _END_BYTES)
    at = tail.rfind(_END)
    listed = int.from_bytes(tail[at + 12 : at + 16], "little")
    if at < 0 or size > _MOST_BYTES or listed > _MOST_LISTED or _END_64 in tail[max(0, at - 20) : at]:
        raise OSError("is no zip file, or larger than any report package")


def find_package(path: Path) -> Path | None:
    """Find the package that a path leads into; None if it leads into none."""
    return next((one for one in path.parents if one.suffix.lower() == PACKAGE_SUFFIX and one.is_file()), None)


def read_report(package: Path, path: Path, most: int) -> bytes:
    """Return the bytes of a page of a package, and no more than `most` of them.

    Raises:
        OSError: the page is not there, or cannot be unpacked.

    """
    if path not in list_reports(package):
        raise OSError("is no page of the package")
    try:
        with zipfile.ZipFile(package) as archive, archive.open(path.relative_to(package).as_posix()) as stream:
            return stream.read(most)
    except (*_DAMAGE, KeyError) as error:
        raise OSError(str(error)) from error
