"""What the study may say: A describes, always; B estimates effects, target by target."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

RIBBON = "exploratoire"


@dataclass(frozen=True)
class Track:
    """The track of the study and of each target.

    Attributes
    ----------
    starts
        First treated year of each target on track B; empty on track A.
    reasons
        French sentences: why track B is closed, for the study or for some targets.
    """

    starts: Mapping[str, int]
    reasons: tuple[str, ...]

    @property
    def causal(self) -> bool:
        """True on track B: causal sentences are allowed, about the targets of `starts`."""
        return bool(self.starts)

    @property
    def ribbon(self) -> str:
        """Word printed across the estimates of track A, blank on track B."""
        return "" if self.causal else RIBBON


def decide(
    blank: bool,
    register: pd.DataFrame | None,
    sealed: bool,
    targets: list[str],
    windows: list[tuple[int, ...]],
) -> Track:
    """Decide the track of each target.

    Parameters
    ----------
    blank
        Whether the protocol says that no intervention is studied.
    register
        Columns ``territoire`` and ``debut`` (date of the extra intervention); None without one.
    sealed
        Whether this very register is in the seal.
    targets
        The target territories.
    windows
        Years compared, by primary outcome.
    """
    if blank:
        return Track({}, ("Étude à blanc : aucune intervention n'est étudiée.",))
    if register is None or register.empty:
        return Track({}, ("Il n'y a pas de registre daté des interventions.",))
    if not sealed:
        return Track(
            {},
            ("Le registre des interventions n'est pas celui du sceau : enregistrez un avenant.",),
        )
    dates = register.dropna(subset=["debut"]).groupby("territoire")["debut"].min()
    undated, later, without = [], [], []
    starts = {}
    for target in targets:
        if target not in dates:
            undated.append(target)
        elif any(dates[target].year > max(years) for years in windows):
            later.append(target)
        elif any(dates[target].year <= min(years) for years in windows):
            without.append(target)
        else:
            starts[target] = int(dates[target].year)
    reasons = [
        f"{told} : {', '.join(names)}."
        for told, names in (
            ("Intervention sans date", undated),
            ("Pas encore traitée dans la dernière année publiée", later),
            ("Aucune année publiée avant l'intervention", without),
        )
        if names
    ]
    if len(starts) < 2:
        return Track({}, (*reasons, "Moins de deux cibles traitées dans les séries."))
    return Track(starts, tuple(reasons))
