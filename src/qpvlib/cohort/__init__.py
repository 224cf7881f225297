"""Scientific follow-up of targeted and control territories.

Every estimator takes the same contract, :class:`~qpvlib.cohort.panel.Panel`: one row per unit
and period, built by ``Panel.read`` from any tidy table, ours or a published study's. Units that
are never treated, treated at different dates, weighted, or not observed everywhere are
accepted; what cannot be estimated is refused in French by ``qpvlib.errors.EstimationError``,
all reasons at once and without an estimate.

>>> panel = Panel.read(table, unit="state", period="year", outcome="insured",
...                    first_treated="expansion", weight="population")   # doctest: +SKIP
>>> did(panel, kind="CR1")                                               # doctest: +SKIP
>>> group_time(panel, controls="not_yet_treated").overall                # doctest: +SKIP

Who does what
-------------
============== ==================================================================================
components     standardised ACP: contributions, cos², illustrative variables
typology       Ward and k-means classes, their number, v-tests, bootstrap stability
selection      allocation of targets, optimal triplets, public lottery, medoid/maximin fallback
borrowing      the warnings of the libraries below, in French or refused
assignment     which draws were possible: one rule for the lottery and for the inference
matching       Mahalanobis matching; ``balance``: standardised differences, variance ratios
panel          the contract, collapsed means, attrition; ``missing``: worst-case bounds
effects        two-way fixed effects, ANCOVA on collapsed means, event study
staggered      group-time effects, imputation, Bacon weights (by `diff-diff`);
               ``aggregation``: their averages, with the variance few clusters deserve
synthetic      synthetic control (own code); ``placebos``; ``sdid`` (by `diff-diff`)
randomisation  exact randomisation inference, interval by inversion, max-t
regression     weighted least squares (by `statsmodels`)
variance       iid, HC1, CR1 (by `statsmodels`), CR2 and its degrees of freedom, wild cluster
               bootstrap (by `diff-diff`)
multiplicity   Holm, Benjamini-Hochberg, standardised index
sensitivity    smooth departures from parallel trends, pre-trends, specification curve;
               ``relative_magnitude``: departures bounded by those seen before (own code)
power          minimum detectable effects, simulated and on real series
spatial        distance rings, Moran's index
============== ==================================================================================

Two estimands that look alike: ``did`` compares means over all periods before and after; the
event-study and group-time effects compare each period with the last one before the start.

Conventions of the variances: CR1 carries G/(G-1) (N-1)/(N-K), fixed effects nested in clusters
not counted in K, as fixest. Intervals use Student's law with G-1 degrees of freedom (CR1) or those
of Bell and McCaffrey (CR2). The jackknife (CRV3), doses, two-way clusters, repeated cross-sections:
``Panel.export`` gives the panel to the software that does them.
"""

from qpvlib.cohort.assignment import Design
from qpvlib.cohort.effects import EventStudy, ancova, did, event_study
from qpvlib.cohort.panel import Panel
from qpvlib.cohort.placebos import leave_one_out, placebos_in_space
from qpvlib.cohort.randomisation import randomisation_test
from qpvlib.cohort.sdid import synthetic_did
from qpvlib.cohort.staggered import bacon, group_time, imputation
from qpvlib.cohort.synthetic import Predictor, synthetic_control
from qpvlib.cohort.variance import Estimate

__all__ = [
    "Design",
    "Estimate",
    "EventStudy",
    "Panel",
    "Predictor",
    "ancova",
    "bacon",
    "did",
    "event_study",
    "group_time",
    "imputation",
    "leave_one_out",
    "placebos_in_space",
    "randomisation_test",
    "synthetic_control",
    "synthetic_did",
]
