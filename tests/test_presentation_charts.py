"""Charts draw what the page says: the figures, their margins, the breaks and the masked years."""

from types import SimpleNamespace

import pytest

from fictional import CAR, EMPLOYMENT, INCOME, POVERTY, SAME, rows
from qpvlib.catalogue import indicator
from qpvlib.edition import rules
from qpvlib.presentation import charts
from qpvlib.presentation.charts import _strip, _style
from qpvlib.presentation.formats import data_tag
from qpvlib.reading import indicator as reading
from qpvlib.reading import portrait
from qpvlib.reading.aggregate import spread
from qpvlib.reading.gaps import gaps
from qpvlib.territories import qpv


@pytest.fixture(scope="module")
def store(make_store):
    return make_store(rows())


@pytest.fixture(scope="module")
def page(store):
    names = (POVERTY, INCOME, EMPLOYMENT, CAR)
    return [reading.read(indicator(name), SAME, store) for name in names]


def texts(figure) -> list[str]:
    return [t.get_text().replace("\u00a0", " ") for t in figure.drawing.axes[0].texts]


def test_the_strip_labels_each_row_with_its_year_and_figure_and_names_the_extremes(page):
    figure = charts.strip(page[:3])
    assert {"Taux de pauvreté, 2019", "30,0 %"} <= set(texts(figure))
    ends = sorted(text for text in texts(figure) if text.endswith((" 30,0 %", " 64,0 %")))
    assert [end.split(" ")[0] for end in ends] == ["Caillols", "Saint"]
    assert len(figure.table.rows) == 3


def test_a_long_extreme_keeps_its_name_when_the_other_is_short_and_the_line_never_overflows(
    page, monkeypatch
):
    long, short = "Les Tilleuls La Maurelette", "Benza"
    named = SimpleNamespace(short_name=long)
    monkeypatch.setattr(_strip, "get", lambda code: named)
    ends = [t for t in texts(charts.strip(page[:1])) if t.endswith((" 30,0 %", " 64,0 %"))]
    assert all("…" in end for end in ends) and sum(map(len, ends)) <= _strip.NAMES + 2
    names = iter((long, short))
    monkeypatch.setattr(_strip, "get", lambda code: SimpleNamespace(short_name=next(names)))
    drawn = texts(charts.strip(page[:1]))
    assert any(t.startswith(f"{long} ") for t in drawn)
    assert any(t.startswith(f"{short} ") for t in drawn)


def test_the_strip_says_which_figure_is_an_estimate(page, monkeypatch):
    monkeypatch.setattr(reading, "ESTIMATES", "source-fictive")
    assert "Taux de pauvreté, 2019, estimation" in texts(charts.strip(page[:1]))


def test_the_strip_is_the_same_each_time(page):
    assert charts.strip(page[:3]).html() == charts.strip(page[:3]).html()


def test_the_trends_in_percent_share_one_scale_from_zero(make_store):
    values = {(POVERTY, 2013): 20.5, (POVERTY, 2014): 30.5, ("part_impots", 2013): 1.5,
              ("part_impots", 2014): 2.5}  # fmt: skip
    store = make_store([("QP013003", name, year, v) for (name, year), v in values.items()])
    drawn = [reading.read(indicator(name), SAME, store) for name in (POVERTY, "part_impots")]
    drawing = charts.trend(drawn, store).drawing.replace("\u00a0", " ")
    assert drawing.count("<svg") == 2
    assert drawing.count(">30<") == 2 and drawing.count(">0<") == 2


def test_the_title_of_a_trend_does_not_repeat_its_unit(make_store):
    store = make_store([("QP013003", "defm_abc", year, 700.0 + year) for year in (2019, 2020)])
    figure = charts.trend([reading.read(indicator("defm_abc"), SAME, store)])
    assert ">Demandeurs d'emploi (ABC)<" in figure.drawing.replace("&#39;", "'")


def test_the_dots_are_ordered_by_name_or_value_with_masked_ones_in_words(make_store):
    store = make_store(
        [(c, n, y, None if c == "QP013003" else v) for c, n, y, v in rows() if y == 2019]
    )
    entry = indicator(POVERTY)
    group = reading.group(entry, store, "nord-littoral")
    names = [row[0] for row in charts.dots(group, entry).table.rows]
    assert names[0] == "Les Aygalades" and names[-1] == "La Viste"
    by_value = charts.dots(group, entry, by="valeur").table.rows
    assert by_value[-1][0] == "Saint Henri" and "secret" in by_value[-1][1]
    axes = charts.dots(group, entry).drawing.axes[0]
    worded = [t for t in axes.texts if t.get_text() == "secret\nstatistique"]
    heights = {line.get_ydata()[0]: line.get_xdata()[1] for line in axes.lines if line.get_alpha()}
    assert [heights[t.get_position()[1]] for t in worded] == [0.8], "the line stops before it"
    assert sorted(heights.values())[1:] == [1.0] * (len(heights) - 1)


def test_the_reference_of_the_dots_is_in_the_table(store):
    entry = indicator(POVERTY)
    city = store.get(POVERTY, "13055", vintage=2018)
    figure = charts.dots(reading.group(entry, store), entry, [city])
    assert figure.table.rows[-1][1] == data_tag(city, entry)
    assert "Marseille (26\u00a0%" in figure.caption


def test_margins_that_are_only_rounding_are_not_called_uncertainty(make_store):
    store = make_store([("QP013003", INCOME, 2019, 12_001.0), ("QP013005", INCOME, 2019, 13_000.0)])
    found = spread(store.across(INCOME, ["QP013003", "QP013005"], 2019))
    caption = charts.dots(found, indicator(INCOME)).caption
    assert "ce n'est pas une enquête" in caption.unescape()
    assert "Trait horizontal" not in caption


def test_the_classes_of_a_distribution_hold_every_published_quartier_once(store):
    found = gaps(portrait.panorama(indicator(POVERTY), store))
    figure = charts.distribution(found)
    counts = [int(row[1]) for row in figure.table.rows]
    heights = [round(bar.get_height()) for bar in figure.drawing.axes[0].patches]
    assert counts == heights and sum(counts) == len(found.panorama.spread.published)
    line = figure.drawing.axes[0].lines[-1].get_xdata()
    assert list(line) == [found.reference.value] * 2 and "Marseille" in figure.caption


def test_a_distribution_without_a_reference_or_of_one_value_draws_no_line(make_store):
    parks = make_store([(q.code, "nb_parcs_jardins", 2018, 0.0) for q in qpv()])
    figure = charts.distribution(gaps(portrait.panorama(indicator("nb_parcs_jardins"), parks)))
    assert [row[1] for row in figure.table.rows] == ["41"]
    assert "Trait vertical" not in figure.caption


def test_the_text_of_a_chart_is_legible_on_the_narrowest_screen():
    """On its 72 points an inch; the control of the built book measures each drawing."""
    assert _style.SMALL * rules.NARROW / (72 * _style.WIDTH) >= rules.LEGIBLE
