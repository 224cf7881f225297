"""``qpv retirer``: take a source out, its figures and what was computed from them."""

import difflib
from dataclasses import dataclass, replace

from qpvlib import commit, gazetteer, observations, paths, schools
from qpvlib.errors import InvalidParameterError, Problem
from qpvlib.intake import calculate
from qpvlib.sources import registry
from qpvlib.typography import typeset


@dataclass(frozen=True)
class Report:
    """What was withdrawn: the source, its number of figures, and what that made change."""

    source: str
    rows: int
    calculated: list[str]

    def lines(self) -> list[str]:
        """Return the French summary."""
        said = (
            f"{self.source} : retirée, avec ses {self.rows} chiffres. Son fichier d'origine peut "
        )
        return [typeset(line) for line in (f"{said}revenir par qpv importer.", *self.calculated)]


@commit.working("qpv retirer")
def withdraw(name: str) -> Report:
    """Undo an import: remove a source from the registry, and its observations.

    Raises
    ------
    InvalidParameterError
        If no source has this identifier, or if qpvlib works it out itself.
    """
    sources = registry.sources()
    path = paths.data() / "observations" / f"{name}.csv"
    if name in sources and sources[name].computed:
        fact = f"« {name} » est calculée par qpvlib."
        raise InvalidParameterError(Problem(fact, remedy="Retirez une source dont elle vient."))
    if name not in sources and not path.is_file():
        close = difflib.get_close_matches(name, sources, 3, 0.5)
        remedy = f"Sources proches : {', '.join(close)}." if close else "Voyez data/sources.yml."
        raise InvalidParameterError(Problem(f"« {name} » n'est pas une source.", remedy=remedy))
    kept = {other: source for other, source in sources.items() if other != name}
    stored = observations.read_all()
    mine = stored["source"] == name
    computed = calculate.outputs(calculate.compute(stored[~mine], kept), kept)
    report = Report(name, int(mine.sum()), computed.lines())
    gone = [*computed.removed, path, schools.table(name), gazetteer.table(name)]
    calculate.write(replace(computed, removed=gone), {})
    return report
