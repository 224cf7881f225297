"""Making the pages: every notebook in its own process, all cores busy, failures named."""

import multiprocessing
import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing.context import BaseContext

from tqdm import tqdm

from qpvlib import paths
from qpvlib.edition import engine
from qpvlib.edition.finish import finish
from qpvlib.edition.pages import Page, page, pages
from qpvlib.errors import EditionError, Problem, QpvError

# What every notebook imports and reads; done once, then inherited by each process.
WARM = "qpvlib.edition.warm"


@dataclass(frozen=True)
class Report:
    """What an edition made: the pages, and the time it took in seconds."""

    made: tuple[Page, ...]
    seconds: float

    def lines(self) -> tuple[str, ...]:
        """Return the sentences to print, the figures last."""
        word = "pages produites" if len(self.made) > 1 else "page produite"
        return (f"{len(self.made)} {word} en {self.seconds:.0f}\u00a0s.",)


def publish(codes: Iterable[str] | None = None, processes: int | None = None) -> Report:
    """Make the pages of these territories, or all of them.

    Parameters
    ----------
    codes
        Codes or names; every page of the book when absent.
    processes
        How many notebooks run at a time; as many as there are cores when absent.

    Returns
    -------
    Report
        When every page was made.

    Raises
    ------
    EditionError
        With each page that failed and its reason, once all the others are made. The former
        version of a page that failed is removed: left in the book, it would pass for current.
    """
    wanted = pages() if codes is None else tuple(dict.fromkeys(page(code) for code in codes))
    start = time.perf_counter()
    context = _context()
    failures: dict[Page, str] = {}
    pool = ThreadPoolExecutor(processes or len(os.sched_getaffinity(0)))
    try:
        futures = {pool.submit(_apart, context, one): one for one in wanted}
        for future in tqdm(
            as_completed(futures), total=len(wanted), desc="Édition", unit="page", disable=None
        ):
            if reason := future.result():
                failures[futures[future]] = reason
    finally:
        pool.shutdown(cancel_futures=True)
    made = tuple(one for one in wanted if one not in failures)
    report = Report(made, time.perf_counter() - start)
    if failures:
        count = f"{len(failures)} sur {len(wanted)}"
        raise EditionError(
            [
                *(Problem(failures[one], f"{one}") for one in wanted if one in failures),
                Problem(f"Pages en échec\u00a0: {count}. Corrigez puis relancez qpv edition."),
            ]
        )
    return report


def make(one: Page) -> None:
    """Make one page in this process: run its notebook, finish it, write its files.

    Raises
    ------
    QpvError
        If the notebook fails; the page's former files are then removed.
    """
    root = paths.root()
    output = root / one.output
    table = output.with_suffix(".csv")
    try:
        template = root / one.template
        if not template.is_file():
            raise EditionError(f"le carnet {one.template} n'existe pas.")
        finished = finish(engine.execute(template, one.parameters), one)
    except BaseException:
        output.unlink(missing_ok=True)
        table.unlink(missing_ok=True)
        raise
    if finished.csv is None:
        table.unlink(missing_ok=True)
    else:
        paths.write_atomically(table, finished.csv)
    paths.write_atomically(output, finished.notebook)


def _context() -> BaseContext:
    """Return a way to start processes that begin with everything imported, where there is one."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([WARM])
    return context


def _apart(context: BaseContext, one: Page) -> str:
    """Make one page in a process of its own and return why it failed, or nothing."""
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_worker, args=(one, sender))
    process.start()
    sender.close()
    try:
        reason = receiver.recv()
    except EOFError:
        process.join()
        reason = f"le processus s'est arrêté brutalement (code {process.exitcode})."
        (paths.root() / one.output).unlink(missing_ok=True)
    process.join()
    return reason


def _worker(one: Page, sender) -> None:
    try:
        make(one)
        sender.send("")
    except QpvError as error:
        sender.send(str(error))
    except Exception as error:
        sender.send(f"{type(error).__name__} ({error}).")
