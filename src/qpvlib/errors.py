"""Every exception of qpvlib.

A message is one or several French sentences for the person at the keyboard: what is wrong,
where, what to do. Checks gather all their problems and raise once.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from qpvlib.typography import typeset


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, with its place and its remedy (all in French)."""

    fact: str
    file: str = ""
    line: int | None = None
    column: str = ""
    remedy: str = ""
    unit: str = "ligne"

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.file,
                f"{self.unit} {self.line}" if self.line is not None else "",
                f"colonne {self.column}" if self.column else "",
            )
            if part
        )
        sentence = f"{place} : {self.fact}" if place else self.fact
        return typeset(f"{sentence} {self.remedy}".strip())


class QpvError(Exception):
    """Base of every error a user may meet; ``str(error)`` is a French message.

    Parameters
    ----------
    problems
        One French sentence, one :class:`Problem`, or an iterable of them.
    """

    def __init__(self, problems: str | Problem | Iterable[str | Problem]):
        if isinstance(problems, (str, Problem)):
            problems = [problems]
        self.problems = tuple(
            problem if isinstance(problem, Problem) else Problem(problem) for problem in problems
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InvalidCodeError(QpvError):
    """A territory code does not have the form of a code."""


class UnknownTerritoryError(QpvError):
    """A well-formed code or a name that belongs to no known territory."""


class UnknownIndicatorError(QpvError):
    """An indicator id that is not in the catalogue."""


class InvalidParameterError(QpvError):
    """A parameter of a notebook or of a function has no meaning."""


class CatalogueError(QpvError):
    """`data/indicateurs.yml` breaks its own rules."""


class ObservationError(QpvError):
    """Rows that break the observation schema."""


class MixedGeographyError(QpvError):
    """Two geographies would meet in one series without a declared bridge."""


class NotAdditiveError(QpvError):
    """A median, a decile or a ratio without parts would be summed or averaged."""


class CellError(QpvError):
    """A cell of a register that cannot be stored; it knows neither its file nor its line."""


class TrendError(QpvError):
    """Two vintages that must not be compared."""


class SourceError(QpvError):
    """An official file that is not recognised, incomplete or inconsistent."""


class ForeignFileError(SourceError):
    """A sound file that holds nothing for this project."""


class UnsafeArchiveError(SourceError):
    """An archive whose members would be written outside their folder."""


class DownloadError(QpvError):
    """A file that could not be fetched whole, or whose fingerprint is wrong."""


class BusyError(QpvError):
    """Another command is writing in the project."""


class EditionError(QpvError):
    """One or several pages that could not be produced."""


class CheckError(QpvError):
    """A built book or a data folder that fails its checks."""


class EstimationError(QpvError):
    """Data from which an estimate would be meaningless."""


class ProtocolError(QpvError):
    """A frozen protocol that was changed, or a step it does not allow."""


def damaged(file: str) -> SourceError:
    """Return the error of an official file that is cut short or unreadable."""
    fact, remedy = "ce fichier est abîmé ou tronqué.", "Téléchargez-le à nouveau."
    return SourceError(Problem(fact, file, remedy=remedy))
