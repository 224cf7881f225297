"""What the repository says of itself is true: commands, versions, plan of the house."""

import importlib.util
import re
import tomllib

import pytest
import yaml

from edition_project import REPOSITORY


def read(name: str) -> str:
    return (REPOSITORY / name).read_text("utf-8")


def locked() -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", read("requirements.lock"), re.M))


def commands(program: str) -> set[str]:
    blocks = re.findall(r"```bash\n(.*?)```", read("README.md"), re.S)
    return set(re.findall(rf"^{program} (\w+)", "\n".join(blocks), re.M))


def test_the_commands_of_the_readme_are_targets_of_the_makefile():
    targets = set(re.findall(r"^(\w+):", read("Makefile"), re.M))
    assert {"livre", "test"} <= commands("make") <= targets


def test_the_commands_of_the_readme_and_makefile_are_those_of_the_program():
    if importlib.util.find_spec("qpvlib.cli") is None:
        pytest.skip("qpvlib.cli absent")
    from qpvlib.cli import main

    for name in commands("qpv") | set(re.findall(r"/qpv (\w+)", read("Makefile"))):
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0, name


def test_what_publishes_the_book_runs_targets_of_the_makefile_and_gives_the_book():
    workflow = read(".github/workflows/publier.yml")
    steps = yaml.safe_load(workflow)["jobs"]["construire"]["steps"]
    run = " ".join(step.get("run", "") for step in steps) + read("book/publier.md")
    asked = set(re.findall(r"\bmake (\w+)", run))
    assert {"livre", "navigateur"} <= asked <= set(re.findall(r"^(\w+):", read("Makefile"), re.M))
    assert steps[-1]["with"]["path"] == "_build/html"


def test_every_target_is_documented():
    makefile = read("Makefile")
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.M)[1].split())
    assert phony == set(re.findall(r"^(\w+):.*## ", makefile, re.M))


def test_the_conda_environment_has_the_versions_of_the_lock():
    *_, pip = yaml.safe_load(read("environment.yml"))["dependencies"]
    pinned = dict(line.split("==") for line in pip["pip"] if "==" in line)
    assert pinned == {name: locked().get(name) for name in pinned}
    project = tomllib.loads(read("pyproject.toml"))["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["dev"]
    assert set(pinned) == {re.match(r"[\w-]+", line)[0] for line in asked}


def test_the_lock_names_no_registry_and_hashes_everything():
    text = read("requirements.lock")
    assert "://" not in text
    assert all("--hash=sha256:" in entry for entry in re.split(r"^(?=\w)", text, flags=re.M)[1:])
    assert "setuptools" in locked()


def test_every_dependency_says_why():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["dev"]
    table = read("CONTRIBUTING.md").split("## Dépendances")[1]
    said = {
        name for row in re.findall(r"^\| ([\w, -]+) \|", table, re.M) for name in row.split(", ")
    }
    assert {re.match(r"[\w-]+", line)[0] for line in asked} <= said


def test_the_plan_of_the_house_shows_every_module():
    plan = read("CONTRIBUTING.md").split("```text")[1]
    named = set(re.findall(r"^  (\w+(?:\.py|/))", plan, re.M))
    rooms = re.findall(r"^  (\w+)/[^\n]*\n((?:    \w+\.py[^\n]*\n)+)", plan, re.M)
    package = REPOSITORY / "src" / "qpvlib"
    present = {path.name for path in package.glob("*.py")} | {
        f"{path.parent.name}/" for path in package.glob("*/__init__.py")
    }
    assert present - {"__init__.py"} <= named
    for room, lines in rooms:
        inner = set(re.findall(r"^    (\w+\.py)", lines, re.M))
        assert inner == {path.name for path in (package / room).glob("*.py")} - {"__init__.py"}
    assert len(rooms) > 1
