"""PostgreSQL: what is said when it cannot be used, and that nothing tells its password."""

import random
import re
import string

import psycopg
import pytest
import sqlalchemy as sa
from plan_support import NOW
from sqlmodel import Session

from crm.completion import offered
from crm.errors import BusyError, CrmError
from crm.models import Contact, Tag
from crm.settings import load
from crm.store import records
from crm.store.engine import advance_ids, make_engine, reading, reserve_ids, writing

SECRET = "hunter2"  # noqa: S105 - the password that nothing may print
COMMANDS = (
    ["today"],
    ["contact", "add", "Jane Roe"],
    ["init", "--empty"],
    ["db", "check"],
    ["db", "upgrade"],
    ["import", "people.vcf"],
    ["reminder", "tick"],
)


@pytest.fixture
def at(bare_crm, monkeypatch, tmp_path):
    """A function that runs commands against a URL and asserts that each says the same in one line."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.vcf").write_text("BEGIN:VCARD\nVERSION:4.0\nFN:Jane Roe\nEND:VCARD\n")

    def run(url, code, said, *, doctor=1):
        monkeypatch.setenv("CRM_DATABASE_URL", url)
        for words in COMMANDS:
            failed = bare_crm(*words, code=code)
            assert said in failed.err, words
            assert len(failed.err.strip().splitlines()) == 1
            assert SECRET not in failed.out + failed.err
        found = bare_crm("doctor", "--json", code=doctor)
        assert said in found.out + found.err
        assert (
            SECRET
            not in found.out + found.err + bare_crm("config", "show").out + bare_crm("config", "show", "--json").out
        )

    return run


def test_a_server_that_is_down_is_to_be_tried_again(at):
    """Exit 75, and the password is in nothing that is printed."""
    for url in (f"postgresql://me:{SECRET}@127.0.0.1:1/crm", f"postgresql://127.0.0.1:1/crm?password={SECRET}"):
        at(url, 75, "cannot be reached; see that the server runs")


def test_a_host_that_is_not_there_is_named(at):
    """Exit 78: trying again cannot help."""
    at(f"postgresql://me:{SECRET}@nowhere.invalid/crm", 78, "nowhere.invalid cannot be found")


def test_a_missing_database_says_how_to_make_it(at, postgres):
    """Exit 78 and the command that creates it."""
    at(postgres.url("nothing_here"), 78, "createdb nothing_here, then: crm init")


def test_an_unknown_user_and_a_wrong_password_are_told_apart_from_the_rest(at, postgres):
    """Exit 78: user and password are to be checked."""
    url = sa.make_url(postgres.url("crm_blank")).set(username="mallory", password=SECRET)
    at(url.render_as_string(hide_password=False), 78, "does not let mallory in; check user and password")


def test_an_empty_database_says_how_to_fill_it(bare_crm, blank_postgres_url, monkeypatch):
    """A database without tables: exit 78 and `crm init`, which then works."""
    monkeypatch.setenv("CRM_DATABASE_URL", blank_postgres_url)
    assert "fill it with: crm init" in bare_crm("today", code=78).err
    bare_crm("init", "--empty")
    assert bare_crm("contact", "list", "--json").json["items"] == []


@pytest.mark.parametrize(
    "url", [f"nonsense {SECRET}", f"postgresql://me:{SECRET}@host:port/crm", f"mysql://me:{SECRET}@host/crm"]
)
def test_a_url_that_is_none_is_not_repeated(at, url):
    """Exit 78, an example of a right one, and nothing of the wrong one, which may hold a password."""
    at(url, 78, "CRM_DATABASE_URL is no address of a database", doctor=78)


def test_a_missing_driver_says_what_to_install(bare_crm, monkeypatch):
    """Without psycopg: exit 78 and the extra that brings it."""

    def missing(*_arguments, **_options):
        raise ModuleNotFoundError("No module named 'psycopg'")

    monkeypatch.setattr(sa, "create_engine", missing)
    monkeypatch.setenv("CRM_DATABASE_URL", "postgresql://localhost/crm")
    assert "pip install 'networking-crm[postgres]'" in bare_crm("today", code=78).err


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_way_to_write_the_scheme_is_understood(postgres_url, scheme):
    """Addresses as servers and hosts give them work as they are."""
    with make_engine(re.sub(r"^\S+?:", f"{scheme}:", postgres_url)).connect() as connection:
        assert connection.exec_driver_sql("SHOW application_name").scalar() == "networking-crm"


def test_a_traceback_holds_no_password(bare_crm, monkeypatch):
    """Neither the error nor what caused it repeats the URL."""
    monkeypatch.setenv("CRM_DATABASE_URL", f"postgresql://me:{SECRET}@127.0.0.1:1/crm")
    with (
        pytest.raises(BusyError) as caught,
        writing(make_engine(load().database_url.value), now=NOW, name="test"),
    ):
        pass
    told = []
    each = caught.value
    while each is not None:
        told.append(f"{each!r} {each}")
        each = each.__cause__ or each.__context__
    assert len(told) >= 2
    assert SECRET not in "".join(told)


def test_a_writer_waits_and_then_says_to_try_again(postgres_url, monkeypatch):
    """While another writes, a writer waits; after the time it may wait, exit 75 and nothing is written."""
    monkeypatch.setattr("crm.store.engine.BUSY_TIMEOUT_MS", 50)

    engine = make_engine(postgres_url)
    with writing(engine, now=NOW, name="first") as session:
        records.add(session, Contact(name="Ada", name_key="ada", first_key="ada"))
        with pytest.raises(BusyError, match="try again"), writing(engine, now=NOW, name="second"):
            pass
    with writing(engine, now=NOW, name="third") as session:
        assert [each.name for each in records.every(session, Contact)] == ["Ada"]


def test_a_connection_that_is_ended_is_to_be_tried_again(postgres_url, postgres):
    """A server that is stopped in the middle: exit 75, and nothing is written."""

    engine = make_engine(postgres_url)
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "

    def ended(session):
        with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as other:
            other.execute(f"{others} pg_backend_pid()")
        return session

    with pytest.raises(BusyError, match="broke"), writing(engine, now=NOW, name="test") as session:
        records.add(ended(session), Contact(name="Ada", name_key="ada", first_key="ada"))


def test_no_query_is_compiled(postgres_url):
    """Compiling takes longer than any of our queries; checking the search index took a second instead of 40 ms."""
    engine = make_engine(postgres_url)
    with reading(engine) as reader, writing(engine, now=NOW, name="test") as writer:
        assert [each.scalar(sa.text("SHOW jit")) for each in (reader, writer)] == ["off", "off"]


def test_no_id_is_used_twice_whatever_is_said(postgres_url):
    """Advancing the ids never sets them back, and nothing is skipped where nothing was used."""
    with writing(make_engine(postgres_url), now=NOW, name="test") as session:
        assert _next(session, 0) == 1
        assert _next(session, 40) == 41
        assert _next(session, 7) == 42


def _next(session: Session, used: int) -> int:
    advance_ids(session, "contact", used)
    return reserve_ids(session, "contact", 1)[0]


def test_what_is_done_with_files_says_what_to_use_instead(crm, postgres_url, monkeypatch, tmp_path):
    """Backup and restore name pg_dump and pg_restore; the doctor does too."""
    monkeypatch.setenv("CRM_DATABASE_URL", postgres_url)
    (tmp_path / "some.db").write_bytes(b"")
    assert "pg_dump" in crm("backup", code=1).err
    assert "pg_restore" in crm("restore", str(tmp_path / "some.db"), code=1).err
    assert "pg_dump" in crm("doctor").out


LONG = "".join(random.Random(3).choices(string.ascii_lowercase + "äöü", k=12_000))  # noqa: S311 - any text will do


@pytest.mark.parametrize(
    "words",
    [
        ["contact", "add", LONG, "--alias", LONG, "--organization", LONG, "--tag", LONG, "--email", f"{LONG}@x.org"],
        ["organization", "add", LONG],
        ["tag", "add", LONG],
        ["hours", "add", LONG],
        ["import", "Connections.csv"],
    ],
    ids=["contact", "organization", "tag", "activity", "import"],
)
def test_names_of_any_length_are_kept(crm, postgres_url, monkeypatch, tmp_path, words):
    """Twelve thousand characters that no compression shortens: kept, found, and taken back."""
    monkeypatch.setenv("CRM_DATABASE_URL", postgres_url)
    monkeypatch.chdir(tmp_path)
    header = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"
    row = f"{LONG},Roe,https://www.linkedin.com/in/{LONG},{LONG}@x.org,{LONG},{LONG},05 Jan 2026"
    (tmp_path / "Connections.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    for _again in range(2):
        crm(*words)
        assert LONG in crm("export", "json").out
        crm("undo")
        assert LONG not in crm("export", "json").out


def test_one_name_is_there_once(postgres_url):
    """What is unique on SQLite is unique here, although only a digest of it is indexed."""
    engine = make_engine(postgres_url)
    with pytest.raises(CrmError, match="uq_tag_name"), writing(engine, now=NOW, name="test") as session:
        session.add_all([Tag(name="lab"), Tag(name="lab")])


def test_the_shell_is_offered_no_names_and_no_fault(crm, postgres_url, monkeypatch):
    """Names are completed from a file only."""
    monkeypatch.setenv("CRM_DATABASE_URL", postgres_url)
    crm("contact", "add", "Jane Roe")
    assert offered(["prep"], "J") == []
    assert offered([], "prep")
