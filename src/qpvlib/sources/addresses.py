"""The official files whose address and fingerprint are known: what can be downloaded."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from babel.numbers import format_decimal

from qpvlib import declared, paths
from qpvlib.errors import InvalidParameterError, Problem, SourceError
from qpvlib.sources import registry
from qpvlib.typography import typeset

_FILE = "telechargements.yml"
_FINGERPRINT = re.compile(r"md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class OfficialFile:
    """One file at its official address.

    Attributes
    ----------
    id
        Identifier; that of the registry when ``qpv importer`` reads the file.
    usage, producteur, licence
        What it is for, who publishes it and under what conditions.
    millesime
        Year that the data describe, ``None`` when the registry does not tell one.
    url
        Address of the file, or of the zip archive that holds it.
    taille
        Bytes of what is downloaded, 0 when unknown.
    empreinte
        Fingerprint of what is downloaded, ``md5:`` or ``sha256:`` before it.
    fichier
        Name of the file in ``data/brut``, and in its archive (folders of the archive aside).
    sha256
        Fingerprint of that file itself, empty when only that of its archive is known. With both
        fingerprints, the address is that of an archive, even where it does not end in ``.zip``.
    """

    id: str
    usage: str
    producteur: str
    licence: str
    millesime: int | None
    url: str
    taille: int
    empreinte: str
    fichier: str
    sha256: str = ""


_FIELDS = frozenset(OfficialFile.__dataclass_fields__) - {"id", "sha256"}


def official_files() -> dict[str, OfficialFile]:
    """Return id -> file: ``data/telechargements.yml``, then the sources that have an address.

    Raises
    ------
    SourceError
        With every entry that misses a field or has a wrong one.
    """
    path = paths.data() / _FILE
    groups = declared.read(path) if path.is_file() else {}
    found = {
        source.id: OfficialFile(
            id=source.id,
            usage=source.jeu,
            producteur=source.producteur,
            licence=source.licence,
            millesime=source.publication,
            url=source.url,
            taille=0,
            empreinte=f"sha256:{source.archive_sha256}" if source.archive_sha256 else "",
            fichier=source.fichier,
            sha256=source.sha256,
        )
        for source in registry.sources().values()
        if source.url
    }
    problems = []
    for shared in groups.values():
        for name, own in shared["fichiers"].items():
            entry = {key: value for key, value in shared.items() if key != "fichiers"} | own
            if wrong := sorted(_FIELDS ^ set(entry)):
                fact = f"{name} : champs manquants ou inconnus : {', '.join(wrong)}."
                problems.append(Problem(fact, _FILE))
                continue
            found[name] = OfficialFile(id=name, **entry)
            problems += [Problem(f"{name} : {fact}", _FILE) for fact in _faults(found[name])]
    if problems:
        raise SourceError(problems)
    return dict(sorted(found.items()))


def chosen(names: Iterable[str]) -> list[OfficialFile]:
    """Return the files so named, each once.

    Raises
    ------
    InvalidParameterError
        With every name that is unknown or has no address.
    """
    known, sources = official_files(), registry.sources()
    names = list(dict.fromkeys(names))
    problems = [
        Problem(
            f"la source « {name} » n'a pas d'adresse officielle.",
            remedy="Déposez son fichier avec qpv importer.",
        )
        if name in sources
        else Problem(
            f"le fichier « {name} » n'est pas connu.",
            remedy="La commande qpv telecharger, seule, énumère ce qui peut être téléchargé.",
        )
        for name in names
        if name not in known
    ]
    if problems:
        raise InvalidParameterError(problems)
    return [known[name] for name in names]


@dataclass(frozen=True)
class Listing:
    """What can be downloaded, and the number of sources that must be deposited by hand."""

    files: tuple[OfficialFile, ...]
    by_hand: int

    def lines(self) -> list[str]:
        """Return the French listing, one line per file."""
        width = max((len(file.id) for file in self.files), default=0)
        shown = [
            f"{file.id:{width}}  {file.millesime or '':4}  "
            f"{_megabytes(file.taille):>8}  {file.usage}"
            for file in self.files
        ]
        total = _megabytes(sum(file.taille for file in self.files))
        return [
            typeset(line)
            for line in (
                *shown,
                f"À télécharger avec qpv telecharger ID… ou --tout : {len(self.files)} ({total}).",
                f"Sources sans adresse, à déposer avec qpv importer : {self.by_hand}.",
            )
        ]


def listing() -> Listing:
    """Return what can be downloaded."""
    files = official_files()
    by_hand = [
        source
        for source in registry.sources().values()
        if source.id not in files and not source.computed
    ]
    return Listing(tuple(files.values()), len(by_hand))


def _faults(file: OfficialFile) -> list[str]:
    faults = []
    if urlsplit(str(file.url)).scheme != "https":
        faults.append(f"l'adresse {file.url} n'est pas en https.")
    if not _FINGERPRINT.fullmatch(str(file.empreinte)):
        faults.append(f"empreinte mal formée ({file.empreinte}).")
    if not isinstance(file.taille, int) or file.taille <= 0:
        faults.append(f"taille mal formée ({file.taille}).")
    return faults


def _megabytes(size: int) -> str:
    return f"{format_decimal(round(size / 1e6), '#,##0', locale='fr')}\u00a0Mo" if size else ""
