"""What ``qpv suivi`` does: freeze, draw, write the panel, estimate; each step said in French."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from qpvlib import __version__, commit, paths
from qpvlib.cohort import protocol
from qpvlib.errors import InvalidParameterError, ProtocolError
from qpvlib.followup import draw, plan, results, series, study
from qpvlib.numerals import number
from qpvlib.observations import STATES
from qpvlib.reading import portrait
from qpvlib.typography import typeset

DEMONSTRATION = "tirage de démonstration, sans aléa public"


@dataclass(frozen=True)
class Report:
    """Sentences to print."""

    said: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """Return the sentences, with their no-break spaces."""
        return tuple(typeset(line) for line in self.said)


@commit.working("qpv suivi geler")
def freeze(date: str, reason: str | None = None) -> Report:
    """Freeze the protocol, or record a dated amendment when it is already frozen.

    Parameters
    ----------
    date
        ISO date.
    reason
        Why a frozen protocol changes; None for a first freeze.

    Raises
    ------
    ProtocolError
        When a frozen protocol changed without a reason, or did not change.
    """
    found, seal = plan.load(), plan.seal()
    if seal is None:
        if reason is not None:
            raise InvalidParameterError(
                "Le protocole n'est pas encore gelé : gelez-le d'abord sans --motif."
            )
        seal = protocol.freeze(found.content, found.dictionary(), commit=_commit(), date=date)
        said = f"Protocole gelé le {date}."
    elif reason is None:
        protocol.verify(seal, found.content)
        raise ProtocolError(
            f"Le protocole est déjà gelé, depuis le {seal['date']}, et n'a pas changé."
        )
    else:
        seal = protocol.amend(seal, found.content, date=date, reason=reason)
        said = f"Avenant du {date} enregistré ({len(seal['amendements'])} en tout)."
    plan.write_seal(seal)
    return Report((said, f"Empreinte : {seal['empreinte']}"))


@commit.working("qpv suivi tirer")
def hold(public_randomness: str = DEMONSTRATION) -> Report:
    """Hold the lottery, once, and record it in the seal.

    Parameters
    ----------
    public_randomness
        The text announced in advance; without it the draw is a demonstration.

    Raises
    ------
    ProtocolError
        When the protocol is not frozen or was edited, or when a draw is already recorded.
    """
    found, seal = plan.load(), plan.seal()
    if seal is None:
        raise ProtocolError("Le protocole n'est pas gelé. Lancez d'abord qpv suivi geler.")
    if seal["graine"] is not None:
        # Refuses before the work: the draw takes seconds.
        protocol.record_draw(seal, found.content, public_randomness, None)
    protocol.verify(seal, found.content)
    seed = protocol.seed(found.content, public_randomness)
    cohort = draw.drawing(found, portrait.store(), seed)
    content = draw.to_csv(cohort)
    sealed = protocol.record_draw(seal, found.content, public_randomness, draw.sealed(cohort))
    plan.write_seal(sealed, {plan.folder() / plan.COHORT: content} | plan.kept_at_draw())
    sizes = cohort["role"].value_counts()
    return Report(
        (
            f"Tirage enregistré : {sizes[draw.TARGET]} cibles, {sizes[draw.CONTROL]} témoins, "
            f"{sizes[draw.OUTSIDE]} quartiers hors tirage.",
            f"Graine : {seed}",
            f"Empreinte : {sealed['empreinte']}",
        )
    )


@commit.working("qpv suivi panel")
def write_panel(path: Path) -> Report:
    """Write the series of the outcomes as CSV, and say how many figures are masked."""
    found = plan.load()
    table = series.table([one.indicator for one in found.outcomes], portrait.store())
    commit.write({path: series.to_csv(table)})
    counts = table["etat"].value_counts().reindex(list(STATES), fill_value=0)
    states = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in counts.items())
    return Report((f"{len(table)} lignes écrites dans {path} : {states}.",))


def estimate(panel: Path | None = None) -> Report:
    """Print what can be detected, then the estimates of the blank trial and their verdicts.

    Parameters
    ----------
    panel
        A table in the format of ``qpv suivi panel``, instead of the observations.
    """
    table = None if panel is None else series.read_csv(panel)
    open_study = study.opened(panel=table)
    results.check(open_study)
    said = [f"Empreinte du sceau : {open_study.seal['empreinte']}"]
    if not open_study.track.causal:
        said.append("Étude exploratoire, sans conclusion causale : " + " ".join(
            open_study.track.reasons))  # fmt: skip
    said.append("Avant tout résultat, plus petit écart détectable (80 %, 5 %) :")
    for row in results.detectable(open_study).itertuples():
        outcome = open_study.plan.outcome(row.indicateur)
        said.append(
            f"  {outcome.indicator.libelle_court}, {row.cibles} cibles et {row.temoins} témoins : "
            f"{number(row.ri, 1)} {outcome.unit} (plus petit effet d'intérêt : {outcome.smallest})"
        )
    for name, row in results.estimates(open_study).iterrows():
        outcome = open_study.plan.outcome(name)
        verdict = results.verdict(open_study, outcome) if outcome.primary else "secondaire"
        said.append(
            f"{outcome.indicator.libelle_court} : {number(row['value'], 1)} {outcome.unit} "
            f"[{number(row['low'], 1)} ; {number(row['high'], 1)}], p = {number(row['p'], 3)}, "
            f"corrigé {number(row['adjusted'], 3)} : {verdict}."
        )
    return Report(tuple(said))


def _commit() -> str:
    """Return the version of the code: its commit where there is one, else its number."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=paths.root(), capture_output=True, text=True
        )
    except OSError:
        return f"qpvlib {__version__}"
    return done.stdout.strip() if done.returncode == 0 else f"qpvlib {__version__}"
