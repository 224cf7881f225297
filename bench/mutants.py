"""What the tests of the core modules let through: ``make mutants``.

mutmut changes the code one place at a time and runs the tests of the module; a change that none of
them notices survives. Changes of the words of a message are left out: the tests that read them
look for the fact, not for its every letter. Prints the survival rate by module.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
MODULES = {
    "observations.py": "tests/test_observations.py",
    "reading/aggregate.py": "tests/test_reading_aggregate.py",
    "reading/compare.py": "tests/test_reading_compare.py",
    "disclosure.py": "tests/test_disclosure.py",
    "estimate.py": "tests/test_estimate.py",
    "intervals.py": "tests/test_intervals.py",
    "cohort/randomisation.py": "tests/test_cohort_randomisation.py",
}
SETTINGS = """
[tool.mutmut]
source_paths = ["src/qpvlib/{module}"]
only_mutate = ["src/qpvlib/{module}"]
pytest_add_cli_args = ["-n0", "-q", "-x", "-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = ["{tests}"]
also_copy = ["data", "tests", "suivi", "src/qpvlib"]
"""
_WORDS = re.compile(r"(f?\"[^\"]*[ '’][^\"]*\"|remedy=None|fact = None|Error\(None\)|remedy=)")


def survivors(module: str, tests: str, python: str) -> tuple[int, list[str]]:
    """Return how many changes were tried on a module, and those that survived, words apart."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "projet"
        ignored = shutil.ignore_patterns(".git", ".venv*", "_build", "brut", "mutants")
        shutil.copytree(REPOSITORY, place, ignore=ignored)
        settings = place / "pyproject.toml"
        written = SETTINGS.format(module=module, tests=tests)
        settings.write_text(settings.read_text("utf-8") + written, "utf-8")

        # The tool is not in the environment of the project: it is shown its packages.
        packages = f"{place / 'src'}:{sysconfig.get_paths()['purelib']}"
        paths = os.environ | {"PYTHONPATH": packages}

        def run(*words: str) -> str:
            command = [python, "-m", "mutmut", *words]
            done = subprocess.run(command, cwd=place, env=paths, capture_output=True, text=True)
            return done.stdout

        run("run", "--max-children", "2")
        told = re.findall(r"(\S+__mutmut_\d+): (\w+)", run("results", "--all", "true"))
        found = []
        for name in [name for name, verdict in told if verdict in ("survived", "no")]:
            lines = re.findall(r"^[-+](?![-+]) *(.*)$", run("show", name), re.MULTILINE)
            if not (lines and all(map(_WORDS.search, lines))):
                found.append(f"{name}\n    " + "\n    ".join(lines))
    return len(told), found


def main() -> int:
    """Print the survival rate of every module, or of those named."""
    python, *asked = sys.argv[1:]
    for module, tests in MODULES.items():
        if asked and module not in asked:
            continue
        tried, found = survivors(module, tests, str(Path(python).absolute()))
        print(f"{module:26}{len(found):4} sur {tried:4} : {100 * len(found) / max(tried, 1):.0f} %")
        print("".join(f"  {one}\n" for one in found), end="", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
