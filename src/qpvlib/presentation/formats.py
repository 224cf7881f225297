"""Figures as they are printed: French numbers, units, states in words, and their signing tag."""

from collections.abc import Callable, Iterable

from qpvlib.catalogue import Indicator
from qpvlib.numerals import number
from qpvlib.observations import NOT_APPLICABLE, SECRET, UNAVAILABLE, Observation
from qpvlib.presentation.markup import Html, attributes
from qpvlib.typography import NARROW, WIDE

STATES = {
    SECRET: "secret statistique",
    UNAVAILABLE: "non disponible",
    NOT_APPLICABLE: "sans objet",
}
# What follows the number; the other units are said by the indicator's label.
SYMBOLS = {"%": f"{WIDE}%", "‰": f"{WIDE}‰", "euros": f"{NARROW}€"}
# What a printed number is: as published, or computed here for a group of quartiers.
PUBLISHED, MEDIAN, POOLED = "valeur", "mediane", "cumul"
# A quartier's figure minus that of the city, or minus the median quartier.
CITY_GAP, MEDIAN_GAP = "ecart_ville", "ecart_mediane"
# The figure of women minus that of men, or minus that of everyone.
MEN_GAP, WHOLE_GAP = "ecart_hommes", "ecart_ensemble"


def raw(value: float) -> str:
    """Return the shortest text that reads back as exactly this number."""
    return repr(float(value)).removesuffix(".0")


def value(figure: Observation | float, indicator: Indicator) -> str:
    """Return a figure with its unit, or its state in words."""
    if isinstance(figure, Observation):
        if not figure.is_value:
            return state(figure)
        figure = figure.value
    return number(figure, indicator.decimales) + symbol(indicator)


def symbol(indicator: Indicator) -> str:
    """Return the unit as written after a number, its no-break space included."""
    for unit, text in SYMBOLS.items():
        if indicator.unite.startswith(unit):
            return text
    return ""


def state(observation: Observation) -> str:
    """Return in words why there is no figure; empty for a figure."""
    return STATES.get(observation.state, "")


def uncertainty(margin: float | None, indicator: Indicator) -> str:
    """Return ``± 3,1 points``; empty when the margin is nothing but the rounding of the figure.

    Parameters
    ----------
    margin
        Half-width of the interval, in the indicator's unit.
    """
    if margin is None or margin <= 0.5 * 10**-indicator.decimales:
        return ""
    text = f"±{WIDE}{number(margin, indicator.decimales)}"
    if indicator.unite.startswith("%"):
        return f"{text} {'points' if margin >= 2 else 'point'}"
    return text + symbol(indicator)


def years(values: Iterable[int]) -> str:
    """Return years in words, runs shortened: ``2010, 2013 à 2015``."""
    runs: list[list[int]] = []
    for year in sorted({int(value) for value in values}):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{r[0]} à {r[-1]}" if len(r) > 2 else ", ".join(map(str, r)) for r in runs)


def data_tag(
    observation: Observation,
    indicator: Indicator,
    statistic: str | None = None,
    written: Callable[..., str] = value,
) -> Html:
    """Return a printed figure, signed with all that finds it again in the table and the CSV.

    ``statistic`` says how a figure that no source gives was computed: :data:`MEDIAN` (the median
    quartier of a group) or :data:`POOLED` (recomputed from what its quartiers publish);
    ``written`` how the number is written.
    """
    if not observation.is_value:
        return Html('<span class="qpv-etat"{}>{}</span>').format(
            _identity(observation), state(observation)
        )
    return Html('<data class="qpv-chiffre" value="{}"{}>{}</data>').format(
        raw(observation.value),
        _identity(observation, statistic),
        written(observation.value, indicator),
    )


def with_margin(observation: Observation, margin: float | None, indicator: Indicator) -> Html:
    """Return a printed figure, signed, followed by its margin: ``48,3 % (± 2,0 points)``.

    Parameters
    ----------
    margin
        See :func:`uncertainty`.
    """
    tag, interval = data_tag(observation, indicator), uncertainty(margin, indicator)
    return Html("{} ({})").format(tag, interval) if interval else tag


def gap_tag(gap: Observation, margin: float, indicator: Indicator, statistic: str) -> Html:
    """Return a gap and its interval, ``+3,1 points (± 1,2 point)``, signed like a figure.

    Parameters
    ----------
    gap, margin
        The gap as a figure with its bounds, and half of their distance.
    statistic
        What is subtracted: :data:`CITY_GAP`, :data:`MEDIAN_GAP`, :data:`MEN_GAP` or
        :data:`WHOLE_GAP`.
    """
    within = interval(gap, margin, indicator, signed)
    return Html('<data class="qpv-chiffre" value="{}"{}>{}</data>{}').format(
        raw(gap.value),
        _identity(gap, statistic),
        signed(gap.value, indicator),
        f" ({within})" if within else "",
    )


def interval(
    figure: Observation,
    margin: float | None,
    indicator: Indicator,
    written: Callable[[float, Indicator], str] = value,
) -> str:
    """Return ``± 1,2 point``, or ``de 0,8 à 11,3`` when the bounds are not symmetrical.

    Parameters
    ----------
    figure
        A figure, with its bounds if it has some.
    margin
        Half-width of its interval; the text is empty when that is nothing but its rounding.
    written
        How a bound is written.
    """
    text = uncertainty(margin, indicator)
    if not text or figure.low is None or figure.high is None:
        return text
    skew = abs(figure.high + figure.low - 2 * figure.value)
    if skew <= 10**-indicator.decimales:
        return text
    return f"de {written(figure.low, indicator)} à {written(figure.high, indicator)}"


def signed(value: float, indicator: Indicator) -> str:
    """Return a difference with its sign and its unit: ``+3,1 points``, ``−120 €``."""
    text = number(abs(value), indicator.decimales)
    if text.strip("0,"):
        text = f"{'+' if value > 0 else '−'}{text}"
    if indicator.unite.startswith("%"):
        return f"{text} {'points' if abs(value) >= 2 else 'point'}"
    return text + symbol(indicator)


def _identity(observation: Observation, statistic: str | None = None) -> Html:
    return attributes(
        data_indicateur=observation.indicator,
        data_territoire=observation.territory,
        data_millesime=observation.vintage,
        data_modalite=observation.category,
        data_etat=observation.state,
        data_statistique=statistic,
    )
