"""The IRIS outside the QPV are matched on the past alone and estimated apart from the draw."""

import pandas as pd
import pytest

from qpvlib import paths
from qpvlib.followup import results, seal, study
from qpvlib.followup import second_family as families
from qpvlib.observations import SECRET, UNAVAILABLE, VALUE
from qpvlib.presentation.followup import identity
from qpvlib.presentation.followup import second_family as pages
from qpvlib.reading import pockets


@pytest.fixture(scope="module")
def opened():
    return study.opened()


@pytest.fixture(scope="module")
def found(opened):
    return families.family(opened)


@pytest.fixture(scope="module")
def weights():
    path = paths.data() / "territoires" / "poids_iris_qpv2024.csv"
    return pd.read_csv(path, dtype={"iris": str}).groupby("iris")["part"].sum()


def test_an_iris_absent_from_the_weights_is_outside_only_with_a_known_population(opened, weights):
    shares = pockets.shares(opened.observations)
    frame = opened.observations.frame
    counted = frame[(frame["geographie"] == "iris") & (frame["indicateur"] == "part_0_14")]
    known = set(counted.loc[counted["denominateur"] > 0, "territoire"])
    assert set(shares.index) == known
    absent = shares.index.difference(weights.index)
    assert len(absent) and (shares[absent] == 0).all()
    unknown = set(frame.loc[frame["geographie"] == "iris", "territoire"]) - known
    assert unknown and not unknown & set(shares.index)


def test_every_iris_is_below_the_limit_and_chosen_once(opened, found):
    limit = opened.plan.content["seconde_famille"]["part_maximale"]
    pairs = found.match.pairs
    assert (found.shares[list(found.pool)] <= limit).all()
    assert pairs["control"].is_unique and set(pairs["control"]) <= set(found.pool)
    assert set(pairs["target"]) == set(opened.units.index[opened.units["cible"]])
    assert pairs.groupby("target").size().eq(2).all() and not found.match.unmatched


def test_iris_are_chosen_on_years_before_the_date(opened, found):
    assert {int(name.split()[1]) for name in found.covariates} == {2014, 2015}


def test_both_families_never_share_a_panel(opened, found):
    own = opened.drawn.index[~opened.drawn["cible"]]
    for outcome in families.outcomes(opened):
        units = set(families.panel(opened, outcome, found).data["unit"])
        assert not units & set(own)
        first = set(opened.panel(opened.plan.outcome(outcome.indicator.id)).data["unit"])
        assert not first & set(found.match.pairs["control"])


def test_the_collapsed_difference_is_the_mean_of_the_groups(opened, found):
    outcome = families.outcomes(opened)[0]
    change = families.panel(opened, outcome, found).collapse()["change"]
    gaps = [
        change[target] - change[pairs["control"]].mean()
        for target, pairs in found.match.pairs.groupby("target")
    ]
    value = families.estimate(opened, outcome, adjust=False).value
    assert value == pytest.approx(sum(gaps) / len(gaps))


def test_states_are_kept_and_an_iris_absent_from_a_file_is_not_available(opened, found):
    outside = found.outside
    size = outside["territoire"].nunique()
    assert (outside.groupby(["indicateur", "millesime"]).size() == size).all()
    assert outside["valeur"].notna().equals(outside["etat"] == VALUE)
    counts = families.attrition(opened, found).xs("hors quartiers", level="groupe")
    assert (counts.sum(axis=1) == size).all()
    assert counts.loc["taux_pauvrete_60", SECRET].loc[[2014, 2015, 2018, 2019]].gt(0).all()
    assert counts[UNAVAILABLE].gt(0).all()


def test_the_page_says_how_far_the_iris_are(opened, found):
    assert (found.balance["verdict"] == "déséquilibré").all()
    text = pages.note(opened).striptags()
    assert "Aucun ne leur ressemble" in text and "extrapolation" in text
    caption = pages.estimates_table(opened).caption
    assert "seconde famille seule" in caption.replace("\u00a0", " ")


def test_readings_for_information_change_no_verdict(opened):
    table = results.estimates(opened)
    assert table["p_wild"].between(0, 1).all()
    assert (table["p_wild"] - table["p_cr2"]).abs().max() < 0.2
    poverty = opened.plan.primary[0]
    relative = results.relative(opened, poverty)
    widths = relative["high"] - relative["low"]
    assert list(relative.index) == [0.5, 1, 2] and widths.is_monotonic_increasing


def test_chances_add_up_to_one_in_each_triplet(opened):
    groups = opened.cohort.loc[opened.chances.index, "groupe"]
    assert opened.chances.groupby(groups).sum().to_numpy() == pytest.approx(1)


def test_the_amendment_is_dated_on_the_page(opened):
    act = seal.of_kind(opened.chain, seal.AMENDMENT)[0]
    text = identity.seal_table(opened).html()
    assert act["motif"].split(" (")[0] in text
    assert "24\u00a0novembre" in text.replace(" novembre", "\u00a0novembre")
    # Each text has its own version and its own fingerprint.
    cut = text.replace("<wbr>", "")
    assert f"version {act['version']}, empreinte <code>{act['texte']}" in cut.replace("\u00a0", " ")
    assert "amendé le" in identity.ribbon(opened).striptags()
