"""Whatever a person does can be taken back: random commands, all undone, leave the document as it was."""

import contextlib
import io
import json
import os
from pathlib import Path

import database_support
import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plan_support import still

from crm import boundary, cli

SOAK = bool(os.environ.get("CRM_SOAK"))
PEOPLE = ["ann", "bo", "cy", "dee", "@lab", "ann and bo", "nobody"]
DAYS = ["fri", "in 2 weeks", "2026-02-03", "tomorrow"]
PAST = ["yesterday 9:00", "3 days ago", "2025-12-20 10:00"]
COMPANIES = ["Acme", "Bolt Labs", "Cargo"]
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
WHO, DAY, AT, AT_COMPANY = map(st.sampled_from, (PEOPLE, DAYS, PAST, COMPANIES))
IDS = {letter: st.integers(1, 6).map(lambda number, letter=letter: f"{letter}{number}") for letter in "cefgikmnqtor"}
BOOK = """First Name,Last Name,URL,Email Address,Company,Position,Connected On
Ann,Ames,https://www.linkedin.com/in/ann-ames,,Cargo,Engineer,12 Mar 2025
Eve,Ek,https://www.linkedin.com/in/eve-ek,eve@example.org,Acme,Boss,1 Jan 2024
Flo,Fox,https://www.linkedin.com/in/flo-fox,,Bolt Labs,,30 Apr 2025
"""


def line(*parts):
    """A command line of fixed words and drawn ones; a drawn one may be several words only where it is quoted."""
    return st.tuples(*(part if isinstance(part, st.SearchStrategy) else st.just(part) for part in parts))


COMMANDS = st.one_of(
    line("contact", "add", TEXT, "--tag", "lab", "--organization", AT_COMPANY),
    line("contact", "edit", WHO, "--context", TEXT, "--email", "x@example.org", "--alias", TEXT),
    line("contact", "edit", WHO, "--organization", AT_COMPANY, "--title", TEXT, "--private-note", TEXT),
    line("contact", "tier", WHO, st.sampled_from(["inner", "active", "occasional", "none"])),
    line("contact", "tag", WHO, st.sampled_from(["lab", "new"])),
    line("contact", "archive", WHO),
    line("contact", "remove", WHO, "--with-history"),
    line("contact", "merge", WHO, WHO),
    line("log-contact", WHO, "--kind", "coffee", "--at", AT, "--duration", "45m", "--follow-up", DAY),
    line("log-contact", WHO, "--kind", "message", "--direction", st.sampled_from(["in", "out"]), "--note", TEXT),
    line("log-contact", WHO.map(lambda who: f"45m call w/ {who}; q1: because; next: send it fri")),
    line("schedule", WHO, "fri 14:30", "--kind", "call"),
    line("interaction", st.sampled_from(["cancel", "missed", "remove"]), IDS["i"]),
    line("question", "add", TEXT, "--for", WHO),
    line("question", "answer", IDS["q"], WHO, TEXT),
    line("question", "remove", IDS["q"], "--with-answers"),
    line("task", "add", TEXT, "--due", DAY, "--for", WHO, "--kind", "follow-up"),
    line("done", IDS["t"]),
    line("snooze", IDS["t"], DAY),
    line("intro", "ask", WHO, "--for", WHO, "--want", "number", "--by", DAY),
    line("intro", "plan", WHO, "--for", "an engineer", "--at", AT_COMPANY),
    line("intro", st.sampled_from(["agreed", "made", "met", "thanked", "declined", "remove"]), IDS["n"]),
    line("referral", "plan", WHO, "--company", AT_COMPANY),
    line("referral", "ask", WHO, "--company", AT_COMPANY, "--anyway", "we talked by telephone"),
    line("referral", st.sampled_from(["agreed", "submitted", "offer", "declined", "thank", "remove"]), IDS["f"]),
    line("cadence", WHO, "4w..6w"),
    line("relate", WHO, "knows", WHO),
    line("organization", "edit", AT_COMPANY, "--alias", TEXT),
    line("organization", "merge", AT_COMPANY, AT_COMPANY),
    line("tag", "remove", "lab"),
    line("review", "link", "week-2", WHO),
    line("plan", "start", DAY),
    line("log-hours", "1h", "Building", "--at", AT),
    line("hours", "edit", IDS["e"], "--duration", "2h", "--note", TEXT),
    line("hours", "remove", IDS["e"]),
    line("review", "start", "week-2", "--answer", TEXT.map("5={}".format)),
    line("review", "complete", "week-2"),
    line("commitment", "add", TEXT, "2/week", "--accept"),
    line("commitment", "ease", IDS["m"], "1/week"),
    line("commitment", "check-ins", IDS["m"], "--remove", IDS["k"]),
    line("check-in", IDS["m"], "--at", AT),
    line("import", "book.csv"),
)


@pytest.fixture
def furnished(crm, home, tmp_path, monkeypatch):
    """A home with four people, three companies, a question, a plan and an activity, and the file to import."""
    monkeypatch.chdir(tmp_path)
    Path("book.csv").write_text(BOOK, encoding="utf-8")
    for name, company in (("Ann Ames", "Acme"), ("Bo Bay", "Bolt Labs"), ("Cy Cole", "Cargo"), ("Dee Dunn", "Acme")):
        crm("contact", "add", name, "--organization", company, "--tag", "lab")
    crm("question", "add", "Why?", "--for", "@lab")
    crm("plan", "begin")
    crm("plan", "start", "2026-01-05")
    crm("hours", "add", "Building")
    (tmp_path / "start").mkdir()
    return database_support.copy(database_support.url_of(home), tmp_path / "start")


def run(*words):
    """One command line, in this process; its exit code and what it printed; it never ends in a fault."""
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = boundary.run(typer.main.get_command(cli.root), list(words))
    assert "a fault in this program" not in err.getvalue(), (words, err.getvalue())
    out.seek(0)
    return code, out.read()


def document():
    """The document, private notes too, without what every change moves on."""
    code, out = run("export", "json", "--include-private")
    assert code == 0
    return still(json.loads(out))


@settings(
    max_examples=400 if SOAK else 4, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(lines=st.lists(COMMANDS, min_size=1, max_size=12))
def test_random_commands_all_undone_leave_nothing(furnished, home, lines):
    """Each command succeeds or is refused with its code; after as many undos as there are, nothing has changed."""
    database_support.begin_anew(furnished, home)
    before, written = document(), len(json.loads(run("history", "-n", "500", "--json")[1])["items"])
    for words in lines:
        code, _out = run(*words, "--yes")
        assert code in {0, 1, 2, 3, 4, 5}, words
    done = len(json.loads(run("history", "-n", "500", "--json")[1])["items"]) - written
    for _each in range(done):
        assert run("undo")[0] == 0
    assert document() == before
