"""What moves improbably is named and asks for a reason; what merely changes does not."""

import numpy as np
import pandas as pd
import pytest

import fictif
from qpvlib.errors import SourceError
from qpvlib.intake import moves
from qpvlib.intake.importer import import_path
from qpvlib.observations import COLUMNS
from qpvlib.sources import registry
from qpvlib.territories import qpv

CODES = [member.code for member in qpv("qpv2015")]
LEVELS = np.random.default_rng(1).uniform(30, 60, len(CODES))
DRIFT = np.random.default_rng(2).normal(0.4, 1.0, len(CODES))


def series(values, name="taux_pauvrete_60", year=2018, source="avant"):
    return pd.DataFrame(
        {
            "territoire": CODES, "geographie": "qpv2015", "indicateur": name.partition("/")[0],
            "modalite": name.partition("/")[2] or "ensemble", "millesime": year, "valeur": values,
            "etat": "valeur", "source": source,
        },
        columns=COLUMNS,
    )  # fmt: skip


def doubts(new, known):
    return "".join(str(problem) for problem in moves.doubts(new, known, "f.csv"))


def test_an_ordinary_year_raises_no_doubt():
    assert doubts(series(LEVELS + DRIFT, year=2019), series(LEVELS)) == ""
    assert [*moves.repeated(series(LEVELS + DRIFT, year=2019), series(LEVELS), "f.csv")] == []


def test_nothing_is_said_of_what_has_no_past():
    assert doubts(series(LEVELS), series(LEVELS, name="part_femmes")) == ""


def test_one_place_apart_is_named_before_and_after():
    values = LEVELS + DRIFT
    values[4] = LEVELS[4] + 30
    told = doubts(series(values, year=2019), series(LEVELS))
    assert "1 mouvement improbable" in told and CODES[4] in told and "(2018) →" in told
    assert "--confirmer" in told


def test_a_whole_series_that_shifts_is_named_with_its_medians():
    told = doubts(series(LEVELS + DRIFT - 12, year=2019), series(LEVELS))
    assert "taux_pauvrete_60, 2019, médiane" in told


def test_a_series_shuffled_between_places_is_named():
    told = doubts(series(LEVELS[::-1].copy(), year=2019), series(LEVELS))
    assert "médiane" in told


def test_a_revision_that_goes_far_is_named_and_a_small_one_is_not():
    values = LEVELS.copy()
    values[7] += 1.0
    assert doubts(series(values).iloc[[7]], series(LEVELS)) == ""
    values[7] += 5.0
    assert CODES[7] in doubts(series(values).iloc[[7]], series(LEVELS))


def test_two_series_exchanged_are_named():
    women, men = 100 + 2 * LEVELS, 115 + 2 * LEVELS
    known = pd.concat([series(women, "defm_abc/femmes"), series(men, "defm_abc/hommes")])
    fair = [
        series(women * 1.02, "defm_abc/femmes", 2019),
        series(men * 1.03, "defm_abc/hommes", 2019),
    ]
    assert doubts(pd.concat(fair), known) == ""
    false = [
        series(men * 1.03, "defm_abc/femmes", 2019),
        series(women * 1.02, "defm_abc/hommes", 2019),
    ]
    assert "paraissent échangés" in doubts(pd.concat(false), known)


def test_two_places_exchanged_are_named_though_no_figure_is_absurd():
    names = ["taux_pauvrete_60", "part_femmes", "part_60_plus", "taux_emploi"]
    chance = np.random.default_rng(3)
    known, new = [], []
    for name in names:
        level = chance.uniform(40, 47, len(CODES))
        level[2], level[9] = 40.5, 46.5
        known.append(series(level, name))
        after = level + chance.normal(0, 0.8, len(CODES))
        after[2], after[9] = after[9], after[2]
        new.append(series(after, name, 2019))
    told = doubts(pd.concat(new), pd.concat(known))
    assert "paraissent échangés" in told and CODES[2] in told and CODES[9] in told


def test_the_figures_of_another_year_are_refused_whatever_is_stored_for_this_one():
    (problem,) = moves.repeated(series(LEVELS, year=2023), series(LEVELS, year=2019), "f.csv")
    assert "ses chiffres de 2023 sont ceux de 2019" in problem.fact


def test_counts_of_places_may_stay_the_same_but_not_be_halved():
    counts = np.arange(len(CODES)) % 4.0
    known, same = series(counts, "creches_500m"), series(counts, "creches_500m", 2019)
    assert doubts(same, known) == "" and [*moves.repeated(same, known, "f.csv")] == []
    halved = series(np.floor(counts / 2), "creches_500m", 2019)
    assert "creches_500m, 2019, total qpv2015" in doubts(halved, known)


@pytest.fixture
def load(tmp_path, monkeypatch):
    fictif.build(tmp_path, monkeypatch)

    def run(text, **options):
        path = tmp_path / "f.csv"
        path.write_text(text, "utf-8")
        return import_path(path, **options)

    yield run
    monkeypatch.undo()
    fictif.forget()


def test_a_doubt_stops_the_import_until_a_reason_is_kept(load):
    load(fictif.FILOSOFI)
    moved = fictif.FILOSOFI.replace("41,4", "48,0")
    with pytest.raises(SourceError, match="--confirmer"):
        load(moved)
    load(moved, reason="révision annoncée par l'Insee")
    source = registry.sources()["insee-filosofi-qpv2015-2018"]
    assert source.confirmation == "révision annoncée par l'Insee"
    load(moved)  # the same bytes: nothing moves, the reason stays
    assert registry.sources()[source.id].confirmation == source.confirmation
    load(fictif.FILOSOFI.replace("41,4", "48,1"))
    assert registry.sources()[source.id].confirmation == ""


def test_a_reason_does_not_excuse_a_broken_identity(load):
    swapped = fictif.FILOSOFI.replace("10 990;14 180", "14 180;10 990")
    with pytest.raises(SourceError, match="premier_quartile <= revenu_median"):
        load(swapped, reason="un essai")
