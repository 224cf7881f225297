"""A notebook runs with its parameters; a cell that fails or warns is named with its reason."""

import pytest

from edition_project import project, template, write_template  # noqa: F401
from qpvlib.edition.engine import execute
from qpvlib.errors import EditionError


def test_outputs_are_those_of_a_notebook(project):  # noqa: F811
    sources = (
        "print(code)",
        "from IPython.display import HTML, display\ndisplay(HTML('<b>1</b>'))\n'fin'",
        "import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])\nplt.show()",
    )
    path = write_template(project, "essai", template(*sources))
    cells = execute(path, {"code": "QN01304I"}).cells
    printed, shown, drawn = (cell.outputs for cell in cells[-3:])
    assert printed[0].text == "QN01304I\n"
    assert [output.data.get("text/html") for output in shown] == ["<b>1</b>", None]
    assert shown[1].data["text/plain"] == "'fin'"
    assert "image/png" in drawn[0].data


def test_nothing_remains_from_one_notebook_to_the_next(project):  # noqa: F811
    first = write_template(project, "premier", template("reste = 1"))
    second = write_template(project, "second", template("print('reste' in globals())"))
    execute(first, {"code": "QN01304I"})
    assert execute(second, {"code": "QN01304I"}).cells[-1].outputs[0].text == "False\n"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("1 / 0", "cellule 5 .* ZeroDivisionError"),
        ("from qpvlib.territories import get\nget('QN99999Z')", "n'est pas un code de territoire"),
        ("import sys\nprint('attention', file=sys.stderr)", "attention"),
        ("(", "SyntaxError"),
    ],
)
def test_a_failing_cell_is_named_with_its_reason(project, source, reason):  # noqa: F811
    path = write_template(project, "essai", template(source, "print('jamais')"))
    with pytest.raises(EditionError, match=reason) as raised:
        execute(path, {"code": "QN01304I"})
    assert "Traceback" not in str(raised.value)
