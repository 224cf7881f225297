"""What the protocol's rule concludes: four words, its thresholds read and never written here."""

from dataclasses import dataclass

ESTABLISHED, HINT, EXCLUDED, INCONCLUSIVE = (
    "effet établi", "indice", "effet important exclu", "non concluant"
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """The thresholds of a protocol.

    Attributes
    ----------
    established, hint
        Largest p-values of an established effect (adjusted) and of a hint (not adjusted).
    stable
        Smallest share of the specifications with the sign of the estimate.
    equivalence
        Level of each of the two one-sided tests that exclude a large effect.
    """

    established: float
    hint: float
    stable: float
    equivalence: float


def verdict(
    value: float,
    rule: Rule,
    *,
    p: float,
    p_adjusted: float,
    honest: tuple[float, float] | None,
    same_sign: float,
    excluded: tuple[float, float],
    smallest: float,
) -> str:
    """Return the conclusion that the protocol's rule allows.

    Parameters
    ----------
    value
        The main estimate.
    rule
        The thresholds.
    p, p_adjusted
        Randomisation p-value, raw and adjusted over the primary outcomes.
    honest
        Smoothness interval at M = the largest kink before the start; None when not computable.
    same_sign
        Share of the specification curve with the sign of the estimate.
    excluded
        Interval of confidence 1 - 2 `rule.equivalence`: effects outside it are excluded.
    smallest
        Smallest effect of interest, positive.

    Returns
    -------
    str
        ``effet établi``, ``indice``, ``effet important exclu`` or ``non concluant``.
    """
    robust = honest is not None and (honest[0] > 0 if value > 0 else honest[1] < 0)
    if p_adjusted < rule.established and robust and same_sign >= rule.stable:
        return ESTABLISHED
    if p < rule.hint:
        return HINT
    if -smallest < excluded[0] and excluded[1] < smallest:
        return EXCLUDED
    return INCONCLUSIVE
