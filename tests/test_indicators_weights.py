"""Weights from IRIS to quartiers equal a count on a fine mesh, and add up to the populations.

Drawn territories are fictitious; the last tests read the official files when they are there.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from qpvlib.errors import EstimationError
from qpvlib.indicators import weights
from qpvlib.territories import METRIC_CRS

EAST, NORTH = 890_000, 6_250_000
STEP = 20
"""Side, in metres, of the reference mesh; every drawn edge lies on it."""


def drawn(boxes, **columns):
    squares = [shapely.box(EAST + w, NORTH + s, EAST + e, NORTH + n) for w, s, e, n in boxes]
    return gpd.GeoDataFrame(columns, geometry=squares, crs=METRIC_CRS)


def towns():
    """Two by two cells of 200 m, three IRIS in strips that leave 100 m of sea in the east."""
    cells = drawn(
        [(x, y, x + 200, y + 200) for x in (0, 200) for y in (0, 200)],
        cellule=["a", "b", "c", "d"],
        population=[100.0, 40.0, 7.0, 0.0],
    )
    iris = drawn(
        [(0, 0, 300, 120), (0, 120, 300, 260), (0, 260, 300, 400)], code=["i1", "i2", "i3"]
    )
    return cells, iris


def meshed(cells, iris, quartiers, built=None):
    """Slow reference: spread people over the small squares of a mesh, then count them."""
    x, y = np.meshgrid(np.arange(STEP / 2, 400, STEP), np.arange(STEP / 2, 400, STEP))
    x, y = EAST + x.ravel(), NORTH + y.ravel()

    def place(frame, column, default=None):
        found = np.full(len(x), default, object)
        for shape, value in zip(frame.geometry, frame[column], strict=True):
            found[shapely.contains_xy(shape, x, y)] = value
        return found

    mesh = pd.DataFrame(
        {
            "cellule": place(cells, "cellule"),
            "iris": place(iris, "code"),
            "territoire": place(quartiers, "code", weights.OUTSIDE),
            "bati": False if built is None else shapely.contains_xy(built.union_all(), x, y),
        }
    ).dropna(subset="iris")
    population = cells.set_index("cellule")["population"]
    parts = []
    for cell, squares in mesh.groupby("cellule"):
        chosen = squares[squares["bati"]] if squares["bati"].any() else squares
        parts.append(chosen.assign(population=population[cell] / len(chosen)))
    return pd.concat(parts).groupby(["iris", "territoire"])["population"].sum()


edges = st.lists(st.integers(0, 400 // STEP), min_size=4, max_size=4, unique=True).map(
    lambda values: [STEP * v for v in sorted(values)]
)


@settings(max_examples=12, deadline=None)
@given(edges, edges, st.booleans())
def test_pieces_match_a_count_on_a_fine_mesh(across, up, with_buildings):
    west, middle, _, east = across
    quartiers = drawn(
        [(west, up[0], middle, up[2]), (middle, up[1], east, up[3])], code=["Q1", "Q2"]
    )
    built = drawn([(across[0], up[0], across[3], up[1])]) if with_buildings else None
    cells, iris = towns()
    found = weights.pieces(cells, iris, quartiers, built).set_index(["iris", "territoire"])
    expected = meshed(cells, iris, quartiers, built)
    both = pd.DataFrame({"found": found["population"], "expected": expected}).fillna(0.0)
    np.testing.assert_allclose(both["found"], both["expected"], atol=1e-6)
    assert found["population"].sum() == pytest.approx(cells["population"].sum())


def crossed(rows):
    return pd.DataFrame(rows, columns=["iris", "territoire", "population"])


def test_raked_weights_keep_both_populations():
    before = crossed(
        [
            ["i1", "Q1", 30.0],
            ["i1", weights.OUTSIDE, 70.0],
            ["i2", "Q1", 10.0],
            ["i2", "Q2", 20.0],
            ["i2", weights.OUTSIDE, 60.0],
        ]
    )
    iris = pd.Series({"i1": 120.0, "i2": 100.0})
    published = pd.Series({"Q1": 55.0, "Q2": 30.0})
    found = weights.rake(before, iris, published)
    people = found.groupby("territoire")["population"].sum()
    assert people.to_dict() == pytest.approx(published.to_dict())
    rebuilt = (found["population"] / found["part"]).groupby(found["iris"]).mean()
    assert rebuilt.to_dict() == pytest.approx(iris.to_dict())


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.floats(1, 500), min_size=3, max_size=3), min_size=1, max_size=6))
def test_weights_always_sum_to_the_published_populations(rows):
    names = ["Q1", "Q2", weights.OUTSIDE]
    before = crossed(
        [[f"i{i}", q, v] for i, row in enumerate(rows) for q, v in zip(names, row, strict=True)]
    )
    published = pd.Series({"Q1": 60.0, "Q2": 25.0})
    iris = before.groupby("iris")["population"].sum() * 1.3
    found = weights.rake(before, iris, published)
    people = found.groupby("territoire")["population"].sum()
    assert people.to_dict() == pytest.approx(published.to_dict())
    assert (found.groupby("iris")["part"].sum() <= 1 + 1e-9).all()


def test_purity_is_the_share_of_the_iris_that_inhabitants_have_around_them():
    weighted = pd.DataFrame(
        [["i1", "Q1", 30.0, 1.0], ["i2", "Q1", 10.0, 0.2], ["i2", "Q2", 5.0, 0.1]],
        columns=["iris", "territoire", "population", "part"],
    )
    assert weights.purity(weighted).to_dict() == pytest.approx({"Q1": 0.8, "Q2": 0.1})


def test_the_grid_is_drawn_from_its_identifiers():
    table = pd.DataFrame({"idcar_200m": ["CRS3035RES200mN2244400E3955200"], "ind": [2.0]})
    cell = weights.grid(table).to_crs("EPSG:3035")
    np.testing.assert_allclose(
        cell.total_bounds, [3_955_200, 2_244_400, 3_955_400, 2_244_600], atol=0.01
    )


def test_each_quartier_is_judged_by_the_others():
    found = weights.leave_one_out(
        pd.Series({"a": 10.0, "b": 20.0, "c": 30.0}), pd.Series({"a": 13.0, "b": 23.0, "c": 36.0})
    )
    assert found["ecart"].tolist() == [3, 3, 6]
    assert found["ecart_hors"].tolist() == [-1.5, -1.5, 3]


BOW = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: weights.layer(drawn([(0, 0, 1, 1)], c=["a"]).set_crs(None, allow_override=True),
                               "c", "IRIS"), "projection inconnue"),
        (lambda: weights.layer(gpd.GeoDataFrame({"c": ["a"]}, geometry=[BOW], crs=METRIC_CRS),
                               "c", "QPV"), "se recoupent eux-mêmes\u00a0: a"),
        (lambda: weights.layer(drawn([(0, 0, 1, 1)] * 2, c=["a", "a"]), "c", "QPV"), "répétés"),
        (lambda: weights.grid(pd.DataFrame({"idcar_200m": ["N1E2"], "ind": [1]})), "mal formés"),
        (lambda: weights.grid(pd.DataFrame({"idcar_200m": ["CRS3035RES200mN0E0"], "ind": [-1]})),
         "négatives"),
        (lambda: weights.pieces(towns()[0].translate(1e6).to_frame("geometry")
                                .set_geometry("geometry").assign(cellule="a", population=1.0),
                                towns()[1], drawn([(0, 0, 20, 20)], code=["Q1"])),
         "ne se touchent nulle part"),
        (lambda: weights.pieces(*towns(), drawn([(0, 0, 90, 90), (30, 30, 120, 120)],
                                                code=["Q1", "Q2"])), "se chevauchent"),
        (lambda: weights.rake(crossed([["i", "Q1", 3.0]]), pd.Series({"i": np.nan}),
                              pd.Series({"Q1": 3.0})), "Populations d'IRIS"),
        (lambda: weights.rake(crossed([["i", "Q1", 3.0]]), pd.Series({"i": 3.0}),
                              pd.Series({"Q1": 0.0})), "quartier manquantes, nulles"),
        (lambda: weights.rake(crossed([["i", "Q1", 3.0]]), pd.Series({"i": 3.0}),
                              pd.Series({"Q1": 1.0, "Q2": 2.0})), "sans aucun carreau habité"),
        (lambda: weights.leave_one_out(pd.Series({"a": 1.0}), pd.Series({"a": 1.0})),
         "Moins de trois"),
    ],
)  # fmt: skip
def test_a_wrong_input_is_told_in_french(call, sentence):
    with pytest.raises(EstimationError, match=sentence):
        call()


@pytest.fixture(scope="module")
def marseille(shared):
    geo = shared / "data" / "geo"
    cells = weights.grid(pd.read_csv(geo / "filosofi_200m_ind_marseille.csv"))
    iris = weights.layer(
        gpd.read_file(geo / "iris_marseille_contours.geojson"), "CODE_IRIS", "IRIS"
    )
    qpv = weights.layer(gpd.read_file(geo / "qpv2024_marseille.geojson"), "code_qp", "QPV")
    specs = pd.read_csv(shared / "specs" / "qpv_2024.csv").set_index("code_2024")
    return weights.pieces(cells, iris, qpv), specs["population_municipale"].astype(float)


def test_even_spreading_undercounts_the_quartiers_of_marseille(marseille):
    """A quarter of the inhabitants are missed, from 5 to 76 % by quartier: hence the raking."""
    table = weights.coverage(*marseille)
    assert table["estimee"].sum() / table["publiee"].sum() == pytest.approx(0.742, abs=0.005)
    assert table["rapport"].min() == pytest.approx(0.24, abs=0.01)
    assert table["rapport"].max() == pytest.approx(0.95, abs=0.01)


def test_raking_gives_the_published_populations_of_marseille(marseille):
    spread, published = marseille
    iris = spread.groupby("iris")["population"].sum() * 863_941 / spread["population"].sum()
    found = weights.rake(spread, iris, published).groupby("territoire")["population"].sum()
    np.testing.assert_allclose(found.reindex(published.index), published)
