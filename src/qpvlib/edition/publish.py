"""Making the pages: every notebook in its own process, all cores busy, failures named."""

import multiprocessing
import os
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from tqdm import tqdm

from qpvlib import commit, paths
from qpvlib.edition import engine, kept, toc
from qpvlib.edition.finish import finish
from qpvlib.edition.pages import Page, page, pages
from qpvlib.errors import EditionError, Problem, QpvError

SECONDS, BYTES = 900, 8 * 2**30
"""What one notebook may take: ten times what the longest does."""
# What every notebook imports and reads; done once, then inherited by each process.
WARM = "qpvlib.edition.warm"


@dataclass(frozen=True)
class Report:
    """What an edition made: pages, failures (one sentence each), and its time in seconds.

    ``kept`` counts the pages left as they were, made of the same inputs.
    """

    made: tuple[Page, ...]
    failures: tuple[Problem, ...]
    seconds: float
    kept: int = 0

    def lines(self) -> tuple[str, ...]:
        """Return the sentence to print."""
        count, total = len(self.made), len(self.made) + len(self.failures)
        missing = f" sur {total}" if self.failures else ""
        same = f" ; inchangées : {self.kept}" if self.kept else ""
        return (f"Pages produites : {count}{missing}, en {self.seconds:.0f} s{same}.",)


def publish(
    codes: Iterable[str] | None = None, processes: int | None = None, whole: bool = False
) -> Report:
    """Make the pages of these territories, or the whole book and its table of contents.

    The former version of a page that fails is removed: left in the book, it would pass for
    current.

    Parameters
    ----------
    codes
        Codes or names; every page of the book when absent.
    processes
        How many notebooks run at a time; as many as there are cores when absent.
    whole
        Whether to make again the pages whose inputs have not changed.

    Raises
    ------
    EditionError
        If ``book/sommaire.yml`` and the pages of ``book/`` disagree.
    """
    with commit.working("qpv edition", alone=False):
        return _publish(codes, processes, whole)


def _publish(codes: Iterable[str] | None, processes: int | None, whole: bool) -> Report:
    start = time.perf_counter()
    if codes is None:
        toc.write()
    asked = pages() if codes is None else tuple(dict.fromkeys(page(code) for code in codes))
    memory = kept.Memory()
    wanted = tuple(one for one in asked if whole or not memory.holds(one))
    kind = _processes() if wanted else BaseProcess
    reasons: dict[Page, str] = {}
    pool = ThreadPoolExecutor(processes or os.cpu_count())
    try:
        futures = {pool.submit(_apart, kind, one): one for one in wanted}
        for future in tqdm(
            as_completed(futures), total=len(wanted), desc="Édition", unit="page", disable=None
        ):
            reasons[futures[future]] = future.result()
    finally:
        pool.shutdown(cancel_futures=True)
        memory.note(one for one, reason in reasons.items() if not reason)
    return Report(
        tuple(one for one in wanted if not reasons[one]),
        tuple(Problem(reasons[one], str(one)) for one in wanted if reasons[one]),
        time.perf_counter() - start,
        len(asked) - len(wanted),
    )


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
        _remove(one)
        raise
    if finished.csv is None:
        table.unlink(missing_ok=True)
    else:
        paths.write_atomically(table, finished.csv)
    paths.write_atomically(output, finished.notebook)


def _remove(one: Page) -> None:
    output = paths.root() / one.output
    for file in (output, output.with_suffix(".csv")):
        file.unlink(missing_ok=True)


def _processes() -> type[BaseProcess]:
    """Return the kind of process that begins with everything imported, where there is one."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn").Process
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([WARM])
    # What a page fails on is told by its report: the server itself would speak English.
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            forkserver.ensure_running()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
    return context.Process


def _apart(kind: type[BaseProcess], one: Page) -> str:
    """Make one page in a process of its own and return why it failed, or nothing."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = kind(target=_worker, args=(one, str(paths.root()), sender))
    begun = False
    try:
        process.start()
        sender.close()
        begun = receiver.recv()
        if not receiver.poll(SECONDS):
            process.kill()
            _remove(one)
            reason = f"plus de {SECONDS // 60} minutes : le carnet est arrêté."
        else:
            reason = receiver.recv()
        process.join()
    except (EOFError, OSError, MemoryError):
        if process.pid is not None:
            process.join()
        code = "" if process.pid is None else f" (code {process.exitcode})"
        reason = f"le processus s'est arrêté brutalement{code} : la mémoire suffit-elle ?"
        if not begun and process.pid is not None:
            # Nothing ran: what is there is what there was.
            return (
                f"le processus n'a pas démarré{code}. Un programme qui appelle publish() le fait "
                'sous « if __name__ == "__main__": ».'
            )
        _remove(one)
    return reason


def _worker(one: Page, root: str, sender: Connection) -> None:
    sender.send(True)
    # The process it was forked from may have been started from another folder.
    os.environ["QPV_RACINE"] = root
    threading.Thread(target=_follow, daemon=True).start()
    try:
        with suppress(ImportError):  # not on Windows
            import resource

            resource.setrlimit(resource.RLIMIT_DATA, (BYTES, BYTES))
        make(one)
        sender.send("")
    except QpvError as error:
        sender.send(str(error))
    except MemoryError:
        sender.send("la mémoire de l'ordinateur ne suffit pas.")
    except Exception as error:
        sender.send(f"{type(error).__name__} ({error}).")


def _follow() -> None:
    """End with the command: killed, it leaves no notebook at work."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
