"""The registry of official files, ``data/sources.yml``: what each figure's source is."""

import hashlib
import re
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import yaml

from qpvlib import declared, paths
from qpvlib.errors import Problem, SourceError

KNOWN = ("lu", "vérifié", "inféré")
COMPUTED = "calcul"
"""Family of what qpvlib works out itself."""
"""The computed source that is only an estimate, from IRIS: a page must say so."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HEADER = (
    "# Registre des fichiers officiels : une entrée par source. Tenu par « qpv importer » ;\n"
    "# url et note se complètent à la main et sont conservées. Champs : data/README.md.\n"
)


@dataclass(frozen=True)
class Source:
    """One official file.

    Attributes
    ----------
    id
        Identifier written on every observation.
    famille, producteur, jeu
        Family, producers and dataset.
    publication
        Year that dates the file (publication year of a themed base), ``None`` if irrelevant.
    perimetre
        Geography of its rows: ``qpv2015``, ``iris``, ``communes``…
    blocs
        Block -> ``millesime`` and ``connu`` (:data:`KNOWN`).
    url, page, licence
        Official address of this very file and of the producer's page, empty when unknown;
        conditions of reuse.
    fichier, sha256, archive_sha256
        Original name, its fingerprint, and that of the archive at ``url`` when it is one. For a
        computed source, what enters the calculation (see :mod:`qpvlib.intake.calculate`).
    chiffres_sha256
        Fingerprint of its file of ``data/observations``, that no hand edits.
    copies
        Other files with the same figures: ``fichier`` and ``sha256``.
    rang
        Preference among sources that give the same figure: the smallest wins.
    note
        What a reader must know.
    confirmation
        Why figures that move improbably are true, in the words of who imported them.
    """

    id: str
    famille: str
    producteur: str
    jeu: str
    publication: int | None
    perimetre: str
    blocs: dict[str, dict]
    url: str
    licence: str
    fichier: str
    sha256: str
    rang: int
    page: str = ""
    archive_sha256: str = ""
    note: str = ""
    confirmation: str = ""
    chiffres_sha256: str = ""
    copies: tuple[dict[str, str], ...] = field(default=())

    @property
    def computed(self) -> bool:
        """Return whether qpvlib works it out from the other sources."""
        return self.famille == COMPUTED

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Return the SHA-256 of the file and of its copies."""
        return (self.sha256, *(copy["sha256"] for copy in self.copies))

    def after(self, previous: "Source | None") -> "Source":
        """Return this source with what hands wrote in the previous entry.

        A file that the previous entry already knew, as the file or as a copy, changes neither.
        """
        if previous is None:
            return self
        files = previous if self.sha256 in previous.fingerprints else self
        copies = {c["sha256"]: c for c in (*previous.copies, *self.copies)}
        copies.pop(files.sha256, None)
        return replace(
            self,
            fichier=files.fichier,
            sha256=files.sha256,
            url=previous.url,
            page=previous.page,
            archive_sha256=previous.archive_sha256,
            note=previous.note,
            confirmation=self.confirmation or (previous.confirmation if files is previous else ""),
            copies=tuple(copies[key] for key in sorted(copies)),
        )


_FIELDS = frozenset(Source.__dataclass_fields__) - {"id"}
_OPTIONAL = {"page", "archive_sha256", "note", "confirmation", "chiffres_sha256", "copies"}


def sources(folder: Path | None = None) -> dict[str, Source]:
    """Return the registry: source id -> source.

    Parameters
    ----------
    folder
        The ``data`` folder.

    Raises
    ------
    SourceError
        With every entry that misses a field or has a wrong one.
    """
    path = (folder or paths.data()) / "sources.yml"
    return dict(_sources(path, path.read_bytes())) if path.is_file() else {}


@lru_cache(maxsize=4)
def _sources(path: Path, content: bytes) -> dict[str, Source]:
    problems, found = [], {}
    entries = yaml.load(content, declared.Loader) or {}
    for name, entry in entries.items():
        wrong = sorted((_FIELDS - _OPTIONAL - set(entry)) | (set(entry) - _FIELDS))
        if wrong:
            fact = f"{name} : champs manquants ou inconnus : {', '.join(wrong)}."
            problems.append(Problem(fact, path.name))
            continue
        source = Source(id=name, **{**entry, "copies": tuple(entry.get("copies", ()))})
        problems += [Problem(f"{name} : {fact}", path.name) for fact in _faults(source)]
        found[name] = source
    if problems:
        raise SourceError(problems)
    return found


def dump(entries: dict[str, Source]) -> bytes:
    """Return the registry as YAML, ordered by id: same sources, same bytes."""
    plain = {}
    for name in sorted(entries):
        entry = asdict(entries[name])
        entry["copies"] = list(entry["copies"])
        plain[name] = {
            key: value
            for key, value in entry.items()
            if key != "id" and (value or key not in _OPTIONAL)
        }
    text = yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=100)
    return (_HEADER + text).encode("utf-8")


def ranks() -> dict[str, int]:
    """Return source id -> rank, as the store of observations wants it."""
    return {name: source.rang for name, source in sources().items()}


def fingerprint(content: bytes) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _faults(source: Source) -> list[str]:
    faults = [
        f"empreinte SHA-256 mal formée ({value})."
        for value in source.fingerprints
        if not _SHA256.fullmatch(str(value))
    ]
    for block, vintage in source.blocs.items():
        if vintage.get("connu") not in KNOWN:
            faults.append(f"bloc {block}, « connu » doit être {', '.join(KNOWN)}.")
        years = vintage.get("millesime")
        if not all(isinstance(y, int) for y in (years if isinstance(years, list) else [years])):
            faults.append(f"bloc {block}, millésime absent ou mal formé.")
    return faults
