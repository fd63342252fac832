"""The documentation is executed: its commands run, and it names everything there is."""

import importlib.util
import re
import shlex
import shutil
from pathlib import Path

import pytest
from database_support import ON_POSTGRES

import calendars.feeds
import reminders.channels
import reminders.rules
from crm import cli, setting_specs

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CODES = {"daemon status": 1, "backup": 1 if ON_POSTGRES else 0}  # PostgreSQL brings its own tools for that


def commands(page):
    """The command lines in the page's console blocks, in order."""
    for block in re.findall(r"^```console\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        yield from (line.removeprefix("$ crm ") for line in block.splitlines() if line.startswith("$ crm "))


@pytest.mark.parametrize("page", [page for page in PAGES if any(commands(page))], ids=lambda page: page.name)
def test_the_commands_of_a_page_run_in_its_order(page, bare_crm, tmp_path, monkeypatch):
    """Typed one after the other in a new home, every command that a page shows succeeds."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "data" / "samples", "data/samples")
    if page.name != "README.md":
        bare_crm("init", "--start", "2026-01-05")
    for line in commands(page):
        bare_crm(*shlex.split(line), code=CODES.get(line, 0))


def test_the_reference_is_what_the_program_says():
    """docs/reference.md equals what `make docs` would write now."""
    written = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert written == "\n".join(writer("reference").lines()).rstrip() + "\n"


def test_the_table_of_completion_is_what_the_commands_say():
    """crm/completion_table.py equals what `make docs` would write now."""
    written = (ROOT / "crm" / "completion_table.py").read_text(encoding="utf-8")
    assert written == "\n".join(writer("completion").lines()) + "\n"


def writer(name):
    """The script in docs/ of that name."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def test_everything_is_in_the_reference():
    """Every command, setting, rule, channel and feed occurs in the reference."""
    written = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    names = [f"crm {name}" for name in cli.COMMANDS]
    names += [spec.name for spec in setting_specs.SPECS]
    names += [*reminders.rules.names(), *reminders.channels.names(), *calendars.feeds.names()]
    assert [name for name in names if f"`{name}" not in written] == []


def test_links_between_pages_lead_somewhere():
    """A relative link or picture in a page points at a file that is there."""
    for page in [*PAGES, *(ROOT / "docs" / "adr").glob("*.md"), ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
