"""Measure what one page costs: papermill with a kernel per notebook, and the engine in use."""

import time

import papermill

from qpvlib import paths
from qpvlib.edition import pages
from qpvlib.edition.publish import publish


def main() -> None:
    """Print the seconds per page of both ways, and those of a whole edition."""
    page = pages.portraits()[0]
    template = paths.root() / page.template
    start = time.perf_counter()
    papermill.execute_notebook(template, None, page.parameters, progress_bar=False)
    print(f"Un noyau par carnet : {time.perf_counter() - start:.1f} s pour {page}.")
    report = publish([page.code])
    print(f"Un processus par carnet, démarrage compris : {report.seconds:.1f} s pour {page}.")
    report = publish()
    rate = report.seconds / len(report.made)
    print(f"Édition entière : {report.lines()[-1]} Soit {rate:.2f} s par page.")


if __name__ == "__main__":
    main()
