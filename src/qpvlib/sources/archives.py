"""Safe unpacking of the zip archives that producers publish.

An archive is read whole before anything is written: every member that could land outside its
folder, hide another or fill the disk is listed, and nothing remains of a refused archive.
"""

import lzma
import os
import shutil
import stat
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from tqdm import tqdm

from qpvlib.errors import Problem, SourceError, UnsafeArchiveError

_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    RuntimeError,  # includes the compression methods that zipfile does not know
    UnicodeDecodeError,
)


@dataclass(frozen=True)
class Limits:
    """What an honest archive never exceeds.

    The largest official file known here, the census of all France, unpacks to about 5 GB at a
    ratio of about 10.

    Attributes
    ----------
    members
        Number of members.
    size
        Bytes once unpacked.
    ratio
        Bytes once unpacked over bytes of the archive, checked above ``harmless`` bytes.
    harmless
        Size once unpacked under which any ratio is accepted.
    """

    members: int = 2_000
    size: int = 20_000_000_000
    ratio: int = 200
    harmless: int = 10_000_000


LIMITS = Limits()
WORKBOOK = Limits(size=1_000_000_000)


def unpack(archive: Path, folder: Path, limits: Limits = LIMITS) -> list[Path]:
    """Unpack a zip archive into a folder, whole or not at all.

    Parameters
    ----------
    archive
        The zip file.
    folder
        Where the members go, created when absent; files of the same name are replaced.
    limits
        Sizes above which the archive is refused.

    Returns
    -------
    list of Path
        The files written, in alphabetical order. The ``__MACOSX`` folder that macOS adds to
        its archives is left out.

    Raises
    ------
    UnsafeArchiveError
        On any member with an absolute path, a drive, ``..``, a control character, a link, a
        repeated name or a password, and on an archive above the limits.
    SourceError
        If the archive is missing, empty, not a zip, or damaged.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [
                member for member in opened.infolist() if _parts(member)[:1] != ("__MACOSX",)
            ]
            _refuse(UnsafeArchiveError, _dangers(members, archive, limits))
            files = {Path(*_parts(member)): member for member in members if not _is_folder(member)}
            if not files:
                raise SourceError(Problem("l'archive ne contient aucun fichier.", archive.name))
            _refuse(SourceError, _obstacles(files, folder, archive.name))
            return _write(opened, files, folder, archive.name)
    except FileNotFoundError:
        raise SourceError(Problem("cette archive est introuvable.", str(archive))) from None
    except OSError:
        raise SourceError(
            Problem(
                "l'archive n'a pas pu être lue ou décompressée.",
                archive.name,
                remedy="Vérifiez l'espace libre sur le disque et les droits sur les dossiers.",
            )
        ) from None
    except _DAMAGE:
        raise SourceError(
            Problem(
                "ce fichier n'est pas une archive zip lisible.",
                archive.name,
                remedy="Il est peut-être incomplet : téléchargez-le de nouveau.",
            )
        ) from None


def check(workbook: Path) -> None:
    """Refuse a workbook, a zip archive too, that no honest producer would make.

    Raises
    ------
    UnsafeArchiveError
        As :func:`unpack` says.
    """
    with zipfile.ZipFile(workbook) as opened:
        _refuse(UnsafeArchiveError, _dangers(opened.infolist(), workbook, WORKBOOK))


def _refuse(error: type[SourceError], problems: Iterator[Problem]) -> None:
    found = list(problems)
    if found:
        raise error(found)


def _parts(member: zipfile.ZipInfo) -> tuple[str, ...]:
    """Split a name at both kinds of slash: Windows tools write either."""
    return PureWindowsPath(member.filename).parts


def _is_folder(member: zipfile.ZipInfo) -> bool:
    return member.filename.endswith(("/", "\\"))


def _identity(parts: tuple[str, ...]) -> str:
    """Return what a file system that ignores case and accent composition would compare."""
    return unicodedata.normalize("NFC", "/".join(parts)).casefold()


def _dangers(members: list[zipfile.ZipInfo], archive: Path, limits: Limits) -> Iterator[Problem]:
    if len(members) > limits.members:
        fact = f"l'archive contient plus de {_grouped(limits.members)} fichiers."
        yield Problem(fact, archive.name)
        return
    size = sum(member.file_size for member in members)
    if size > limits.size:
        most = _grouped(limits.size // 10**6)
        fact = f"l'archive occuperait plus de {most} Mo une fois décompressée."
        yield Problem(fact, archive.name)
    if size > max(limits.harmless, limits.ratio * archive.stat().st_size):
        fact = f"l'archive grossirait plus de {limits.ratio} fois en se décompressant."
        yield Problem(fact, archive.name)
    files = {_identity(_parts(member)) for member in members if not _is_folder(member)}
    seen: set[str] = set()
    for member in members:
        for fact in _member_dangers(member, files, seen):
            yield Problem(f"« {_printable(member)} » {fact}", archive.name)
        if not _is_folder(member):
            seen.add(_identity(_parts(member)))


def _member_dangers(member: zipfile.ZipInfo, files: set[str], seen: set[str]) -> Iterator[str]:
    parts = _parts(member)
    path = PureWindowsPath(*parts)
    if path.drive or path.root:
        yield "a un chemin absolu : il serait écrit hors du dossier prévu."
    elif ".." in parts:
        yield "remonte dans les dossiers : il serait écrit hors du dossier prévu."
    if not parts or _printable(member) != member.orig_filename:
        yield "a un nom vide ou contenant des caractères de contrôle."
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        yield "est un lien ou un fichier spécial, pas un fichier de données."
    if not _is_folder(member) and _identity(parts) in seen:
        yield "apparaît deux fois dans l'archive."
    above = {_identity(parts[:depth]) for depth in range(1, len(parts))}
    if above & files or (_is_folder(member) and _identity(parts) in files):
        yield "demande un dossier qui porte le nom d'un autre fichier de l'archive."
    if member.flag_bits & 0x1:
        yield "est protégé par un mot de passe : déposez l'archive sans protection."


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def _printable(member: zipfile.ZipInfo) -> str:
    """Return the name with control characters made visible."""
    return "".join("\ufffd" if c < " " or c == "\x7f" else c for c in member.orig_filename)


def _obstacles(files: dict[Path, zipfile.ZipInfo], folder: Path, name: str) -> Iterator[Problem]:
    """List what is already in the folder and would send a member elsewhere or stop it."""
    home = folder.resolve()
    for path in files:
        target = home / path
        inside = target.parent.resolve().is_relative_to(home)
        blocked = target.is_dir() or any(
            (home / above).is_file() for above in path.parents if above.parts
        )
        if blocked or not inside or home.is_file():
            fact = f"« {path} » ne peut pas être écrit dans {folder}."
            remedy = "Un dossier, un fichier ou un lien du même nom s'y trouve : déplacez-le."
            yield Problem(fact, name, remedy=remedy)


def _write(
    opened: zipfile.ZipFile, files: dict[Path, zipfile.ZipInfo], folder: Path, name: str
) -> list[Path]:
    folder = folder.absolute()
    # On the same disk as the destination, so that the last step only renames.
    home = next(place for place in (folder, *folder.parents) if place.is_dir())
    with tempfile.TemporaryDirectory(prefix=".archive-", dir=home) as draft:
        _refuse(SourceError, _extract(opened, files, Path(draft), name))
        for path in files:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(Path(draft) / path, folder / path)
    return sorted(folder / path for path in files)


def _extract(
    opened: zipfile.ZipFile, files: dict[Path, zipfile.ZipInfo], draft: Path, name: str
) -> Iterator[Problem]:
    for path, member in files.items():
        target = draft / path
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with (
                opened.open(member) as content,
                open(target, "wb") as file,
                _progress(content, member) as watched,
            ):
                shutil.copyfileobj(watched, file, 1 << 20)
        except _DAMAGE:
            yield Problem(
                f"« {_printable(member)} » est abîmé dans l'archive.",
                name,
                remedy="Téléchargez ou déposez l'archive de nouveau.",
            )


def _progress(content, member: zipfile.ZipInfo):
    """Show on a terminal how much of a long member is unpacked."""
    label = f"{_printable(member)}, décompression"
    return tqdm.wrapattr(content, "read", total=member.file_size, desc=label, delay=1, disable=None)
