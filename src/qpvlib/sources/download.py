"""Fetch the official files at their declared addresses.

A file enters the folder only when it is whole and has the declared fingerprint; a failure on
one address does not stop the others, and all failures are told at the end.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

import pooch
import requests
from babel.numbers import format_decimal
from pooch.hashes import hash_algorithm, hash_matches
from requests import exceptions as failures

from qpvlib.errors import DownloadError, Problem, SourceError
from qpvlib.sources.addresses import OfficialFile
from qpvlib.sources.archives import unpack
from qpvlib.typography import typeset

RETRIES = 2
MOST = 4_000_000_000
"""Bytes of a download whose size is not declared."""
_SLACK = 1_000_000
_LOCAL_HOSTS = {"localhost", "127.0.0.1"}
_WORTH_RETRYING = {408, 425, 429}
_LATER = "Réessayez plus tard."
_DECLARED = "data/telechargements.yml (ou data/sources.yml)"
# From the most particular to the most general: the first that fits speaks.
_EXPLANATIONS: tuple[tuple[type[Exception], str, str], ...] = (
    (failures.SSLError, "le certificat du serveur n'est pas valable", _LATER),
    (failures.Timeout, "le serveur ne répond pas", _LATER),
    (failures.HTTPError, "le serveur est en panne", _LATER),
    (failures.ChunkedEncodingError, "la connexion a été coupée avant la fin du fichier", _LATER),
    (
        failures.ConnectionError,
        "la connexion au serveur est impossible ou a été coupée",
        "Vérifiez l'accès à Internet.",
    ),
    (failures.RequestException, "l'adresse est inutilisable", f"Corrigez {_DECLARED}."),
    (OSError, "le fichier n'a pas pu être écrit", "Vérifiez l'espace libre sur le disque."),
)


@dataclass
class Report:
    """What a download did.

    ``fetched`` and ``present`` count files; ``size`` is in bytes received, ``seconds`` is wall
    time.
    """

    fetched: int = 0
    present: int = 0
    size: int = 0
    seconds: float = 0.0

    def lines(self) -> list[str]:
        """Return the French summary."""
        figures = f"{_megabytes(self.size)} en {_decimal(self.seconds)}\u00a0s"
        return [
            f"{_files(self.fetched, 'téléchargé')} ({figures}).",
            f"{_files(self.present, 'déjà présent')}.",
        ]


def fetch(
    entries: Iterable[OfficialFile], folder: Path, echo: Callable[[str], object] = print
) -> Report:
    """Download the files that are not yet in the folder, and verify every one.

    Parameters
    ----------
    entries
        The files wanted. Those that share an address are taken from one download.
    folder
        Destination, normally ``data/brut``. Of an archive, only the files named by the
        entries are kept. A file already there with another fingerprint is replaced; one of
        which only the archive has a fingerprint is left, and said not to be verified again.
    echo
        Receives one French line per file, then the summary.

    Raises
    ------
    DownloadError
        With all that failed: entry without address or fingerprint, address neither https nor
        local, disk too full, unreachable or refusing server, cut connection, wrong
        fingerprint, unsafe or damaged archive. The files that could be fetched are kept, the
        others leave no trace.
    """
    entries = list(entries)
    problems = [problem for entry in entries for problem in _unfit(entry, folder)]
    if problems:
        raise DownloadError(problems)
    start, report = time.monotonic(), Report()
    by_address: dict[str, dict[str, OfficialFile]] = {}  # address -> file name -> entry
    for entry in entries:
        own = _own_fingerprint(entry)
        if _is_genuine(folder / entry.fichier, own):
            report.present += 1
            if own is None:
                about = f"{entry.id} : {entry.fichier} était déjà là, sans empreinte à vérifier."
                echo(typeset(f"{about} Supprimez-le pour le télécharger de nouveau."))
        else:
            by_address.setdefault(entry.url, {})[entry.fichier] = entry
    folder.mkdir(parents=True, exist_ok=True)
    _check_space([next(iter(by_file.values())) for by_file in by_address.values()], folder)
    for address, by_file in by_address.items():
        wanted = list(by_file.values())
        with tempfile.TemporaryDirectory(prefix=".telechargement-", dir=folder) as draft:
            try:
                name, size = Path(wanted[0].fichier).name, wanted[0].taille
                received = _receive(address, name, Path(draft), size)
                report.size += received.stat().st_size
                files = _open(received, wanted)
                for entry in wanted:
                    problems += _publish(entry, files, folder, report, echo)
            except (DownloadError, SourceError) as error:
                about = ", ".join(entry.id for entry in wanted)
                problems += [replace(problem, file=about) for problem in error.problems]
    report.seconds = time.monotonic() - start
    for line in report.lines():
        echo(line)
    if problems:
        raise DownloadError(problems)
    return report


def _unfit(entry: OfficialFile, folder: Path) -> Iterator[Problem]:
    if not entry.url:
        fact, remedy = "aucune adresse officielle.", "Déposez ce fichier avec qpv importer."
        yield Problem(fact, entry.id, remedy=remedy)
    elif not _is_allowed(entry.url):
        yield Problem(f"l'adresse {entry.url} n'est pas en https.", entry.id)
    if not (entry.sha256 or entry.empreinte):
        fact = "aucune empreinte déclarée : le fichier ne pourrait pas être vérifié."
        yield Problem(fact, entry.id, remedy=f"Complétez {_DECLARED}.")
    if not (folder / entry.fichier).resolve().is_relative_to(folder.resolve()):
        yield Problem(f"« {entry.fichier} » serait écrit hors de {folder}.", entry.id)


def _is_allowed(address: str) -> bool:
    """Tell whether the address is encrypted, or on this machine (tests)."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL_HOSTS)


def _is_archived(entry: OfficialFile) -> bool:
    """Tell whether the address gives an archive from which the file must be taken."""
    zipped = urlsplit(entry.url).path.lower().endswith(".zip")
    both = bool(entry.sha256 and entry.empreinte)
    return (zipped or both) and not entry.fichier.lower().endswith(".zip")


def _own_fingerprint(entry: OfficialFile) -> str | None:
    """Return the fingerprint of the file itself, ``None`` if only its archive has one."""
    return entry.sha256 or (None if _is_archived(entry) else entry.empreinte)


def _is_genuine(path: Path, declared: str | None) -> bool:
    return path.is_file() and hash_matches(path, declared)  # pooch accepts all when it is None


def _check_space(entries: list[OfficialFile], folder: Path) -> None:
    """Refuse to start when the downloads alone would not fit on the disk."""
    needed, free = sum(entry.taille for entry in entries), shutil.disk_usage(folder).free
    if needed > free:
        fact = f"il faut au moins {_megabytes(needed)} libres, il en reste {_megabytes(free)}."
        remedy = "Libérez de la place, davantage si ce sont des archives, ou demandez moins de "
        raise DownloadError(Problem(fact, str(folder), remedy=f"{remedy}fichiers à la fois."))


class _Capped:
    """A file that refuses to grow past a size."""

    def __init__(self, file: BinaryIO, most: int):
        self.file, self.most = file, most

    def write(self, chunk: bytes) -> None:
        self.file.write(chunk)
        if self.file.tell() > self.most:
            fact = f"le serveur envoie plus de {_megabytes(self.most)} : l'envoi est arrêté."
            raise DownloadError(Problem(fact, remedy=f"Vérifiez {_DECLARED}."))

    def flush(self) -> None:
        self.file.flush()


def _receive(address: str, name: str, draft: Path, size: int) -> Path:
    """Download one address into the draft folder; the fingerprint is checked by the caller.

    A server that sends more than the declared size is stopped there.

    pooch would download again on a wrong fingerprint: a revised file would come three times.
    """
    pooch.get_logger().setLevel("ERROR")  # its messages are in English
    http = pooch.HTTPDownloader(
        progressbar=sys.stderr.isatty(), chunk_size=1 << 16, hooks={"response": _inspect}
    )

    def downloader(url: str, output: str, keeper: pooch.Pooch) -> None:
        with open(output, "wb") as file:
            http(url, _Capped(file, size + _SLACK if size else MOST), keeper)

    source = pooch.create(
        draft, base_url="", registry={name: None}, urls={name: address}, retry_if_failed=RETRIES
    )
    try:
        return Path(source.fetch(name, downloader=downloader))
    except OSError as error:  # every failure of requests is one
        fact, remedy = next(
            (fact, remedy) for kind, fact, remedy in _EXPLANATIONS if isinstance(error, kind)
        )
        raise DownloadError(Problem(f"{fact} ({address}).", remedy=remedy)) from None


def _inspect(response: requests.Response, **_options: object) -> None:
    """Refuse a redirection out of https and an answer that no retry would change."""
    target = urljoin(response.url, response.headers.get("location", ""))
    if response.is_redirect and not _is_allowed(target):
        fact = f"le serveur renvoie vers une adresse qui n'est pas en https ({target})."
    elif 400 <= response.status_code < 500 and response.status_code not in _WORTH_RETRYING:
        fact = f"le serveur refuse cette adresse (réponse {response.status_code}) : {response.url}"
    else:
        return
    response.close()
    remedy = f"Le producteur l'a peut-être déplacée : corrigez {_DECLARED}."
    raise DownloadError(Problem(fact, remedy=remedy))


def _open(received: Path, wanted: list[OfficialFile]) -> list[Path]:
    """Return the files that were received: the download itself, or what its archive holds."""
    first = wanted[0]
    archived = _is_archived(first)
    if first.empreinte and not hash_matches(received, first.empreinte):
        subject = "l'archive reçue" if archived else "le fichier reçu"
        raise DownloadError(_wrong_fingerprint(subject, first.id, first.empreinte))
    return unpack(received, received.with_name("contenu")) if archived else [received]


def _publish(
    entry: OfficialFile,
    files: list[Path],
    folder: Path,
    report: Report,
    echo: Callable[[str], object],
) -> Iterator[Problem]:
    """Move the entry's file to its place if it is there and genuine."""
    name = Path(entry.fichier).name
    candidates = [path for path in files if path.name == name]
    if entry.sha256 and len(files) == 1:
        candidates = files  # whatever its name: its own fingerprint tells it
    genuine = [path for path in candidates if _is_genuine(path, entry.sha256 or None)]
    if genuine:
        target = folder / entry.fichier
        verb = "remplacé" if target.exists() else "téléchargé"
        size = genuine[0].stat().st_size
        target.parent.mkdir(parents=True, exist_ok=True)
        # Where only the download had a fingerprint, this one lets the reader compare later.
        told = "" if entry.sha256 else f", sha256 {pooch.file_hash(str(genuine[0]))}"
        os.replace(genuine[0], target)
        report.fetched += 1
        echo(typeset(f"{entry.id} : {entry.fichier} {verb} ({_megabytes(size)}){told}."))
    elif candidates:
        yield _wrong_fingerprint("le fichier reçu", entry.id, entry.sha256)
    else:
        yield Problem(f"l'archive reçue ne contient pas « {name} ».", entry.id)


def _wrong_fingerprint(subject: str, name: str, declared: str) -> Problem:
    kind = hash_algorithm(declared)
    fact = f"{subject} n'a pas l'empreinte {kind} déclarée : il est abîmé ou a été révisé."
    remedy = f"Vérifiez-le, puis corrigez {_DECLARED} si le producteur l'a révisé."
    return Problem(fact, name, remedy=remedy)


def _decimal(number: float) -> str:
    return format_decimal(number, "#,##0.0", locale="fr")


def _megabytes(size: int) -> str:
    return f"{_decimal(size / 1e6)}\u00a0Mo"


def _files(count: int, participle: str) -> str:
    plural = "s" if count > 1 else ""
    return f"{count} fichier{plural} {participle}{plural}"
