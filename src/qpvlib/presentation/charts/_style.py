"""What the charts share: colours, sizes of text, axes in French.

Charts are 284 units wide with text of 10 to 12 units: never under 9 pixels on a screen of 320, and
the size of the page's text on a desk.
"""

from matplotlib.axis import Axis
from matplotlib.ticker import MaxNLocator

from qpvlib.numerals import number
from qpvlib.presentation.figure import BLUE as BLUE

# Okabe and Ito's palette, told apart by colour-blind readers and on a dark page.
FOCUS, GREEN, GREY, BAND = "#d55e00", "#009e73", "#8a8a8a", "#8fa3bf"
# Inches of a chart's width; points of the text.
WIDTH = 3.95
SMALL, TEXT = 10, 11.5


def scale(axis: Axis) -> None:
    """Give an axis a few round French numbers."""
    axis.set_major_locator(MaxNLocator(3))
    axis.set_major_formatter(lambda tick, _: number(tick, 2).rstrip("0").rstrip(","))
