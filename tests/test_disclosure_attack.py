"""Nothing the book publishes lets a masked count be rebuilt by sums or differences.

The attacker knows every count of ``data/observations`` and every total of the pages, and which
IRIS make up which quartier: slivers under 2 % are neglected, to the attacker's advantage.
"""

from itertools import chain

import pandas as pd
import pytest

from qpvlib.catalogue import indicators
from qpvlib.disclosure import attack, membership
from qpvlib.edition import shipped
from qpvlib.observations import ALL, SECRET, VALUE
from qpvlib.paths import data, root
from qpvlib.presentation.formats import PUBLISHED
from qpvlib.reading import portrait
from qpvlib.territories import CITY, get, qpv, sectors, successors

SLIVER = 0.01
WIDTH = 5
"""A count known within five persons is known."""
PARTITIONS = {
    "sexe": ("femmes", "hommes"),
    "age": ("moins_25_ans", "26_49_ans", "50_ans_et_plus"),
    "niveau": (
        "niveau_inferieur_cap_bep", "niveau_cap_bep", "niveau_bac", "niveau_superieur_bac",
        "niveau_inconnu",  # in the total, never shown
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def store():
    return portrait.store()


@pytest.fixture(scope="module")
def composition(store):
    """Territory -> pieces: crossings of IRIS and quartiers, alone where nothing else is known."""
    weights = pd.read_csv(data() / "territoires" / "poids_iris_qpv2024.csv", dtype={"iris": str})
    weights = weights[weights["part"] > SLIVER]
    inside = weights.groupby("iris")["part"].sum()
    known = store.frame.loc[store.frame["geographie"] == "iris", "territoire"].unique()
    pieces = {iris: {(iris, "")} for iris in known if inside.get(iris, 0) < 1 - SLIVER}
    for row in weights.itertuples():
        for code in (row.iris, row.territoire):
            pieces.setdefault(code, set()).add((row.iris, row.territoire))
    for former in qpv("qpv2015"):
        same = [p.code_2024 for p in successors(former.code) if p.same]
        pieces[former.code] = pieces[same[0]] if same else {(former.code, "")}
    for number in range(1, 17):
        code = f"{13200 + number}"
        pieces[code] = {(code, "")}.union(*(p for t, p in pieces.items() if t[:5] == code))
    pieces[CITY] = set().union(*(pieces[f"{13200 + n}"] for n in range(1, 17)))
    pieces["QPV2015-FRANCE"] = {("ailleurs", "")}.union(*(pieces[q.code] for q in qpv("qpv2015")))
    return pieces


def members(cells: pd.Index, pieces: dict[str, set]) -> pd.DataFrame:
    rows = {(code, ALL): dict.fromkeys(pieces[code], 1) for code, _ in cells}
    return pd.DataFrame.from_dict(rows, orient="index").fillna(0).reindex(cells)


def counts(frame: pd.DataFrame) -> dict[tuple, pd.Series]:
    """Return what is published by (indicator, year), missing where it is masked."""
    found = {}
    plain = frame[(frame["modalite"] == ALL) & frame["etat"].isin([VALUE, SECRET])]
    for (name, year), rows in plain.groupby(["indicateur", "millesime"]):
        cells = rows.set_index(["territoire", "modalite"])
        part = cells["valeur" if indicators()[name].additif else "numerateur"]
        part = part[(cells["etat"] == SECRET) | part.notna()]
        if part.notna().any() and part.isna().any():
            found[name, year] = part
    return found


@pytest.fixture(scope="module", params=["store", "book"])
def frame(request, store):
    """What is attacked: the store, then everything the built book ships, where there is one."""
    if request.param == "store":
        return store.frame
    book = root() / "_build" / "html"
    if not (book / "index.html").is_file():
        pytest.skip("livre non construit : make livre")
    found = shipped.figures(book)
    found = found[(found["statistique"] == PUBLISHED) & found["millesime"].notna()]
    found = found[found["territoire"].isin(store.frame["territoire"].unique())]
    key = ["indicateur", "modalite", "territoire", "millesime"]
    found = found.sort_values("numerateur").drop_duplicates(key)  # the row that tells its parts
    return found.assign(geographie=found["territoire"].map(lambda code: get(code).geography))


def test_no_masked_count_is_rebuilt_across_territories(frame, store, composition):
    tried = 0
    for published in counts(frame).values():
        # The slivers and the rounding: without them the counts would contradict one another.
        precision = 0.5 + 2 * SLIVER * published.dropna()
        table = members(published.index, composition)
        assert attack(published, table, precision, WIDTH).empty
        tried += int(published.isna().sum())
    assert tried > (30 if frame is store.frame else 0)


def test_no_masked_count_is_rebuilt_across_categories(frame, store):
    seekers = frame[frame["indicateur"] == "defm_abc"]
    seekers = seekers[(seekers["geographie"] == "qpv2015") & seekers["etat"].isin([VALUE, SECRET])]
    tried = 0
    for names in PARTITIONS.values():
        kinds = {ALL: names} | {name: [name] for name in names}
        for _, rows in seekers[seekers["modalite"].isin(kinds)].groupby("millesime"):
            published = rows.set_index(["territoire", "modalite"])["valeur"]
            places = {code: [code] for code in rows["territoire"].unique()}
            table = membership(places, kinds)
            assert attack(published, table, 0.5, WIDTH).empty
            tried += int(published.isna().sum())
    assert tried > (20 if frame is store.frame else 0)


def test_the_totals_of_the_pages_hold_only_published_quartiers(store):
    for group in (None, *sectors()):
        for panorama in chain.from_iterable(portrait.panoramas(store, group).values()):
            if panorama.pooled is None:
                continue
            shown = panorama.spread.published
            field = "value" if panorama.indicator.additif else "numerator"
            total = sum(getattr(figure, field) for figure in shown)
            assert panorama.pooled.numerator == pytest.approx(total)


def test_the_attack_finds_a_quartier_made_of_whole_iris():
    """Fictitious counts: the quartier masked, both its IRIS published."""
    pieces = {"a": {("a", "")}, "b": {("b", "")}, "q": {("a", ""), ("b", "")}}
    cells = pd.MultiIndex.from_product([pieces, [ALL]])
    published = pd.Series([30.0, 12.0, None], index=cells)
    assert list(attack(published, members(cells, pieces), 0.5, WIDTH).index) == [("q", ALL)]
