"""Completion in the shell: people, organizations and questions, at once and without loading the commands."""

import os
import subprocess
import sys

import pytest
from database_support import of_sqlite

from crm.completion import offered

pytestmark = of_sqlite  # names are looked up in a file only, see below


@pytest.fixture
def people(crm):
    """Jane Roe and José Diaz, an imported namesake of no tier, an archived one, a tag, a target and two questions."""
    crm("contact", "add", "Janet Imported")
    crm("contact", "tier", "janet", "none")
    crm("contact", "add", "Jane Roe", "--tag", "partners", "--context", "from the [lab]")
    crm("contact", "add", "José Diaz")
    crm("contact", "add", "Jan Gone")
    crm("contact", "archive", "Jan Gone")
    crm("organization", "add", "Acme Labs", "--target")
    crm("organization", "add", "Bolt")
    crm("question", "add", "What would you learn first?")
    crm("question", "add", "What would you skip?")
    return crm


def values(line):
    """What is offered behind a line; what is typed at begins after its last blank."""
    *words, begin = line.split(" ")
    return [each.value for each in offered(words, begin)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("pre", ["prep"]),
        ("contact sh", ["show"]),
        ("prep Ja", ["Jane Roe", "Janet Imported"]),
        ("prep ja", ["jane roe", "janet imported"]),
        ("prep jos", ["jose diaz"]),
        ("prep José ", ["Diaz"]),
        ("log-contact jane roe and jane r", ["roe"]),
        ("log-contact @p", ["@partners"]),
        ("log-contact @ p", ["partners"]),
        ("log-contact --kind co", ["coffee"]),
        ("log-contact jane --du", ["--duration"]),
        ("organization show a", ["acme labs"]),
        ("question answers q", ["q1", "q2"]),
        ("path --to jane", ["jane roe", "janet imported"]),
        ("path --to a", ["acme labs"]),
        ("referral ask jane --company a", ["acme labs"]),
        ("log-contact jane --answer q", ["q1", "q2"]),
        ("question list --for jane", ["jane roe", "janet imported"]),
        ("config set outreach.week", ["outreach.weekly_budget"]),
        ("prep --js", ["--json"]),
        ("--json prep Jane", ["Jane Roe", "Janet Imported"]),
        ("prep nobody", []),
        ("prep %", []),
        ("nonsense x", []),
    ],
)
def test_what_may_come_next_is_offered(people, line, found):
    """Commands, people (those one tends first), tags, companies, ids, options and their words; nothing that is none."""
    assert values(line) == found


def test_what_is_offered_for_a_name_means_that_person(people):
    """The program takes each name that was offered for the one it was offered for."""
    for name in values("prep j"):
        assert people("contact", "show", *name.split(), "--json").json["name"].lower().startswith(name[:3])


def test_hostile_names_are_harmless(people):
    """Control characters come as escapes, markup in a remark is text."""
    people("contact", "add", "Eve\x1b[2J\nX", "--context", "[red]x[/red]\x07")
    (item,) = offered(["prep"], "Eve")
    assert "\x1b" not in item.value
    assert "\n" not in item.value
    assert item.help == r"\[red]x\[/red]\\x07".replace("\\\\", "\\")


def test_without_a_database_nothing_is_offered(bare_crm):
    """Before init, commands are completed and names are not."""
    assert values("prep j") == []
    assert values("tim") == ["timer"]


def test_a_damaged_database_or_configuration_offers_nothing(people, home):
    """No traceback in the middle of somebody's typing."""
    (home / "config.toml").write_text("= broken")
    assert "Jane Roe" in values("prep J")
    (home / "crm.db").write_bytes(b"no database" * 100)
    assert values("prep J") == []


def test_a_shell_is_answered_without_loading_commands(people):
    """Through the protocol of bash, names come with neither SQLAlchemy nor any command loaded."""
    code = (
        "import sys\nfrom crm.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('\\n' + ' '.join(sys.modules), file=sys.stderr)\n"
    )
    asked = {"_CRM_COMPLETE": "complete_bash", "COMP_WORDS": "crm prep Jane", "COMP_CWORD": "2"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | asked, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == ["Jane Roe", "Janet Imported"]
    modules = set(done.stderr.split())
    assert not modules & {"sqlalchemy", "sqlmodel", "rich", "alembic"}
    assert not [each for each in modules if each.startswith("crm.commands")]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_zsh_and_fish_are_answered_too(people, shell):
    """By their own protocols."""
    asked = {
        "_CRM_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "crm prep Jane",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    done = subprocess.run(
        [sys.executable, "-m", "crm"], env=os.environ | asked, capture_output=True, text=True, check=True
    )
    assert "Jane Roe" in done.stdout
