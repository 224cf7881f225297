"""Figures as they are printed: French numbers, units, states in words, and their signing tag."""

from collections.abc import Callable, Iterable

from qpvlib import intervals
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
# A count per 1,000 inhabitants, and that of the median quartier.
RATE, RATE_MEDIAN = "pour_1000_habitants", "mediane_pour_1000_habitants"
# A quartier's figure minus that of the city, or minus the median quartier.
CITY_GAP, MEDIAN_GAP = "ecart_ville", "ecart_mediane"
# The figure of women minus that of men, or minus that of everyone.
MEN_GAP, WHOLE_GAP = "ecart_hommes", "ecart_ensemble"
# A gap between targets and controls of the follow-up.
FOLLOWED = "ecart_suivi"
# Skew of an interval, as a share of its length, from which both of its ends are written.
SKEW = 0.1
GAPS = (CITY_GAP, MEDIAN_GAP, MEN_GAP, WHOLE_GAP)


def raw(value: float) -> str:
    """Return the shortest text that reads back as exactly this number."""
    return repr(float(value)).removesuffix(".0")


def value(figure: Observation | float, indicator: Indicator) -> str:
    """Return a figure with its unit, or its state in words."""
    if isinstance(figure, Observation):
        if not figure.is_value:
            return state(figure)
        return number(figure.amount, decimals(figure, indicator)) + symbol(indicator)
    return number(figure, indicator.decimales) + symbol(indicator)


def decimals(figure: Observation, indicator: Indicator) -> int:
    """Return how many decimals a figure is printed with: none that its producer rounded away."""
    coarse = figure.low is not None and figure.high is not None and figure.high - figure.low >= 1
    known = figure.interval in (intervals.ROUNDING, intervals.PUBLISHED) and coarse
    return 0 if known and figure.amount.is_integer() else indicator.decimales


def symbol(indicator: Indicator) -> str:
    """Return the unit as written after a number, its no-break space included."""
    for unit, text in SYMBOLS.items():
        if indicator.unite.startswith(unit):
            return text
    return ""


def state(observation: Observation) -> str:
    """Return in words why there is no figure; empty for a figure."""
    return STATES.get(observation.state, "")


def bounds(figure: Observation, indicator: Indicator) -> tuple[float, float] | None:
    """Return the ends of the interval of a figure, as written beside it and as drawn.

    ``None`` when it is unknown, or nothing but the last decimal of the printed figure.
    """
    low, high = figure.low, figure.high
    if low is None or high is None or high - low <= 10**-indicator.decimales * (1 + 1e-9):
        return None
    return low, high


def interval(
    figure: Observation,
    indicator: Indicator,
    statistic: str | None = None,
) -> Html:
    """Return ``± 1,2 point``, or ``de 0,8 à 11,3`` when the bounds are not symmetrical, signed.

    Parameters
    ----------
    figure
        A figure with its interval; the text is empty where :func:`bounds` gives none.
    statistic
        As in :func:`data_tag`; the bounds of a gap have a sign.
    """
    ends = bounds(figure, indicator)
    if ends is None:
        return Html("")
    low, high = ends
    half = (high - low) / 2
    skew = abs(high + low - 2 * figure.amount)
    if skew > max(10**-indicator.decimales, SKEW * (high - low)):
        if statistic in GAPS:
            # The unit once: three words less in each of the 41 rows of a phone.
            start = signed(low, indicator).removesuffix(symbol(indicator)).split(" ")[0]
            text = f"de {start} à {signed(high, indicator)}"
        else:
            text = f"de {value(low, indicator)} à {value(high, indicator)}"
    else:
        digits = number(half, indicator.decimales)
        if decimals(figure, indicator) < indicator.decimales:
            digits = digits.rstrip("0").rstrip(",")
        unit = symbol(indicator)
        if indicator.unite.startswith("%"):
            unit = " points" if half >= 2 else " point"
        text = f"±{WIDE}{digits}{unit}"
    return Html('<span class="qpv-marge" data-bas="{}" data-haut="{}"{}>{}</span>').format(
        raw(low), raw(high), _identity(figure, statistic), text
    )


def bar_key(figure: Observation, statistic: str = PUBLISHED) -> str:
    """Return what a drawn bar says of the figure whose interval it shows, for the control."""
    facts = (figure.indicator, figure.territory, figure.vintage, figure.category, statistic)
    return "|".join(map(str, facts))


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
    written: Callable[[Observation, Indicator], str] = value,
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
        raw(observation.amount),
        _identity(observation, statistic),
        written(observation, indicator),
    )


def with_margin(observation: Observation, indicator: Indicator) -> Html:
    """Return a printed figure, signed, followed by its interval: ``48,3 % (± 2,0 points)``."""
    tag, within = data_tag(observation, indicator), interval(observation, indicator)
    return Html("{} ({})").format(tag, within) if within else tag


def gap_tag(gap: Observation, indicator: Indicator, statistic: str) -> Html:
    """Return a gap and its interval, ``+3,1 points (± 1,2 point)``, signed like a figure.

    Parameters
    ----------
    gap
        The gap as a figure with its bounds.
    statistic
        What is subtracted: :data:`CITY_GAP`, :data:`MEDIAN_GAP`, :data:`MEN_GAP` or
        :data:`WHOLE_GAP`.
    """
    within = interval(gap, indicator, statistic)
    return Html('<data class="qpv-chiffre" value="{}"{}>{}</data>{}').format(
        raw(gap.amount),
        _identity(gap, statistic),
        signed(gap.amount, indicator),
        Html(" ({})").format(within) if within else "",
    )


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
