"""What ``qpv suivi`` does: freeze, draw, check, write the panel, estimate; each said in French."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qpvlib import __version__, commit, paths
from qpvlib.errors import InvalidParameterError, ProtocolError
from qpvlib.followup import (
    draw,
    package,
    plan,
    results,
    seal,
    series,
    study,
    verdict_power,
)
from qpvlib.followup import verdict as verdict_rule
from qpvlib.followup.checks import check_date, check_draw, digests, git, refuse_lost_seal
from qpvlib.followup.plan import Plan
from qpvlib.followup.study import DEMONSTRATION
from qpvlib.numerals import number
from qpvlib.observations import STATES
from qpvlib.reading import portrait
from qpvlib.typography import Report


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
        When a frozen protocol changed without a reason, or did not change; when a seal existed
        and is no longer there; when the date is in the future, or before the code it freezes.
    """
    found, chain = plan.load(), plan.chain()
    day = check_date(date)
    text = {
        "texte": seal.fingerprint(found.content),
        "version": found.content["version"],
        "rubriques": seal.sections(found.content),
        "indicateurs": seal.fingerprint(found.dictionary()),
        "registre": plan.register_print(),
        "code": study.code(),
        "commit": git("rev-parse", "HEAD") or f"qpvlib {__version__}",
    }
    if chain:
        chain, said = _amended(found, chain, day, reason, text)
    else:
        if reason is not None:
            raise InvalidParameterError(
                "Le protocole n'est pas encore gelé : gelez-le d'abord sans --motif."
            )
        refuse_lost_seal()
        chain, said = seal.added((), seal.FREEZE, day, text), f"Protocole gelé le {day}."
    plan.write_chain(chain, plan.kept_text(str(text["texte"])))
    return Report((said, f"Empreinte : {chain[-1]['empreinte']}"))


def _amended(
    found: Plan, chain: seal.Chain, day: str, reason: str | None, text: Mapping[str, Any]
) -> tuple[seal.Chain, str]:
    last = seal.in_force(chain)
    names = seal.changed(last, found.content, text)
    if not names:
        raise ProtocolError(
            f"Le protocole est déjà gelé, depuis le {chain[0]['date']}, et n'a pas changé depuis "
            f"le {last['date']}."
        )
    if reason is None or not reason.strip():
        raise ProtocolError(
            f"Le protocole a changé depuis le {last['date']} (rubriques : {', '.join(names)}). "
            "Rétablissez-le, ou dites pourquoi il change avec --motif."
        )
    before = None
    if seal.of_kind(chain, seal.DRAW):
        # What a reader could see the day before: an amendment does not buy another verdict.
        before = results.summary(study.on_text(plan.sealed_text(last), chain, portrait.store()))
    content = {**text, "motif": reason.strip(), "changees": names, "avant": before}
    chain = seal.added(chain, seal.AMENDMENT, day, content)
    count = len(seal.of_kind(chain, seal.AMENDMENT))
    return chain, f"Avenant du {day} enregistré ({count} en tout), rubriques : {', '.join(names)}."


@commit.working("qpv suivi lister")
def publish() -> Report:
    """Publish the numbered draws that the rule accepts, before the public randomness is known.

    Raises
    ------
    ProtocolError
        When the protocol is not frozen or was edited.
    """
    found, chain = plan.load(), plan.chain()
    if not chain:
        raise ProtocolError("Le protocole n'est pas gelé. Lancez d'abord qpv suivi geler.")
    seal.require(chain, found.content)
    _, held, _ = draw.drawing(found, portrait.store(), "")
    files = held.files()
    count = len(held.design.enumerate())
    content = {"acceptes": count, "fichiers": digests(files)}
    chain = seal.added(chain, seal.LIST, dt.date.today().isoformat(), content)
    plan.write_chain(chain, files)
    return Report((f"{count} tirages acceptés, numérotés dans suivi/{draw.ACCEPTED}.",))


@commit.working("qpv suivi tirer")
def hold(
    public_randomness: str = DEMONSTRATION, date: str | None = None, reason: str | None = None
) -> Report:
    """Hold the lottery and record it in the seal.

    Parameters
    ----------
    public_randomness
        The text announced in advance; without it the draw is a demonstration.
    date
        ISO date of the draw; today by default.
    reason
        Why a draw is held again, after an amendment of its rules; the first one stays in the seal.

    Raises
    ------
    ProtocolError
        When the protocol is not frozen or was edited, when a draw is already recorded under the
        same rules, or when the date is before the one announced for the public randomness.
    """
    found, chain = plan.load(), plan.chain()
    if not chain:
        raise ProtocolError("Le protocole n'est pas gelé. Lancez d'abord qpv suivi geler.")
    day = check_date(date or dt.date.today().isoformat())
    seal.verify(chain)
    seal.require(chain, found.content)
    check_draw(found, chain, public_randomness, day, reason)
    seed = seal.seed(seal.in_force(chain)["texte"], public_randomness)
    cohort, held, drawn = draw.drawing(found, portrait.store(), seed)
    files = held.files()
    listed = [act for act in chain[seal.in_force(chain)["numero"] :] if act["acte"] == seal.LIST]
    if public_randomness != DEMONSTRATION and (
        not listed or listed[-1]["fichiers"] != digests(files)
    ):
        raise ProtocolError(
            "Les tirages acceptés n'ont pas été publiés avant l'aléa, ou les chiffres ont changé "
            "depuis leur publication. Lancez qpv suivi lister avant la date de l'aléa."
        )
    table = series.table([one.indicator for one in found.outcomes], portrait.store())
    content = {
        "alea": public_randomness.strip(),
        "graine": seed,
        "tire": drawn,
        "acceptes": len(held.design.enumerate()),
        "cohorte": seal.fingerprint(draw.sealed(cohort)),
        "fichiers": digests(files),
        "observations": series.prints(table),
        "code": study.code(),
        "motif": (reason or "").strip(),
    }
    chain = seal.added(chain, seal.DRAW, day, content)
    plan.write_chain(chain, {**files, plan.COHORT: draw.to_csv(cohort)})
    sizes = cohort["role"].value_counts()
    count = len(seal.of_kind(chain, seal.DRAW))
    return Report(
        (
            f"Tirage n° {count} enregistré : {sizes[draw.TARGET]} cibles, {sizes[draw.CONTROL]} "
            f"témoins, {sizes[draw.OUTSIDE]} quartiers hors tirage.",
            f"Graine : {seed} ; tirage {drawn} sur {chain[-1]['acceptes']} acceptés.",
            f"Empreinte : {chain[-1]['empreinte']}",
        )
    )


@commit.working("qpv suivi deposer")
def deposit(kind: str, identifier: str, date: str) -> Report:
    """Record where the last act of the seal was deposited, out of reach of whoever holds it.

    Parameters
    ----------
    kind, identifier
        For instance HAL, OSF or a time-stamping authority, and its number.
    date
        ISO date of the deposit.

    Raises
    ------
    ProtocolError
        When nothing is frozen, or with a date that an act may not have.
    """
    chain = plan.chain()
    if not chain:
        raise ProtocolError("Le protocole n'est pas gelé. Lancez d'abord qpv suivi geler.")
    content = {"depot": {"genre": kind, "numero": identifier, "de": chain[-1]["empreinte"]}}
    chain = seal.added(chain, seal.DEPOSIT, seal.iso(date), content)
    plan.write_chain(chain)
    return Report((f"Dépôt enregistré : {kind} {identifier}, le {date}.",))


@commit.working("qpv suivi paquet")
def pack(path: Path) -> Report:
    """Write the replication package."""
    files = package.contents(study.opened())
    commit.write({path: paths.zipped(files)})
    return Report((f"Écrit : {path}, {len(files)} fichiers ; « python rejouer.py » le vérifie.",))


@commit.working("qpv suivi puissance")
def power() -> Report:
    """Compute how often each verdict is reached by effect, and write it beside the protocol."""
    found = study.opened()
    table = verdict_power.curves(found)
    commit.write({plan.folder() / verdict_power.FILE: verdict_power.to_csv(table, found)})
    wanted = found.plan.content["puissance"]["seuil"]
    said = []
    for (name, design), own in table.groupby(["indicateur", "plan"], sort=False):
        outcome = found.plan.outcome(str(name))
        low, high = verdict_power.reached(own, verdict_rule.ESTABLISHED, wanted)
        said.append(
            f"{outcome.indicator.libelle_court}, {design} : « {verdict_rule.ESTABLISHED} » à "
            f"{number(100 * wanted)} % pour {number(low, 1)} ou {number(high, 1)} {outcome.unit}."
        )
    return Report(tuple(said))


def verify() -> Report:
    """Replay everything the seal holds, and say what changed since.

    Raises
    ------
    ProtocolError
        When an act, a text, the draw or the cohort is not what was sealed.
    """
    found = study.opened()
    for act in seal.of_kind(found.chain, *seal.TEXTUAL):
        plan.check_copy(act)
    held, sealed = found.held, found.held.design.enumerate()
    again = held.replayed()
    if again.shape != sealed.shape or (again != sealed).any():
        raise ProtocolError("Les tirages acceptés ne sont pas ceux que la règle scellée accepte.")
    for chosen in seal.of_kind(found.chain, seal.CHOICE)[-1:]:
        ((name, print_),) = chosen["fichiers"].items()
        path = plan.folder() / name
        if not path.is_file() or draw.digest(path.read_bytes()) != print_:
            raise ProtocolError(f"suivi/{name} n'est pas le choix scellé le {chosen['date']}.")
    act = found.drawing
    deposits = [one["depot"] for one in seal.of_kind(found.chain, seal.DEPOSIT)]
    said = [
        f"Sceau : {len(found.chain)} actes enchaînés, du {found.chain[0]['date']} au "
        f"{found.chain[-1]['date']}.",
        f"Tirage rejoué : numéro {act['tire']} sur {act['acceptes']} acceptés, mêmes cibles, même "
        "cohorte.",
        *(f"Dépôt : {one['genre']} {one['numero']}." for one in deposits),
    ]
    if not deposits:
        said.append("Aucun dépôt extérieur : la date du gel ne repose que sur ce fichier.")
    return Report((*said, *(study.changes(found) or ("Rien n'a changé depuis le tirage.",))))


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
    said = [f"Empreinte du sceau : {open_study.chain[-1]['empreinte']}"]
    if table is not None:
        said.append(f"Séries de {panel}, et non celles du projet : le sceau ne les couvre pas.")
    said += study.changes(open_study)
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
        outcome = open_study.plan.outcome(str(name))
        verdict, ends, level = results.conclusion(open_study, outcome)
        said.append(
            f"{outcome.indicator.libelle_court} : {number(row['value'], 1)} {outcome.unit} "
            f"[{number(ends[0], 1)} ; {number(ends[1], 1)}] à {number(100 * level)} %, p = "
            f"{number(row['p'], 3)}, corrigé {number(row['adjusted'], 3)} : {verdict}."
        )
    return Report(tuple(said))
