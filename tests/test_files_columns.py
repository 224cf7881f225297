"""Every column of a file is described, and so is each figure of the easy-to-read pages."""

import pytest

from qpvlib.errors import CatalogueError
from qpvlib.files import columns
from qpvlib.files.said import FORMS
from qpvlib.observations import STATES
from qpvlib.presentation.tables import CSV_COLUMNS
from qpvlib.reading.key_figures import outline


def test_the_columns_of_the_tables_and_the_states_are_told():
    assert all(columns.column(name).text for name in CSV_COLUMNS)
    assert tuple(columns.states()) == STATES


def test_an_unknown_column_is_refused():
    with pytest.raises(CatalogueError, match="n'y est pas décrite"):
        columns.column("inconnue")


def test_the_five_figures_of_the_portraits_are_said_easily():
    told = columns.falc()
    assert set(told) == set(outline().five)
    assert {entry["forme"] for entry in told.values()} <= set(FORMS)
