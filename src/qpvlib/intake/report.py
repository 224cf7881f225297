"""What an import tells: what each source brings, how its year is known, what was left aside."""

from dataclasses import dataclass, field

import pandas as pd

from qpvlib.intake.changes import identical, revision, shortened
from qpvlib.intake.files import Reading
from qpvlib.observations import KEY
from qpvlib.sources import dating
from qpvlib.typography import typeset

_DATED = {
    dating.CONTENT: "Année dite par le fichier, ou retrouvée par ses chiffres.",
    dating.REGISTERED: "Année de ce même fichier, déjà au registre.",
    dating.GIVEN: "Année donnée par --millesime.",
    dating.NAME: (
        "ATTENTION : l'année n'est connue que par le nom du fichier, et rien de son contenu ne la "
        "confirme. Vérifiez-la chez le producteur ; si elle est fausse : qpv retirer {source}, "
        "puis qpv importer FICHIER --millesime AAAA."
    ),
}


@dataclass(frozen=True)
class Change:
    """What a source brings, against what was already stored.

    Attributes
    ----------
    reading
        The source and its observations.
    new, identical, removed
        Numbers of observations.
    revisions
        One French line per revised figure: place, indicator, year, before → after.
    """

    reading: Reading
    new: int
    identical: int
    removed: int
    revisions: tuple[str, ...]

    @property
    def source(self) -> str:
        """Identifier of the source."""
        return self.reading.source.id

    @property
    def revised(self) -> int:
        """Number of figures revised."""
        return len(self.revisions)

    def lines(self) -> list[str]:
        """Return the French summary; a source that changes nothing takes one line."""
        counts = [
            _counted(self.new, "nouvelle"),
            _counted(self.revised, "révisée"),
            _counted(self.identical, "identique"),
            *([_counted(self.removed, "retirée")] if self.removed else []),
        ]
        entry = self.reading.source
        lines = [f"{entry.fichier} → {self.source} : {', '.join(counts)}."]
        if not (self.new or self.revisions or self.removed):
            return lines
        lines.append(f"  Millésimes : {', '.join(_vintages(entry.blocs))}.")
        if self.reading.dated:
            lines.append(f"  {_DATED[self.reading.dated].format(source=self.source)}")
        lines += [f"  {one}" for one in shortened(self.revisions)]
        if self.reading.aside:
            lines.append(
                f"  Colonnes laissées de côté : {', '.join(shortened(self.reading.aside))}."
            )
        return lines


@dataclass
class Report:
    """Result of an import.

    Attributes
    ----------
    changes
        One per source, ordered by source id.
    copies
        File -> source whose figures it repeats.
    contours
        What the sound files of contours hold; they bring no figure.
    ignored
        File -> why it was left aside.
    calculated
        Sources that qpvlib works out itself and that the import changes.
    notes
        What detailed files could not give, or are for.
    files, seconds
        How many files were looked at, and how long it took.
    """

    changes: list[Change] = field(default_factory=list)
    copies: dict[str, str] = field(default_factory=dict)
    contours: list[str] = field(default_factory=list)
    ignored: dict[str, str] = field(default_factory=dict)
    calculated: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: int = 0
    seconds: float = 0.0

    def lines(self) -> list[str]:
        """Return the French summary: what each source brings, the copies and ignored files."""
        lines = [line for change in self.changes for line in change.lines()]
        lines += [f"{file} : mêmes chiffres que {source}." for file, source in self.copies.items()]
        lines += self.contours
        lines += self.notes
        lines += [f"Laissé de côté. {reason}" for reason in self.ignored.values()]
        lines += self.calculated
        written = sum(change.new + change.revised + change.identical for change in self.changes)
        lines.append(
            f"Fichiers lus : {self.files} ; sources : {len(self.changes)} ; chiffres : {written} ; "
            f"durée : {self.seconds:.0f} s."
        )
        return [typeset(line) for line in lines]


def change(reading: Reading, stored: pd.DataFrame) -> Change:
    """Compare what was read with what is stored under the same source."""
    before, after = stored[stored.source == reading.source.id], reading.frame
    both = before.merge(after, on=KEY, suffixes=("_avant", ""))
    same = identical(both)
    return Change(
        reading,
        len(after) - len(both),
        int(same.sum()),
        len(before) - len(both),
        tuple(revision(row) for row in both[~same].sort_values(KEY).to_dict("records")),
    )


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number > 1 else ''}"


def _vintages(blocks: dict[str, dict]) -> list[str]:
    found = []
    for name, block in blocks.items():
        years = block["millesime"] if isinstance(block["millesime"], list) else [block["millesime"]]
        span = f"{years[0]}" if len(years) == 1 else f"{years[0]} à {years[-1]}"
        found.append(f"{name} {span} ({block['connu']})")
    return found
