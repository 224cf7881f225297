"""« Ce qui manque »: what is published by year, and which official file would give the rest."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import seaborn
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Patch

from qpvlib.catalogue import THEMES, Indicator, by_theme, indicators
from qpvlib.indicators.composites import composites
from qpvlib.numerals import counted
from qpvlib.observations import ALL, VALUE, Observations
from qpvlib.presentation.charts._style import GREY, SMALL, WIDTH
from qpvlib.presentation.figure import INK, Figure
from qpvlib.presentation.formats import years
from qpvlib.presentation.indicator_card import addresses, official_files
from qpvlib.presentation.markup import Html, fold, prose
from qpvlib.presentation.tables import Table
from qpvlib.territories import qpv

QUARTIERS = ("qpv2015", "qpv2024")
# How many of the quartiers a year has: colour (of the page for none) and words.
SHARES = (
    ("#ffffff", "aucun"),
    ("#e69f00", "moins de la moitié"),
    ("#56b4e9", "la moitié ou plus"),
    ("#1b6fb0", "tous"),
)
# Inches of a row and of what is above and below them all.
ROW, AROUND = 0.2, 0.7


def published(observations: Observations) -> Html:
    """Return the heat maps of what is published by quartier, a theme at a time."""
    grid = _published(observations)
    folds = Html("\n").join(
        fold(THEMES[theme], _heat_map(theme, grid), opened=rank == 0, name=theme.replace("_", "-"))
        for rank, theme in enumerate(THEMES)
    )
    return Html('<div class="qpv-choix" data-choix="Choisir un thème">{}</div>').format(folds)


def _published(observations: Observations) -> pd.DataFrame:
    """Return a class of :data:`SHARES` per indicator (rows, all of them) and year (columns).

    The perimeter that has the larger share of its quartiers counts.
    """
    frame = observations.frame
    known = frame[
        (frame["etat"] == VALUE) & (frame["modalite"] == ALL) & frame["geographie"].isin(QUARTIERS)
    ]
    counts = known.groupby(["indicateur", "millesime", "geographie"])["territoire"].nunique()
    totals = pd.Series({name: len(qpv(name)) for name in QUARTIERS})
    share = (counts / counts.index.get_level_values("geographie").map(totals)).rename("part")
    best = share.groupby(["indicateur", "millesime"]).max().unstack(fill_value=0.0)
    every = range(int(best.columns.min()), int(best.columns.max()) + 1)
    best = best.reindex(index=list(indicators()), columns=every, fill_value=0.0).fillna(0.0)
    return pd.DataFrame(np.select([best == 0, best < 0.5, best < 1], [0, 1, 2], 3),
                        best.index, best.columns)  # fmt: skip


def _heat_map(theme: str, grid: pd.DataFrame) -> Figure:
    entries = by_theme(theme)
    own = grid.loc[[entry.id for entry in entries]]
    some, half = int((own > 0).any(axis=1).sum()), int((own > 1).any(axis=1).sum())
    return Figure(
        _heat_drawing(own, [entry.libelle_court for entry in entries]),
        prose("{} : quartiers dont le chiffre est publié, par indicateur et par année.",
              THEMES[theme]),
        prose("{} : {} sur {} ont un chiffre par quartier, dont {} pour la moitié d'entre eux une "
              "année au moins.", THEMES[theme], counted(some, "indicateur(s)"), len(own), half),
        Table(
            prose("{} : années publiées, par quartier", THEMES[theme]),
            ("Indicateur", *(words.capitalize() for _, words in reversed(SHARES[1:]))),
            tuple(
                (entry.libelle, *(years(own.columns[own.loc[entry.id] == rank]) or "aucune"
                                  for rank in (3, 2, 1)))
                for entry in entries
            ),
        ),
        prose("Observations de cette édition, périmètres de 2015 et de 2024."),
    )  # fmt: skip


def _heat_drawing(own: pd.DataFrame, labels: list[str]) -> Drawing:
    height = AROUND + ROW * len(own)
    drawing = Drawing(figsize=(WIDTH, height))
    axes = drawing.add_axes((0.56, 0.02 / height, 0.4, ROW * len(own) / height))
    seaborn.heatmap(
        own, ax=axes, cmap=ListedColormap([colour for colour, _ in SHARES]), vmin=0,
        vmax=len(SHARES) - 1, cbar=False, linewidths=0.6, linecolor=GREY,
    )  # fmt: skip
    axes.set(xlabel="", ylabel="")
    axes.xaxis.tick_top()
    shown = range(len(own.columns) - 1, -1, -5)
    axes.set_xticks([place + 0.5 for place in shown], [str(own.columns[place]) for place in shown],
                    rotation=0)  # fmt: skip
    axes.set_yticks(np.arange(len(own)) + 0.5, labels, rotation=0)
    axes.tick_params(colors=INK, labelsize=SMALL, length=0)
    drawing.legend(
        handles=[Patch(facecolor=c, edgecolor=GREY, label=words) for c, words in SHARES],
        loc="upper left", bbox_to_anchor=(0, 1), ncol=2, frameon=False, fontsize=SMALL,
        labelcolor=INK, handlelength=1, handletextpad=0.5, columnspacing=1, borderaxespad=0,
    )  # fmt: skip
    return drawing


def nowhere(observations: Observations, link: Callable[[str], str]) -> Table:
    """Return the indicators that no file of this edition gives, at any level."""
    known = _known(observations)
    rows = [_row(entry, link) for name, entry in indicators().items() if name not in known]
    return Table(
        "Indicateurs sans aucun chiffre",
        ("Indicateur", "Fichier officiel", "Producteur", "Où le demander"),
        tuple(rows),
    )


def not_by_quartier(observations: Observations, link: Callable[[str], str]) -> Table:
    """Return the indicators that have figures of larger territories only."""
    known = _known(observations)
    rows = [
        _row(entry, link)
        for name, entry in indicators().items()
        if name in known and not known[name] & set(QUARTIERS)
    ]
    return Table(
        "Indicateurs connus pour la ville ou ses arrondissements, pas par quartier",
        ("Indicateur", "Fichier officiel", "Producteur", "Où le demander"),
        tuple(rows),
    )


def _known(observations: Observations) -> dict[str, set[str]]:
    published = observations.frame[observations.frame["etat"] == VALUE]
    return published.groupby("indicateur")["geographie"].agg(set).to_dict()


def _row(entry: Indicator, link: Callable[[str], str]) -> tuple[Html | str, ...]:
    files = official_files(entry)
    if entry.id in composites():
        files = ["celui de chacune de ses composantes"]
    return (
        Html('<a href="{}">{}</a>').format(link(entry.id), entry.libelle),
        " ; ".join(files) or prose("aucun format encore décrit"),
        entry.source,
        " ; ".join(dict.fromkeys(addresses(entry))) or prose("au producteur"),
    )
