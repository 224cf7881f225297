"""A drawn bar that is not the interval written in its table is a defect; so is a missing one."""

import re

import pandas as pd
import pytest
from lxml import html

from fictional import EMPLOYMENT, INCOME, POVERTY, SAME, rows
from qpvlib.catalogue import indicator
from qpvlib.edition import drawings
from qpvlib.followup import plan
from qpvlib.presentation import charts, side_by_side
from qpvlib.presentation.charts import _strip
from qpvlib.presentation.figure import Figure
from qpvlib.presentation.followup import _common
from qpvlib.presentation.formats import bar_key
from qpvlib.presentation.tables import Table
from qpvlib.reading import gaps, portrait, sexes
from qpvlib.reading import indicator as reading

PLACE, YEAR = "QP013003", 2018


@pytest.fixture(scope="module")
def store(make_store):
    women = {"population_qpv": 2000.0, "part_femmes": 50.3, EMPLOYMENT: 40.0,
             f"{EMPLOYMENT}/femmes": 30.0}  # fmt: skip
    return make_store([*rows(), *((PLACE, name, YEAR, value) for name, value in women.items())])


def followed(across: bool):
    """Intervals of the follow-up, drawn along either axis."""
    outcome = plan.load().primary[0]
    table = pd.DataFrame({"low": [-1.234, 0.5], "high": [2.0, 0.75]})
    keys = [_common.bar_key(outcome, "cibles", year) for year in (2018, 2019)]
    drawing, made = _common.frame(3)
    _common.bars(made, [2018, 2019], table, keys, across=across)
    _common.marked(made, across=across)
    written = [(_common.interval(row.low, row.high, key=key),)
               for row, key in zip(table.itertuples(), keys, strict=True)]  # fmt: skip
    return Figure(drawing, "essai", "essai", Table("essai", ("Intervalle",), tuple(written)), "")


@pytest.fixture(scope="module", params=["strip", "dots", "gaps", "sexes", "upright", "across"])
def drawn(request, store):
    if request.param in ("upright", "across"):
        return followed(request.param == "across")
    if request.param == "strip":
        names = (POVERTY, INCOME, EMPLOYMENT)
        return charts.strip([reading.read(indicator(name), SAME, store) for name in names])
    if request.param == "sexes":
        return charts.sexes(sexes.pairs(portrait.details(SAME, store), store))
    entry = indicator(EMPLOYMENT)
    if request.param == "dots":
        return charts.dots(reading.group(entry, store), entry)
    return side_by_side.side_by_side(
        gaps.gaps(portrait.panorama(entry, store)), portrait.links("x")
    )


def page(figure) -> html.HtmlElement:
    whole = figure if isinstance(figure, str) else figure.html()
    return html.fragment_fromstring(str(whole), create_parent="div")


def test_every_kind_of_drawing_shows_the_intervals_it_writes(drawn):
    tree = page(drawn)
    assert tree.xpath("//*[@data-barre]") and tree.xpath("//*[@data-echelle]")
    assert list(drawings.faults(tree)) == []


def test_a_moved_bar_is_found(drawn):
    tree = page(drawn)
    bar = tree.xpath("//*[@data-barre]")[0].xpath("descendant-or-self::*[@d or @x1]")[0]
    if bar.get("x1"):
        bar.set("x1", f"{float(bar.get('x1').rstrip('%')) - 2}%")
    else:
        # One end moves, along the bar.
        ends = re.findall(r"-?[\d.]+", bar.get("d"))
        start = ends[1] if ends[0] == ends[2] else ends[0]
        bar.set("d", bar.get("d").replace(start, str(float(start) - 2), 1))
    (fault,) = drawings.faults(tree)
    assert "la barre de" in fault and "la marge écrite" in fault


def test_a_missing_bar_and_a_bar_without_a_margin_are_found(drawn):
    tree = page(drawn)
    bar = tree.xpath("//*[@data-barre]")[0]
    bar.set("data-barre", bar.get("data-barre").replace("|", "x|", 1))
    faults = list(drawings.faults(tree))
    assert len(faults) == 2
    assert "sans marge écrite" in faults[0] and "sans barre dessinée" in faults[1]


def test_the_bar_of_a_quartier_spans_its_interval_and_never_the_range_of_its_sector(store):
    """The reading of the code before: the sector's range replaced the interval of the figure."""
    found = reading.read(indicator(EMPLOYMENT), SAME, store)
    axes = charts.strip([found]).drawing.axes[0]
    lines = {line.get_gid() or "": line.get_xdata() for line in axes.lines}
    figure = found.observation
    low, high = map(
        float, next(g for g in lines if g.startswith("qpv-echelle")).split("=")[1].split("|")[:2]
    )
    ends = lines[f"qpv-barre={bar_key(figure)}"]
    assert [low + (high - low) * x for x in ends] == pytest.approx([figure.low, figure.high])
    band = [line for line in axes.lines if line.get_color() == _strip.BAND]
    assert len(band) == 1 and list(band[0].get_xdata()) != pytest.approx(list(ends))


def test_the_scale_keeps_its_decimals(store):
    """Coordinates are cut to hundredths; the values at the ends of a scale are not."""
    entry = indicator(EMPLOYMENT)
    figure = charts.dots(reading.group(entry, store), entry)
    ends = page(figure).xpath("//@data-echelle")[0].split("|")[:2]
    assert tuple(map(float, ends)) == figure.drawing.axes[0].get_xlim()
    assert len(ends[0].partition(".")[2]) > 2
