"""From quartiers to a group of them: sums where sums are allowed, a range everywhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from qpvlib.catalogue import Indicator
from qpvlib.errors import MixedGeographyError, NotAdditiveError
from qpvlib.observations import VALUE, Observation
from qpvlib.territories import Territory


@dataclass(frozen=True)
class Spread:
    """How a figure is distributed over the quartiers of a group, each counting once.

    Attributes
    ----------
    observations
        One per quartier, all states, all of one geography and one vintage.
    lowest, highest
        The published extremes, of a spread that has some.
    middle
        Median of the published quartiers: half of them are below. Not an estimate for the
        population of the group; ``None`` where fewer than half of the quartiers are published.
    complete
        Whether every quartier is published.
    """

    observations: tuple[Observation, ...]

    @property
    def published(self) -> tuple[Observation, ...]:
        """The quartiers with a value, from the lowest to the highest."""
        values = (o for o in self.observations if o.is_value)
        return tuple(sorted(values, key=lambda o: (o.value, o.territory)))

    @property
    def lowest(self) -> Observation:
        """The quartier with the lowest published value, where one is published."""
        return self.published[0]

    @property
    def highest(self) -> Observation:
        """The quartier with the highest published value, where one is published."""
        return self.published[-1]

    @property
    def middle(self) -> float | None:
        """Median of the published values, if they are half of the quartiers at least."""
        if not self.published or 2 * len(self.published) < len(self.observations):
            return None
        return median(o.amount for o in self.published)

    @property
    def complete(self) -> bool:
        """Whether every quartier is published."""
        return len(self.published) == len(self.observations)

    def median(self, group: Territory) -> Observation:
        """Return the median quartier, as a figure of its group, where there is one."""
        if self.middle is None:
            raise ValueError(f"{group.code}: too few quartiers are published for a median.")
        return self.figure(group, self.middle)

    def figure(
        self,
        group: Territory,
        value: float,
        numerator: float | None = None,
        denominator: float | None = None,
    ) -> Observation:
        """Return a figure computed from the published quartiers, as one about their group."""
        like = self.published[0]
        return Observation(
            group.code, group.geography, like.indicator, like.category, like.vintage,
            value, numerator, denominator, None, None, VALUE, like.source,
        )  # fmt: skip


@dataclass(frozen=True)
class Pooled:
    """A figure of a group, recomputed from what its quartiers publish.

    ``published`` out of ``total`` quartiers enter it: the masked ones are left out of both
    the numerator and the denominator, so that no difference can rebuild them.
    """

    value: float
    numerator: float
    denominator: float | None
    published: int
    total: int


def spread(observations: Sequence[Observation]) -> Spread:
    """Gather one figure of several quartiers.

    Raises
    ------
    MixedGeographyError
        If they belong to several geographies or vintages.
    """
    kinds = {(o.geography, o.vintage) for o in observations}
    if len({g for g, _ in kinds}) > 1 or len({v for _, v in kinds}) > 1:
        raise MixedGeographyError(
            "Des chiffres de géographies ou de millésimes différents ne peuvent pas être réunis "
            f"({', '.join(sorted(f'{g} {v}' for g, v in kinds))})."
        )
    return Spread(tuple(observations))


def pool(indicator: Indicator, observations: Sequence[Observation]) -> Pooled:
    """Return the figure of the group from the parts of its published quartiers.

    Counts are summed; percentages are recomputed from summed numerators and denominators.

    Raises
    ------
    NotAdditiveError
        For medians, deciles, and any rate published without its parts.
    MixedGeographyError
        See :func:`spread`.
    """
    published = spread(observations).published
    if indicator.additif and published:
        total = sum(o.amount for o in published)
        return Pooled(total, total, None, len(published), len(observations))
    parts = [(o.numerator, o.denominator) for o in published if o.numerator is not None]
    known = [(top, under) for top, under in parts if under]
    if not published or len(known) < len(published):
        raise NotAdditiveError(
            f"« {indicator.libelle} » ne se calcule pas pour un groupe de quartiers : "
            "ni somme ni moyenne n'ont de sens sans le numérateur et le dénominateur."
        )
    numerator, denominator = (sum(side) for side in zip(*known, strict=True))
    scale = 100 if indicator.unite == "%" else 1
    return Pooled(
        scale * numerator / denominator, numerator, denominator, len(published), len(observations)
    )
