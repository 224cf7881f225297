"""Charts: a quartier among the others, its change over time, the quartiers side by side."""

from qpvlib.presentation.charts._distribution import distribution
from qpvlib.presentation.charts._dots import dots
from qpvlib.presentation.charts._gaps import VERDICTS, beside, finding, gaps
from qpvlib.presentation.charts._sexes import sexes
from qpvlib.presentation.charts._strip import strip
from qpvlib.presentation.charts._trend import trend

__all__ = [
    "VERDICTS",
    "beside",
    "distribution",
    "dots",
    "finding",
    "gaps",
    "sexes",
    "strip",
    "trend",
]
