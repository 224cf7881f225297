"""Fetch the official files at the addresses of ``data/sources.yml``.

A file enters the folder only when it is whole and has the declared fingerprint; a failure on
one address does not stop the others, and all failures are told at the end.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import pooch
import requests
from babel.numbers import format_decimal
from requests import exceptions as failures

from qpvlib.errors import DownloadError, Problem, SourceError
from qpvlib.sources.archives import unpack
from qpvlib.typography import typeset

RETRIES = 2
_LOCAL_HOSTS = {"localhost", "127.0.0.1"}
_WORTH_RETRYING = {408, 425, 429}
_LATER = "Réessayez plus tard."
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
    (failures.RequestException, "l'adresse est inutilisable", "Corrigez data/sources.yml."),
    (OSError, "le fichier n'a pas pu être écrit", "Vérifiez l'espace libre sur le disque."),
)


class Entry(Protocol):
    """What the download needs to know of one official file.

    Attributes
    ----------
    id
        Identifier of the source.
    url
        Official address of the file, or of the zip archive that holds it.
    sha256
        Fingerprint of the file itself, in hexadecimal.
    fichier
        Name of the file in ``data/brut``, and in its archive (folders of the archive aside).
    archive_sha256
        Fingerprint of the archive, empty when unknown. It also says that the address is that
        of an archive where the address does not end in ``.zip``.
    """

    id: str
    url: str
    sha256: str
    fichier: str
    archive_sha256: str


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


def fetch(entries: Iterable[Entry], folder: Path, echo: Callable[[str], object] = print) -> Report:
    """Download the files that are not yet in the folder, and verify every one.

    Parameters
    ----------
    entries
        The files wanted. Those that share an address are taken from one download.
    folder
        Destination, normally ``data/brut``. Of an archive, only the files named by the
        entries are kept: the others have no fingerprint. A file already there with another
        fingerprint is replaced.
    echo
        Receives one French line per file, then the summary.

    Raises
    ------
    DownloadError
        With all that failed: entry without address or fingerprint, address neither https nor
        local, unreachable or refusing server, cut connection, wrong fingerprint, unsafe or
        damaged archive. The files that could be fetched are kept, the others leave no trace.
    """
    entries = list(entries)
    problems = [problem for entry in entries for problem in _unfit(entry, folder)]
    if problems:
        raise DownloadError(problems)
    start, report = time.monotonic(), Report()
    by_address: dict[str, dict[str, Entry]] = {}  # address -> file name -> entry
    for entry in entries:
        if _is_genuine(folder / entry.fichier, entry):
            report.present += 1
        else:
            by_address.setdefault(entry.url, {})[entry.fichier] = entry
    folder.mkdir(parents=True, exist_ok=True)
    for address, by_file in by_address.items():
        wanted = list(by_file.values())
        with tempfile.TemporaryDirectory(prefix=".telechargement-", dir=folder) as draft:
            try:
                received = _receive(address, wanted[0].id, Path(draft))
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


def _unfit(entry: Entry, folder: Path) -> Iterator[Problem]:
    if not entry.url:
        fact, remedy = "aucune adresse officielle.", "Déposez ce fichier avec qpv importer."
        yield Problem(fact, entry.id, remedy=remedy)
    elif not _is_allowed(entry.url):
        yield Problem(f"l'adresse {entry.url} n'est pas en https.", entry.id)
    if not entry.sha256:
        fact = "aucune empreinte sha256 déclarée : le fichier ne pourrait pas être vérifié."
        yield Problem(fact, entry.id, remedy="Complétez data/sources.yml.")
    if not (folder / entry.fichier).resolve().is_relative_to(folder.resolve()):
        yield Problem(f"« {entry.fichier} » serait écrit hors de {folder}.", entry.id)


def _is_allowed(address: str) -> bool:
    """Tell whether the address is encrypted, or on this machine (tests)."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL_HOSTS)


def _is_genuine(path: Path, entry: Entry) -> bool:
    return path.is_file() and pooch.file_hash(str(path)) == entry.sha256.lower()


def _receive(address: str, name: str, draft: Path) -> Path:
    """Download one address into the draft folder; the fingerprint is checked by the caller.

    pooch would download again on a wrong fingerprint: a revised file would come three times.
    """
    pooch.get_logger().setLevel("ERROR")  # its messages are in English
    downloader = pooch.HTTPDownloader(
        progressbar=sys.stderr.isatty(), chunk_size=1 << 16, hooks={"response": _inspect}
    )
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
    remedy = "Le producteur l'a peut-être déplacée : corrigez data/sources.yml."
    raise DownloadError(Problem(fact, remedy=remedy))


def _open(received: Path, wanted: list[Entry]) -> list[Path]:
    """Return the files that were received: the download itself, or what its archive holds."""
    first = wanted[0]
    archived = first.archive_sha256 or urlsplit(first.url).path.lower().endswith(".zip")
    if not archived or first.fichier.lower().endswith(".zip"):
        return [received]
    if first.archive_sha256 and pooch.file_hash(str(received)) != first.archive_sha256.lower():
        raise DownloadError(_wrong_fingerprint("l'archive reçue", first.id))
    return unpack(received, received.with_name("contenu"))


def _publish(
    entry: Entry,
    files: list[Path],
    folder: Path,
    report: Report,
    echo: Callable[[str], object],
) -> Iterator[Problem]:
    """Move the entry's file to its place if it is there and genuine."""
    name = Path(entry.fichier).name
    candidates = files if len(files) == 1 else [path for path in files if path.name == name]
    genuine = [path for path in candidates if _is_genuine(path, entry)]
    if genuine:
        target = folder / entry.fichier
        verb = "remplacé" if target.exists() else "téléchargé"
        size = genuine[0].stat().st_size
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(genuine[0], target)
        report.fetched += 1
        echo(typeset(f"{entry.id} : {entry.fichier} {verb} ({_megabytes(size)})."))
    elif candidates:
        yield _wrong_fingerprint("le fichier reçu", entry.id)
    else:
        yield Problem(f"l'archive reçue ne contient pas « {name} ».", entry.id)


def _wrong_fingerprint(subject: str, name: str) -> Problem:
    fact = f"{subject} n'a pas l'empreinte sha256 déclarée : il est abîmé ou a été révisé."
    remedy = "Vérifiez-le, puis corrigez data/sources.yml si le producteur l'a révisé."
    return Problem(fact, name, remedy=remedy)


def _decimal(number: float) -> str:
    return format_decimal(number, "#,##0.0", locale="fr")


def _megabytes(size: int) -> str:
    return f"{_decimal(size / 1e6)}\u00a0Mo"


def _files(count: int, participle: str) -> str:
    plural = "s" if count > 1 else ""
    return f"{count} fichier{plural} {participle}{plural}"
