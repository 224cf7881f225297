"""Uncertainty of an estimate."""

import math


def half_width(
    percentage: float, population: float, sampling_rate: float = 0.4, deff: float = 2.0
) -> float:
    """Return the half-width of the 95 % interval of a survey percentage, in points.

    Parameters
    ----------
    percentage
        Published rate, between 0 and 100.
    population
        Units in the universe of the rate (persons, households…), not in the sample.
    sampling_rate
        Share of the universe that answered; a five-year census samples about 40 % of the
        dwellings of a large commune (Insee).
    deff
        Design effect; 2 is the prudent end of the usual range 1 to 2.

    Returns
    -------
    float
        Normal approximation with finite-population correction.
    """
    share = percentage / 100
    sample = population * sampling_rate
    variance = deff * share * (1 - share) / sample * (1 - sampling_rate)
    return 196 * math.sqrt(variance)
