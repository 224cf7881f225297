"""One commit point: all that a command writes takes effect at one rename, or is as if it were not.

The files are first written whole in a folder of drafts, beside the list of those that go. Renaming
that folder is the commit; the files then move to their places. Whoever comes next finishes what a
killed command had committed, and sweeps what it had only drafted.
"""

import datetime
import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from qpvlib import paths
from qpvlib.errors import BusyError, InvalidParameterError, Problem

_LIST = "liste.json"
_CAUSES = {
    errno.ENOSPC: ("le disque est plein", "Libérez de la place, puis recommencez."),
    errno.EDQUOT: ("votre quota de disque est atteint", "Libérez de la place, puis recommencez."),
    errno.EROFS: ("le disque est en lecture seule", "Travaillez sur une copie du dossier."),
    errno.EACCES: ("l'accès est interdit", "Vérifiez les droits sur ce fichier ou ce dossier."),
    errno.EPERM: ("l'accès est interdit", "Vérifiez les droits sur ce fichier ou ce dossier."),
    errno.EISDIR: ("c'est un dossier, et non un fichier", "Donnez un fichier."),
    errno.ENOTDIR: ("un dossier de ce chemin est un fichier", "Donnez un autre chemin."),
    errno.EIO: ("le disque ne répond plus", "Vérifiez le disque, puis recommencez."),
    errno.EXDEV: ("data et .qpv sont sur deux disques", "Mettez-les sur le même."),
}


@contextmanager
def working(command: str, alone: bool = True) -> Iterator[None]:
    """Keep other commands from writing while this one works, once all is whole again.

    Parameters
    ----------
    command
        Its name, told to the others.
    alone
        Whether it writes what others read; otherwise it only keeps those that do away.

    Raises
    ------
    BusyError
        If another command is at work: which one, and since when.
    """
    path = _home() / "verrou"
    path.parent.mkdir(exist_ok=True)
    with open(path, "a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise BusyError(
                Problem(
                    f"{lock.read() or 'une autre commande'} travaille déjà dans ce dossier.",
                    remedy="Attendez qu'elle ait fini, puis recommencez.",
                )
            ) from None
        lock.truncate(0)
        since = datetime.datetime.now().strftime("%H h %M, le %d/%m/%Y")
        lock.write(f"« {command} » (processus {os.getpid()}, depuis {since})")
        lock.flush()
        if alone:
            _heal()
        yield


def recover() -> None:
    """Finish what a killed command had committed, if there is anything to finish.

    Raises
    ------
    BusyError
        If the command is still at work.
    """
    with suppress(InvalidParameterError):  # outside a project, there is nothing to finish
        if _journal().is_dir():
            with working("qpv"):
                pass


def write(contents: Mapping[Path, bytes], removed: Iterable[Path] = ()) -> None:
    """Write these files and remove those, all at once; the caller holds :func:`working`.

    Parameters
    ----------
    contents
        File -> its bytes. Files already so are left alone. Those outside the project, whose disk
        may be gone when a killed command is finished, are each written whole, before the others.
    removed
        Files to remove.
    """
    entries = [
        (path, content)
        for path, content in contents.items()
        if not path.is_file() or path.read_bytes() != content
    ]
    root, draft, gone = paths.root(), _draft(), [*removed]
    for path, content in [one for one in entries if not _within(one[0], root)]:
        paths.write_atomically(path, content)
    entries = [one for one in entries if _within(one[0], root)]
    _sweep()
    draft.mkdir(parents=True)
    try:
        for path in [*dict(entries), *gone]:
            _check(path)
        listed = []
        for number, (path, content) in enumerate(entries):
            _write(draft / f"{number:05}", content, path)
            listed.append([f"{number:05}", os.path.relpath(path, root)])
        listed += [["", os.path.relpath(path, root)] for path in gone]
        _write(draft / _LIST, json.dumps(listed).encode(), draft / _LIST)
        os.rename(draft, _journal())  # here, and not before, it is done
    except BaseException:
        _sweep()
        raise
    _apply()


def problem(failure: OSError | MemoryError) -> Problem | None:
    """Say in French what the machine lacks, and for which file; ``None`` for another failure."""
    if isinstance(failure, MemoryError):
        remedy = "Fermez d'autres programmes, ou donnez un fichier plus petit."
        return Problem("la mémoire de l'ordinateur ne suffit pas.", remedy=remedy)
    if failure.errno not in _CAUSES:
        return None
    fact, remedy = _CAUSES[failure.errno]
    return Problem(f"{fact}.", str(failure.filename or ""), remedy=remedy)


def _home() -> Path:
    return paths.root() / ".qpv"


def _draft() -> Path:
    return _home() / "brouillon"


def _journal() -> Path:
    return _home() / "journal"


def _within(path: Path, root: Path) -> bool:
    return Path(os.path.abspath(path)).is_relative_to(root)


def _check(path: Path) -> None:
    """Refuse now what could not be moved to its place once it is committed."""
    folder = next(one for one in Path(os.path.abspath(path)).parents if one.exists())
    refused = {
        errno.EISDIR: path.is_dir(),
        errno.ENOTDIR: not folder.is_dir(),
        errno.EACCES: not os.access(folder, os.W_OK | os.X_OK),
        errno.EXDEV: folder.stat().st_dev != _home().stat().st_dev,
    }
    for number, wrong in refused.items():
        if wrong:
            raise OSError(number, os.strerror(number), str(path))


def _sweep() -> None:
    shutil.rmtree(_draft(), ignore_errors=True)


def _write(draft: Path, content: bytes, target: Path) -> None:
    """Write a draft down to the disk; a failure names the file it is for."""
    try:
        with open(draft, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as failure:
        raise OSError(failure.errno, failure.strerror, str(target)) from None


def _heal() -> None:
    if _journal().is_dir():
        _apply()
    _sweep()


def _apply() -> None:
    """Move the committed files to their places; begun again, it ends the same."""
    journal = _journal()
    if (journal / _LIST).is_file():
        for name, target in json.loads((journal / _LIST).read_text("utf-8")):
            path = paths.root() / target
            if not name:
                path.unlink(missing_ok=True)
            elif (journal / name).is_file():
                path.parent.mkdir(parents=True, exist_ok=True)
                os.replace(journal / name, path)
    _sweep()
    os.rename(journal, _draft())  # what is being swept is no longer to be done
    _sweep()
