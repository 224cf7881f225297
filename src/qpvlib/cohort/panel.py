"""The panel contract: one row per unit and period, whatever the study.

The libraries below each want other columns: :meth:`Panel.export` and this contract join them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from qpvlib.cohort.contract import (
    NBSP,
    STATES,
    absent_columns,
    calendar_problems,
    constancy_problems,
    first_treated_periods,
    geography_problems,
    key_problems,
    listed,
    numbers,
    outcome_problems,
)
from qpvlib.errors import EstimationError, Problem


@dataclass(frozen=True)
class Panel:
    """A validated long panel; build it with :meth:`read`.

    Attributes
    ----------
    data
        One row per observed unit-period, sorted, with the columns ``unit``, ``period`` (int),
        ``outcome``, ``first_treated`` (float, infinite when never treated), ``weight``,
        ``cluster`` and the covariates.
    covariates
        Names of the covariates, as in the table read.
    missing
        Cells of the grid unit x period that hold no outcome: ``unit``, ``period``,
        ``first_treated``, ``state`` (one of secret, non_disponible, sans_objet). They are
        counted, never filled.
    weighted
        Whether the weights were given (otherwise each row counts for one).
    notes
        French sentences about what was set aside while reading.
    """

    data: pd.DataFrame
    covariates: tuple[str, ...]
    missing: pd.DataFrame
    weighted: bool
    notes: tuple[str, ...] = ()

    @classmethod
    def read(
        cls,
        table: pd.DataFrame,
        *,
        unit: str,
        period: str,
        outcome: str,
        first_treated: str | None = None,
        treatment: str | None = None,
        exposure: str | None = None,
        start: int | None = None,
        weight: str | None = None,
        cluster: str | None = None,
        covariates: Sequence[str] = (),
        state: str | None = None,
        geography: str | None = None,
        drop_always_treated: bool = False,
    ) -> "Panel":
        """Validate any tidy table and return it in the common form.

        Parameters
        ----------
        table
            Long table, one row per unit and period; balanced or not.
        unit, period, outcome
            Column names. Periods are whole numbers (years, quarters numbered in order).
        first_treated
            Column of the first treated period of the unit; blank or infinite means never, and so
            does 0 unless some periods are negative.
        treatment
            Alternative to `first_treated`: a 0/1 column that switches on and stays on.
        exposure
            Share of each period under treatment, from 0 to 1 (0.5 for a start in July), read by
            :func:`qpvlib.cohort.did`; blank or absent: the whole period.
        start
            With `treatment` constant within units (a group dummy), the common first treated
            period.
        weight, cluster
            Columns of weights (positive, may vary over time) and of inference clusters, each
            unit belonging to one cluster (default: the unit).
        covariates
            Further numeric columns to keep; the estimators that use them refuse blanks.
        state
            Column saying why an outcome is blank (``secret``, ``non_disponible``,
            ``sans_objet``); without it a blank is ``non_disponible``.
        geography
            Column of the perimeter the figures refer to (``qpv2015``, ``qpv2024``, ``raccord``…):
            a panel holds one only.
        drop_always_treated
            Set aside units treated before or at the first period instead of refusing them.

        Raises
        ------
        EstimationError
            With every problem found.
        """
        named = [unit, period, outcome, first_treated, treatment, exposure, weight, cluster, state]
        needed = [name for name in [*named, geography, *covariates] if name is not None]
        problems = absent_columns(table, needed)
        if first_treated and treatment:
            problems.append(
                Problem(
                    "la première période traitée et l'indicatrice de traitement sont données.",
                    remedy="Gardez l'une des deux.",
                )
            )
        if problems:
            raise EstimationError(problems)
        columns = {"outcome": outcome, "period": period, "weight": weight, "exposure": exposure}
        columns |= {"treatment": treatment, "first_treated": first_treated}
        columns |= {name: name for name in covariates}
        dated = calendar_problems(table, period, first_treated)
        if dated:
            raise EstimationError(dated)
        data, problems = numbers(table, {new: old for new, old in columns.items() if old})
        data.insert(0, "unit", table[unit].to_numpy())
        data["cluster"] = table[cluster].to_numpy() if cluster else data["unit"]
        data["state"] = (
            table[state].to_numpy() if state else np.where(data["outcome"].isna(), STATES[1], "")
        )
        problems += key_problems(data, unit, period)
        if geography:
            problems += geography_problems(table[geography])
        if problems:
            raise EstimationError(problems)
        data["period"] = data["period"].astype(int)
        problems += outcome_problems(data, outcome)
        data["first_treated"], wrong = first_treated_periods(data, start)
        problems += wrong
        problems += constancy_problems(data)
        notes = []
        early = data["first_treated"] <= data["period"].min()
        if early.any() and drop_always_treated:
            names = data.loc[early, "unit"].unique()
            notes.append(
                f"Unités traitées avant le début du panel, écartées{NBSP}: {listed(names)}."
            )
            data = data[~early]
        elif early.any():
            problems.append(
                Problem(
                    "traitées dès la première période du panel, sans période antérieure"
                    f"{NBSP}: {listed(data.loc[early, 'unit'].unique())}.",
                    column=first_treated or treatment or "",
                    remedy="Retirez ces unités ou commencez le panel plus tôt.",
                )
            )
        if problems:
            raise EstimationError(problems)
        if not weight:
            data["weight"] = 1.0
        data = data.sort_values(["unit", "period"], ignore_index=True)
        observed = data["outcome"].notna()
        kept = ["unit", "period", "outcome", "first_treated", "weight", "cluster", *covariates]
        kept += ["exposure"] if exposure else []
        return cls(
            data=data.loc[observed, kept].reset_index(drop=True),
            covariates=tuple(covariates),
            missing=_missing(data),
            weighted=weight is not None,
            notes=tuple(notes),
        )

    @cached_property
    def periods(self) -> np.ndarray:
        """Sorted periods present."""
        return np.unique(self.data["period"])

    @cached_property
    def cohorts(self) -> np.ndarray:
        """Sorted first treated periods that fall inside the panel."""
        starts = self.units()["first_treated"]
        return np.unique(starts[starts <= self.periods.max()])

    @property
    def treated(self) -> pd.Series:
        """Boolean per row: the unit is under treatment in that period."""
        return self.data["period"] >= self.data["first_treated"]

    @property
    def dose(self) -> pd.Series:
        """Share of each row under treatment: 0 or 1, or less where the exposure says so."""
        if "exposure" not in self.data:
            return self.treated.astype(float)
        return self.data["exposure"].fillna(1.0).where(self.treated, 0.0)

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes, and how many units are not observed in every period and kept all the same."""
        notes = list(self.notes)
        if "exposure" in self.data:
            notes.append("La part de période sous traitement n'entre que dans did.")
        if partial := int((self.data.groupby("unit").size() < len(self.periods)).sum()):
            notes.append(
                f"Panel incomplet{NBSP}: {partial} unités ne sont pas observées à chaque période, "
                "et sont gardées pour les périodes où elles le sont."
            )
        return tuple(notes)

    def complete(self) -> "Panel":
        """Return the units observed in every period, the others set aside and counted in a note.

        Raises
        ------
        EstimationError
            When no unit is.
        """
        size = self.data.groupby("unit")["period"].transform("size")
        full = size == len(self.periods)
        if full.all():
            return self
        if not full.any():
            raise EstimationError(
                "Aucune unité n'est observée à toutes les périodes. Restreignez les périodes."
            )
        left = self.data.loc[~full, "unit"].nunique()
        note = f"Unités écartées, car non observées à chaque période{NBSP}: {left}."
        return replace(self.where(full), notes=(*self.notes, note))

    @property
    def balanced(self) -> bool:
        """Whether every unit is observed in every period."""
        return len(self.data) == len(self.units()) * len(self.periods)

    def units(self) -> pd.DataFrame:
        """Return one row per unit: ``first_treated``, ``cluster``, first observed ``weight``."""
        return self._units

    @cached_property
    def _units(self) -> pd.DataFrame:
        # Asked many times by every estimator: grouped once.
        return self.data.groupby("unit", sort=True)[["first_treated", "cluster", "weight"]].first()

    def export(self) -> pd.DataFrame:
        """Return the panel as other software reads it, for what this library does not do.

        Returns
        -------
        pd.DataFrame
            One row per observation: ``unit``, ``unit_id`` (from 1), ``period``, ``outcome``,
            ``first_treated`` (0: never; blank if some period is not positive), ``treated``
            (share under treatment), ``event_time`` (blank: never), ``weight``, ``cluster`` and
            the covariates. For instance, with `table` this result and `panel.csv` its CSV:

            * statsmodels: ``ols("outcome ~ treated + C(unit) + C(period)", table)``;
            * pyfixest: ``feols("outcome ~ treated | unit + period", table, {"CRV1": "cluster"})``,
              two-way clusters with ``{"CRV1": "cluster+period"}``;
            * diff-diff: ``CallawaySantAnna().fit(table, "outcome", "unit_id", "period",
              "first_treated")``, continuous doses with ``ContinuousDiD``;
            * R: ``feols(outcome ~ sunab(first_treated, period) | unit + period, panel)``,
              ``did::att_gt("outcome", "period", "unit_id", "first_treated", data = panel)``.
        """
        start = self.data["first_treated"]
        never = 0.0 if self.periods.min() > 0 else np.nan
        table = self.data.assign(
            unit_id=pd.factorize(self.data["unit"], sort=True)[0] + 1,
            first_treated=start.replace(np.inf, never),
            treated=self.dose,
            event_time=self.data["period"] - start.replace(np.inf, np.nan),
        )
        first = ["unit", "unit_id", "period", "outcome", "first_treated", "treated", "event_time"]
        return table[[*first, "weight", "cluster", *self.covariates]]

    def where(self, rows: pd.Series) -> "Panel":
        """Return the panel restricted to the rows where the boolean series is true."""
        data = self.data[rows].reset_index(drop=True)
        known = self.missing["unit"].isin(data["unit"])
        known &= self.missing["period"].isin(data["period"])
        return replace(self, data=data, missing=self.missing[known].reset_index(drop=True))

    def require(self, treated: int = 2, controls: int = 2) -> None:
        """Refuse a panel with too few treated or comparison clusters, or nothing to explain.

        Raises
        ------
        EstimationError
            With every reason found.
        """
        starts = self.units().groupby("cluster")["first_treated"].min()
        n_treated = int((starts <= self.periods.max()).sum())
        n_controls = int((starts > starts.min()).sum()) if n_treated else len(starts)
        problems = []
        if n_treated < treated:
            problems.append(
                f"{n_treated} grappe traitée alors qu'il en faut au moins {treated}{NBSP}: un "
                "écart ne se distingue pas d'un accident local. Utilisez le contrôle synthétique "
                "ou l'inférence par tirage."
            )
        if n_controls < controls:
            problems.append(
                f"{n_controls} grappe témoin alors qu'il en faut au moins {controls}. Ajoutez des "
                "témoins jamais traités ou traités plus tard."
            )
        if problems:
            raise EstimationError(problems)

    def collapse(self, start: int | pd.Series | None = None) -> pd.DataFrame:
        """Average each unit before and after the common start.

        Parameters
        ----------
        start
            First period of the after-window; by default the single cohort of the panel. By unit
            (a series): that of its matched group, its controls' as well, to be compared within.

        Returns
        -------
        pd.DataFrame
            Indexed by unit: ``pre``, ``post``, ``change``, ``treated`` (bool), ``weight`` (mean
            over the periods), ``cluster``.

        Raises
        ------
        EstimationError
            When no single start is known, when a window is empty, or when units are observed in
            different periods: means over different years differ by the trend alone.
        """
        if not self.balanced:
            raise EstimationError(
                "Les unités ne sont pas observées aux mêmes périodes\u00a0: leurs moyennes "
                "différeraient par la seule tendance. Gardez celles qui le sont toutes "
                "(complete=True, ou Panel.complete) ou restreignez les périodes."
            )
        if start is None:
            if len(self.cohorts) != 1:
                raise EstimationError(
                    f"{len(self.cohorts)} dates de début dans le panel{NBSP}: les moyennes avant "
                    "et après n'ont de sens qu'avec une seule. Utilisez les effets par cohorte, "
                    "ou indiquez la date."
                )
            start = int(self.cohorts[0])
        first = self.data["unit"].map(start) if isinstance(start, pd.Series) else start
        side = np.where(self.data["period"] < first, "pre", "post")
        means = self.data.groupby(["unit", side])["outcome"].mean().unstack()
        if set(means) != {"pre", "post"} or means.isna().any(axis=None):
            raise EstimationError("Aucune période avant, ou après, la date dans le panel.")
        units = self.units()
        means["change"] = means["post"] - means["pre"]
        means["treated"] = units["first_treated"] <= self.periods.max()
        means["weight"] = self.data.groupby("unit")["weight"].mean()
        means["cluster"] = units["cluster"]
        return means

    def attrition(self) -> pd.DataFrame:
        """Count the observed and missing cells by period and treatment arm.

        Returns
        -------
        pd.DataFrame
            Indexed by ``period`` and ``treated``; columns ``observed`` and one per state.
        """
        cells = pd.concat([self.data.assign(state="observed"), self.missing])
        cells = cells.assign(treated=cells["first_treated"] <= self.periods.max())
        counts = cells.groupby(["period", "treated", "state"]).size().unstack(fill_value=0)
        return counts.reindex(columns=["observed", *STATES], fill_value=0)


def _missing(data: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of the unit x period grid that hold no outcome."""
    grid = pd.MultiIndex.from_product(
        [data["unit"].unique(), np.unique(data["period"])], names=["unit", "period"]
    )
    cells = data.set_index(["unit", "period"])[["outcome", "state"]].reindex(grid)
    cells = cells[cells["outcome"].isna()].reset_index()
    starts = data.groupby("unit")["first_treated"].first()
    cells["first_treated"] = cells["unit"].map(starts)
    cells["state"] = cells["state"].fillna(STATES[1])
    return cells[["unit", "period", "first_treated", "state"]]
