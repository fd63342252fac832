"""On a terminal an ambiguous name is asked about, and nobody waits for the answer."""

import io

import pytest
from database_support import engine_of

from crm import clock
from crm.store.engine import writing


class Terminal(io.StringIO):
    """A person at a keyboard."""

    def isatty(self):
        return True


@pytest.fixture
def types(monkeypatch):
    """Let a person type these lines."""

    def type_lines(*lines):
        monkeypatch.setattr("sys.stdin", Terminal("".join(f"{line}\n" for line in lines)))

    return type_lines


@pytest.fixture
def rosas(crm):
    """Two people who answer to one first name."""
    crm("contact", "add", "Rosa Lind", "--context", "the choir")
    crm("contact", "add", "Rosa Vale")
    return crm


def test_the_number_typed_decides(rosas, types):
    """The candidates are numbered on standard error; a wrong number is asked again."""
    types("9", "2")
    shown = rosas("contact", "edit", "rosa", "--phone", "555")
    assert "1  c1 Rosa Lind (the choir)" in shown.err
    assert "Changed Rosa Vale" in shown.out
    assert "555" in rosas("contact", "show", "c2").out


def test_an_empty_answer_stops_and_changes_nothing(rosas, types):
    """Enter means none of them."""
    types("")
    rosas("contact", "edit", "rosa", "--phone", "555", code=130)
    assert "555" not in rosas("contact", "show", "c1").out + rosas("contact", "show", "c2").out


def test_the_end_of_input_stops(rosas, types):
    """A closed terminal is no answer."""
    types()
    rosas("contact", "show", "rosa", code=130)


@pytest.mark.parametrize("flag", ["--yes", "--no-input", "--json"])
def test_a_script_is_never_asked(rosas, types, flag):
    """With --yes, --no-input or --json the candidates are listed instead: exit 4."""
    types("1")
    assert "c1 Rosa Lind" in rosas("contact", "show", "rosa", flag, code=4).err


def test_others_write_while_a_person_is_thinking(rosas, types, home, monkeypatch):
    """The database is not held while the question stands."""
    engine = engine_of(home)

    def meanwhile(*_arguments, **_options):
        with writing(engine, now=clock.now(), name="other", actor="daemon") as session:
            session.connection().exec_driver_sql("UPDATE contact SET place = 'Oslo' WHERE id = 1")
        return "2"

    types("2")
    monkeypatch.setattr("typer.prompt", meanwhile)
    rosas("contact", "edit", "rosa", "--phone", "555")
    assert rosas("contact", "show", "c1", "--json").json["place"] == "Oslo"


def test_somebody_removed_while_a_person_is_thinking_is_not_found(rosas, types, home, monkeypatch):
    """The choice is looked up again before it is written."""
    engine = engine_of(home)

    def meanwhile(*_arguments, **_options):
        with writing(engine, now=clock.now(), name="other", actor="daemon") as session:
            session.connection().exec_driver_sql("DELETE FROM contact WHERE id = 2")
        return "2"

    types("2")
    monkeypatch.setattr("typer.prompt", meanwhile)
    rosas("contact", "edit", "rosa", "--phone", "555", code=3)


@pytest.mark.parametrize(
    "words",
    [
        ("contact", "remove", "tomas"),
        ("organization", "remove", "acme"),
        ("tag", "remove", "choir"),
        ("task", "remove", "t1"),
        ("question", "remove", "q1"),
    ],
)
def test_removing_is_confirmed_on_a_terminal(crm, types, words):
    """No is the default; yes removes; a script is not asked."""
    crm("contact", "add", "Tomas")
    crm("organization", "add", "Acme")
    crm("tag", "add", "choir")
    crm("task", "add", "Sing")
    crm("question", "add", "Which key?")
    types("")
    crm(*words, code=130)
    crm(words[0], "show", words[2])
    types("y")
    crm(*words)
    crm(words[0], "show", words[2], code=3)
    crm("undo")
    types()
    crm(*words, "--yes")
    crm(words[0], "show", words[2], code=3)
