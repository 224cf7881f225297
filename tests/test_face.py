"""``import qpvlib`` opens plain tables that say what the store says; the README runs as written."""

import re
import subprocess
import sys

import geopandas as gpd
import pytest

import qpvlib
from edition_project import REPOSITORY
from qpvlib.errors import InvalidParameterError, UnknownIndicatorError
from qpvlib.reading import portrait as portraits
from qpvlib.territories import qpv


@pytest.fixture(scope="module")
def figures():
    return qpvlib.figures()


def test_every_figure_of_the_store_is_there_with_its_interval_and_its_words(figures):
    store = portraits.store()
    assert len(figures) == len(store.frame)
    assert not figures[["nom", "libelle", "unite", "producteur", "etat"]].isna().any().any()
    row = figures[figures["etat"] == "valeur"].iloc[1000]
    found = store.get(row.indicateur, row.territoire, row.modalite, row.millesime)
    assert (found.value, found.interval, found.grade) == (row.valeur, row.intervalle, row.fiabilite)
    masked = figures[figures["etat"] != "valeur"]
    assert masked[["valeur", "borne_basse", "borne_haute"]].isna().all().all()


def test_the_quartiers_are_drawn_in_metres():
    found = qpvlib.quartiers()
    assert isinstance(found, gpd.GeoDataFrame) and found.crs.to_epsg() == 2154
    assert list(found.index) == [place.code for place in qpv()]
    assert found.area.min() > 1e4 and found.area.max() < 5e6


def test_an_indicator_and_a_portrait_are_those_of_the_pages(figures):
    name = "taux_pauvrete_60"
    assert len(qpvlib.indicator(name)) == (figures["indicateur"] == name).sum()
    found = qpvlib.portrait("Saint Henri")
    read = {r.indicator.id: r for r in portraits.portrait("QN01303I", portraits.store()).readings}
    assert list(found.index) == list(read)
    for row in found.itertuples():
        assert row.etat == read[row.Index].observation.state
        assert row.perimetre == read[row.Index].perimeter.code


def test_a_wrong_name_is_said_in_french():
    with pytest.raises(UnknownIndicatorError, match="taux_pauvrete_60"):
        qpvlib.indicator("taux_pauvrete")
    with pytest.raises(InvalidParameterError, match="portrait"):
        qpvlib.portrait("13055")
    with pytest.raises(AttributeError):
        qpvlib.nothing  # noqa: B018


def test_the_readme_runs_as_written():
    (code,) = re.findall(
        r"```python\n(.*?)```", (REPOSITORY / "README.md").read_text("utf-8"), re.S
    )
    code = f"import matplotlib; matplotlib.use('svg')\n{code}\nprint(len(chiffres), len(la_viste))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [int(n) > 30 for n in done.stdout.split()] == [True, True]
