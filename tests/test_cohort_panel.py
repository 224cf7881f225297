"""A panel is read from any tidy table, or refused with every reason and without an estimate."""

import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from diff_diff import CallawaySantAnna

from cohort_cases import fictitious, read
from qpvlib.cohort import Panel, ancova, did, group_time
from qpvlib.errors import EstimationError


def refused(table, **options) -> str:
    with pytest.raises(EstimationError) as error:
        did(read(table, **options))
    return str(error.value)


def test_periods_and_codes_of_other_studies_are_accepted():
    table = fictitious()
    expected = did(read(table)).value
    stata = table.assign(
        annee=table["annee"].astype("int16"), debut=table["debut"].replace(0, np.nan)
    )
    assert did(read(stata)).value == pytest.approx(expected)
    texts = table.assign(
        territoire=table["territoire"].astype("category"), annee=table["annee"].astype(str)
    )
    assert did(read(texts)).value == pytest.approx(expected)


def test_a_treatment_dummy_gives_the_same_panel_as_dates():
    table = fictitious()
    table["traite"] = ((table["debut"] > 0) & (table["annee"] >= table["debut"])).astype(int)
    table["groupe"] = (table["debut"] > 0).astype(int)
    dated = read(table).data
    for options in ({"treatment": "traite"}, {"treatment": "groupe", "start": 2004}):
        pd.testing.assert_frame_equal(read(table, first_treated=None, **options).data, dated)


def test_a_duplicated_unit_period_is_refused():
    table = fictitious()
    message = refused(pd.concat([table, table.iloc[:1]]))
    assert "plusieurs fois" in message and "T00 en 2001" in message


def test_a_unit_treated_before_the_panel_is_refused_or_set_aside():
    table = fictitious()
    table.loc[table["territoire"] == "T00", "debut"] = 1999
    assert "T00" in refused(table) and "première période" in refused(table)
    panel = read(table, drop_always_treated=True)
    assert "T00" not in set(panel.data["unit"]) and "T00" in panel.notes[0]


def test_a_constant_outcome_is_refused():
    assert "constant" in refused(fictitious().assign(taux=12.0))


def test_an_outcome_that_is_masked_everywhere_is_refused():
    assert "masquées" in refused(fictitious().assign(taux=np.nan))


def test_too_few_controls_are_refused():
    assert "témoin" in refused(fictitious(targets=8, controls=1))


def test_no_treated_unit_is_refused():
    assert "traitée" in refused(fictitious().assign(debut=0))


def test_all_problems_come_at_once():
    table = fictitious().assign(poids=-1.0, grappe=lambda t: t["annee"])
    table.loc[table["territoire"] == "T01", "debut"] = 1990
    table["taux"] = 3.0
    message = refused(table, weight="poids", cluster="grappe")
    for words in ("constant", "poids", "plusieurs grappes", "T01"):
        assert words in message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"taux": "douze"}, "pas des nombres"),
        ({"annee": 2001.5}, "entiers"),
        ({"taux": np.inf}, "infinies"),
        ({"etat": "vide"}, "état"),
    ],
)
def test_a_cell_that_makes_no_sense_is_named(change, words):
    table = fictitious().assign(etat="")
    table = table.astype(dict.fromkeys(change, object))
    for column, value in change.items():
        table.loc[3, column] = value
    if "etat" in change:
        table.loc[3, "taux"] = np.nan
    assert words in refused(table, state="etat")


def test_an_interrupted_treatment_and_an_absent_column_are_refused():
    table = fictitious()
    table["traite"] = ((table["debut"] > 0) & (table["annee"] == 2004)).astype(int)
    assert "interrompt" in refused(table, first_treated=None, treatment="traite")
    assert "absente" in refused(table, outcome="revenu")


def test_a_value_that_its_state_says_secret_is_refused():
    table = fictitious().assign(etat="valeur")
    table.loc[3, "etat"] = "secret"
    assert "masquée" in refused(table, state="etat")


def test_two_perimeters_are_never_mixed():
    table = fictitious()
    table["perimetre"] = np.where(table["annee"] < 2003, "qpv2015", "qpv2024")
    assert "géographies" in refused(table, geography="perimetre")
    assert read(table.assign(perimetre="raccord"), geography="perimetre").balanced


def test_missing_cells_keep_their_state_and_are_counted_by_arm():
    table = fictitious().assign(etat="")
    table.loc[[0, 7], "taux"] = np.nan
    table.loc[0, "etat"], table.loc[7, "etat"] = "secret", "sans_objet"
    panel = read(table.drop(index=11), state="etat")
    assert list(panel.missing["state"]) == ["secret", "sans_objet", "non_disponible"]
    counts = panel.attrition()
    assert counts.loc[(2001, True), ["observed", "secret"]].tolist() == [7, 1]
    assert counts.loc[(2001, False), "observed"] == 16
    later = panel.where(panel.data["period"] > 2001)
    assert later.missing["state"].tolist() == ["sans_objet", "non_disponible"]


def test_a_target_masked_everywhere_still_counts_as_a_missing_target():
    table = fictitious()
    table.loc[table["territoire"] == "T02", "taux"] = np.nan
    counts = read(table).attrition()["non_disponible"]
    assert counts.xs(True, level="treated").tolist() == [1] * 6
    assert counts.xs(False, level="treated").tolist() == [0] * 6


def test_collapsing_gives_the_means_on_each_side():
    table = fictitious()
    means = read(table).collapse()
    series = table[table["territoire"] == "T03"]["taux"].to_numpy()
    assert means.loc["T03", "change"] == pytest.approx(series[3:].mean() - series[:3].mean())
    assert means["treated"].sum() == 8


@pytest.mark.parametrize(
    "kind", [pd.to_datetime, lambda texts: pd.PeriodIndex(texts, freq="Y"), lambda texts: [
        pd.Timestamp(text).date() for text in texts]],
)  # fmt: skip
def test_dates_in_place_of_periods_are_refused_for_what_they_are(kind):
    table = fictitious()
    table["annee"] = kind(table["annee"].astype(str))
    assert "sont des dates" in refused(table)


def test_identifiers_of_two_types_are_refused():
    table = fictitious()
    table["territoire"] = table["territoire"].replace("T00", 0)
    assert "du texte et d'autres des nombres" in refused(table)


def test_a_start_inside_a_period_is_an_exposure():
    table = fictitious()
    assert "nombres entiers" in refused(table.assign(debut=table["debut"].replace(2004, 2003.5)))
    table["part"] = np.where(table["annee"] == 2004, 0.5, 1.0)
    table["taux"] = table["annee"] * 1.0 + table["territoire"].str[1:].astype(int)
    start = (table["debut"] > 0) & (table["annee"] >= 2004)
    table["taux"] += 4 * np.where(start, table["part"], 0)
    found = did(read(table, exposure="part"))
    assert found.value == pytest.approx(4) and "part de période" in " ".join(found.notes)
    assert "de 0 à 1" in refused(table.assign(part=2.0), exposure="part")


def short_targets() -> pd.DataFrame:
    """No effect, two points a year for everybody; the targets lack the last year."""
    table = fictitious()
    table["taux"] += 2.0 * (table["annee"] - 2001)
    return table[(table["debut"] == 0) | (table["annee"] < 2006)]


def test_means_over_different_years_are_refused_or_the_units_set_aside():
    """They gave -1.06 (0.04) where the effect is zero."""
    panel = read(short_targets())
    for estimate in (ancova, lambda panel: ancova(panel, adjust=False), Panel.collapse):
        with pytest.raises(EstimationError, match="mêmes périodes"):
            estimate(panel)
    with pytest.raises(EstimationError, match="grappe traitée"):
        ancova(panel, complete=True)
    table = fictitious()
    table["taux"] += 2.0 * (table["annee"] - 2001)
    short = table["territoire"].isin(["T00", "T01"]) & (table["annee"] == 2006)
    found = ancova(read(table[~short]), complete=True)
    exact = ancova(read(table[~table["territoire"].isin(["T00", "T01"])]))
    assert (found.value, found.error) == pytest.approx((exact.value, exact.error))
    assert "écartées, car non observées à chaque période\u00a0: 2" in " ".join(found.notes)


def test_units_kept_with_blanks_or_seen_once_are_said():
    table = fictitious()
    table.loc[table.index[5], "taux"] = np.nan
    assert "1 unités ne sont pas observées" in " ".join(did(read(table)).notes)
    once = pd.concat([fictitious(), fictitious(targets=0, controls=8).query("annee == 2001").assign(
        territoire=lambda t: "U" + t["territoire"])])  # fmt: skip
    found, expected = did(read(once)), did(read(fictitious()))
    assert (found.value, found.df, found.clusters) == pytest.approx(
        (expected.value, expected.df, 24)
    )
    assert "une seule fois\u00a0: 8" in " ".join(found.notes)


def test_the_export_gives_statsmodels_and_diff_diff_the_same_effects():
    panel = read(fictitious(effect=2.0, seed=7))
    table = panel.export()
    fit = smf.ols("outcome ~ treated + C(unit) + C(period)", table).fit()
    assert fit.params["treated"] == pytest.approx(did(panel).value)
    found = CallawaySantAnna(base_period="universal").fit(
        table, "outcome", "unit_id", "period", "first_treated"
    )
    assert found.overall_att == pytest.approx(group_time(panel).overall.value)
    assert table["event_time"].isna().sum() == 16 * 6 and set(table["first_treated"]) == {0, 2004}
    assert table["unit_id"].min() == 1 and table.groupby("unit")["unit_id"].nunique().eq(1).all()
    # Where zero is a period, it cannot mean « never ».
    moved = fictitious().assign(annee=lambda t: t["annee"] - 2002)
    moved["debut"] = moved["debut"].map({2004: 2}).fillna(np.inf)
    assert read(moved).export()["first_treated"].isna().sum() == 16 * 6


def test_the_export_gives_pyfixest_the_same_effect_and_error():
    pyfixest = pytest.importorskip("pyfixest")
    panel = read(fictitious(effect=2.0, seed=7))
    fit = pyfixest.feols("outcome ~ treated | unit + period", panel.export(), {"CRV1": "cluster"})
    expected = did(panel, kind="CR1")
    assert fit.coef()["treated"] == pytest.approx(expected.value)
    assert fit.se()["treated"] == pytest.approx(expected.error)


def test_the_export_gives_r_the_same_effect_and_cr2_error(tmp_path):
    if shutil.which("Rscript") is None:
        pytest.skip("R n'est pas installé")
    panel = read(fictitious(effect=2.0, seed=7))
    panel.export().to_csv(tmp_path / "panel.csv", index=False)
    (tmp_path / "essai.R").write_text(
        """
p <- read.csv("panel.csv")
fit <- lm(outcome ~ treated + factor(unit) + factor(period), p)
cat(coef(fit)["treated"])
if (requireNamespace("clubSandwich", quietly = TRUE)) {
  test <- clubSandwich::coef_test(fit, vcov = "CR2", cluster = p$cluster, coefs = "treated")
  cat(" ", test$SE, test$df_Satt)
}
"""
    )
    done = subprocess.run(["Rscript", "essai.R"], cwd=tmp_path, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    numbers = [float(number) for number in done.stdout.split()]
    found = did(panel)
    expected = [found.value, found.error, found.df]
    assert numbers == pytest.approx(expected[: len(numbers)], rel=1e-6)
