"""Forgetting somebody: no byte below the home names them afterwards, and what is out of reach is said."""

import base64
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys

import pytest
import typer
from database_support import ON_POSTGRES, begin_anew, copy, engine_of, of_sqlite, text_on_server, url_of

from crm.commands import contact_forget

NAME = "Zephyrina Quillfeather"
WORDS = (
    NAME,
    "zeph@quill.example",
    "+1 555 777 8899",
    "wombatnote",
    "dingonote",
    "pigeonpost",
    "numbatquestion",
    "quokkanote",
    "echidnapromise",
    "platypusanswer",
    "bilbyplace",
    "tamarinmoney",
    "Zéphyrine",
)
"""What only she has: name, addresses, and words in everything that is about her alone."""


def left(home, *, words=WORDS, passed=()):
    """Which of the words stand where below the home or in its database, in any case, as JSON or in UTF-16 too."""
    told = text_on_server(home).lower()
    found = [("the server", word) for word in words if word.lower() in told]
    for path in sorted(each for each in home.rglob("*") if each.is_file() and each not in passed):
        data = path.read_bytes().lower()
        for word in words:
            low = word.lower()
            forms = [low.encode(), json.dumps(low)[1:-1].encode(), low.encode("utf-16-le"), low.encode("utf-16-be")]
            found += [(path.name, word) for form in {*forms, base64.b64encode(word.encode()).lower()} if form in data]
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Where the filled home and its database are kept, so that it is filled once."""
    return tmp_path_factory.mktemp("built")


@pytest.fixture
def lived(crm, home, built):
    """A home in which much has happened with her (c1), some of it with Kim Lee (c2) too."""
    if not (built / "url").exists():
        fill(crm)
        if not ON_POSTGRES:
            crm("backup")
        shutil.copytree(home, built / "home")
        (built / "url").write_text(copy(url_of(home), built, kept=True))
    shutil.copytree(built / "home", home, dirs_exist_ok=True)
    begin_anew((built / "url").read_text(), home)
    return crm


def fill(crm):
    crm("contact", "add", NAME, "--email", "zeph@quill.example", "--phone", "+1 555 777 8899", "--alias", "Zéphyrine")
    crm("contact", "edit", "c1", "--organization", "Acme", "--note", "a wombatnote", "--how-to-reach", "pigeonpost")
    crm("contact", "add", "Kim Lee")
    crm("contact", "add", "Ben Ode")
    crm("relate", "c1", "knows", "c2")
    crm("contact", "tag", "c1", "c2", "band")
    crm("hours", "add", "Networking", "--role", "networking")
    crm("question", "add", "What is a numbatquestion?", "--for", "c1")
    crm("question", "add", "Both?", "--for", "c1", "--for", "c2")
    crm("question", "add", "Kim said?", "--for", "c1")
    talk = ("--kind", "coffee", "--duration", "45m", "--note", "a quokkanote", "--promise", "an echidnapromise by fri")
    crm("log-contact", "c1", *talk, "--answer", "q1=a platypusanswer", "--answer", "q2=yes", "--follow-up", "fri")
    crm("log-contact", "c1", "c2", "--kind", "call", "--duration", "30m", "--note", "shared stays")
    crm("log-contact", "c2", "--kind", "call", "--answer", "q3=sure")
    crm("schedule", "c1", "fri", "14:30", "--place", "the bilbyplace")
    crm("schedule", "c1", "c2", "tomorrow", "9:00", "--place", "Cafe")
    crm("task", "add", "Return the tamarinmoney", "--for", "c1", "--due", "today")
    crm("task", "add", "Sing", "--for", "c2", "--due", "today")
    crm("contact", "edit", "c1", "--note", "now a dingonote")
    crm("contact", "merge", "c1", "c3", "--not-the-same")
    crm("config", "set", "reminders.channels", "file")
    crm("reminder", "tick")
    crm("snooze", "r1", "in 3 days")
    crm("reminder", "tick", now="2026-01-06T16:30:00Z")
    crm("calendar", "export")


def test_no_byte_of_the_home_names_her_afterwards(lived, home):
    """Database, log, index, backups, reminders' log and calendars: name, addresses and notes are nowhere."""
    assert {word for _file, word in left(home)} == set(WORDS)
    lived("contact", "forget", "zephyrina", "--yes")
    assert left(home) == []
    assert "zephyrina" not in lived("export", "json", "--include-private").out.lower()
    assert "zephyrina" not in lived("history", "-n", "200").out.lower()
    lived("contact", "show", NAME, code=3)
    assert all(each["ok"] for each in lived("doctor", "--json").json["items"])


def test_what_others_have_part_in_stays(lived):
    """Shared talks stay with the others and their notes, questions to others too; hours spent stay counted."""
    before = lived("export", "json").json
    told = lived("contact", "forget", "c1", "--yes", "--json").json
    after = lived("export", "json").json
    assert told["shared"] == ["i2", "i5"]
    kim = next(each["uid"] for each in after["contacts"] if each["name"] == "Kim Lee")
    assert [each["contacts"] for each in after["interactions"]] == [[kim]] * 3
    assert "shared stays" in [each["note"] for each in after["interactions"]]
    assert [each["ref"] for each in after["questions"]] == ["q2", "q3"]
    assert after["questions"][1]["audience"] == []
    assert after["questions"][1]["state"] == "closed"
    assert [each["title"] for each in after["tasks"]] == ["Sing"]
    assert sum(each["minutes"] for each in after["time_entries"]) == 75
    assert len(after["contacts"]) == len(before["contacts"]) - 1
    assert after["relationships"] == after["settings"] == []


def test_tombstones_keep_ids_alone(lived):
    """Calendars need to know what is gone: its uid and short id stay, and the id is not used again."""
    uid = lived("contact", "show", "c1", "--json").json["uid"]
    lived("contact", "forget", "c1", "--yes")
    graves = {each["uid"]: each for each in lived("export", "json").json["tombstones"]}
    assert graves[uid]["ref"] == "c1"
    assert set(graves[uid]) == {"table_name", "ref", "uid", "revision", "removed_at"}
    assert lived("contact", "add", "Somebody New", "--json").json["ref"] == "c4"


def test_undo_works_for_everything_else_and_brings_nothing_back(lived, home):
    """Every earlier command is taken back as far as it concerned others; she does not return."""
    lived("contact", "forget", "c1", "--yes")
    steps = len(lived("history", "-n", "200", "--json").json["items"])
    for _ in range(steps):
        lived("undo")
        assert left(home) == []
    document = lived("export", "json").json
    assert not any(document[key] for key in ("contacts", "interactions", "tasks", "questions", "organizations"))
    lived("undo", code=3)


def test_undo_of_an_import_of_five_takes_four(crm, move, tmp_path):
    """Five came in one import and one was forgotten: undo takes the other four, and nothing of the fifth is back."""
    move("other")
    crm("init", "--empty")
    for name in (NAME, "Ada Stone", "Eve Rivers", "Kim Lee", "Ben Ode"):
        crm("contact", "add", name, "--organization", "Acme", "--tag", "band")
    crm("relate", "c1", "knows", "c2")
    crm("log-contact", "c1", "c2", "--kind", "call")
    file = tmp_path / "five.json"
    crm("export", "json", "-o", str(file))
    move("home")
    crm("import", str(file))
    crm("contact", "forget", NAME, "--yes")
    assert len(crm("contact", "list", "--json").json["items"]) == 4
    crm("undo")
    document = crm("export", "json").json
    assert not any(document[key] for key in ("contacts", "interactions", "organizations", "tags", "relationships"))
    assert left(tmp_path / "home") == []


def test_history_keeps_what_an_import_was(crm, tmp_path):
    """The summary of an import that brought others, too, keeps file and counts; a name in it is replaced."""
    cards = "".join(f"BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nEND:VCARD\n" for name in (NAME, "Kim Lee"))
    for name in ("old phone.vcf", f"{NAME}.vcf"):
        (tmp_path / name).write_text(cards)
        crm("import", str(tmp_path / name))
        cards = cards.replace("FN:", "NICKNAME:Z\nFN:")
    crm("contact", "forget", NAME, "--yes")
    summaries = [each["summary"] for each in crm("history", "--json").json["items"]]
    assert summaries == ["a forgotten person.vcf: 0 new, 2 changed", "old phone.vcf: 2 new, 0 changed"]


def test_what_was_removed_before_goes_too(lived, home):
    """A talk, a task and an answer that were removed or changed earlier stand in the journal; they go with her."""
    lived("task", "edit", "t3", "--title", "Return the numbatmoney")
    lived("interaction", "remove", "i1")
    lived("task", "remove", "t3")
    lived("contact", "edit", "c1", "--name", "Zephyrina Plain", "--email", "new@quill.example")
    lived("contact", "forget", "c1", "--yes")
    assert left(home, words=(*WORDS, "numbatmoney", "Zephyrina Plain", "new@quill.example")) == []
    lived("undo", "-n", "100")
    assert left(home) == []


def test_who_was_merged_into_her_goes_too(crm, home):
    """After a merge the other entry stands in the journal alone; undo does not bring it back either."""
    crm("contact", "add", NAME, "--note", "a wombatnote")
    crm("contact", "add", "Z. Otter", "--email", "otter@quill.example", "--note", "an otternote")
    crm("log-contact", "c2", "--kind", "call", "--note", "an ottertalk")
    crm("contact", "merge", "c1", "c2")
    crm("contact", "edit", "c1", "--alias", "")
    crm("contact", "forget", "c1", "--yes")
    assert left(home, words=(*WORDS, "otternote", "ottertalk", "Z. Otter", "otter@quill.example")) == []
    crm("undo", "-n", "9", code=3)


def test_a_removed_merge_spares_the_other(crm, home):
    """A merge that was undone made no one person of two: the other stays, with everything."""
    crm("contact", "add", NAME)
    crm("contact", "add", "Kim Lee", "--email", "kim@example.org")
    crm("log-contact", "c2", "--kind", "call", "--note", "with Kim")
    crm("contact", "merge", "c1", "c2")
    crm("undo")
    crm("contact", "forget", "c1", "--yes")
    assert left(home) == []
    document = crm("export", "json").json
    assert [each["name"] for each in document["contacts"]] == ["Kim Lee"]
    assert [each["note"] for each in document["interactions"]] == ["with Kim"]


def test_texts_of_others_are_listed_and_their_history_is_cleaned(crm, home):
    """Other records that name her are told by short id and left alone; what they said before names her no more."""
    crm("contact", "add", NAME)
    crm("contact", "add", "Kim Lee", "--context", f"a friend of {NAME}")
    crm("contact", "add", "Ben Ode", "--context", f"a cousin of {NAME}")
    crm("contact", "edit", "c3", "--context", "a cousin")
    crm("task", "add", "Ask Zephyrina for the book")
    told = crm("contact", "forget", "c1", "--yes", "--json").json
    assert told["mentions"] == ["c2", "t1"]
    with engine_of(home).connect() as connection:
        query = "SELECT row_id, before, after FROM journal_change WHERE table_name = 'contact'"
        rows = connection.exec_driver_sql(query).all()
    assert rows
    assert not any(NAME in f"{before}{after}" for _row, before, after in rows)
    crm("undo", "-n", "2")
    shown = crm("contact", "show", "c3", "--json").json
    assert shown["context"] == "a cousin of a forgotten person"


def test_a_word_that_is_also_somebody_elses_name_is_spared(crm):
    """Where the whole name is a word in another's name, the other's name and history are left as they are."""
    crm("contact", "add", "Wren")
    crm("contact", "add", "Wren Stone")
    crm("contact", "edit", "c2", "--name", "Wren Rivers", "--context", "Wren of the choir")
    crm("contact", "edit", "c2", "--context", "other")
    crm("contact", "forget", "c1", "--yes")
    crm("undo", "-n", "2")
    assert crm("contact", "show", "c2", "--json").json["name"] == "Wren Stone"


def test_a_namesake_is_spared_and_told(crm):
    """Another contact of the very name stays with their history, and is told, for it may be the same person."""
    crm("contact", "add", NAME)
    crm("contact", "add", NAME, "--same-name", "--context", f"{NAME} from school")
    crm("contact", "edit", "c2", "--context", "other")
    assert crm("contact", "forget", "c1", "--yes", "--json").json["namesakes"] == ["c2"]
    crm("undo")
    shown = crm("contact", "show", "c2", "--json").json
    assert (shown["name"], shown["context"]) == (NAME, f"{NAME} from school")


def test_files_that_would_bring_them_back_are_named(crm, tmp_path, home):
    """The file and line they were read from are told; no notice or baseline of it names them any more."""
    sheet = tmp_path / "sheet.md"
    sheet.write_text(f"### People to Contact\n\n- **Person 1:**\n  - Name: {NAME}\n  - Status: met\n", encoding="utf-8")
    crm("import", str(sheet), "--format", "worksheet")
    told = crm("contact", "forget", NAME, "--yes", "--json").json
    assert {each["file"] for each in told["sources"]} == {"sheet.md"}
    assert 4 in {each["line"] for each in told["sources"]}
    assert left(home) == []
    crm("import", str(sheet), "--format", "worksheet")
    assert crm("contact", "list", "--json").json["items"][0]["name"] == NAME


def test_a_list_of_another_program_does_not_bring_them_back(crm, tmp_path, home):
    """Of a row of LinkedIn's list a digest stays, so that the next import leaves them out, without naming them."""
    file = tmp_path / "Connections.csv"
    head = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
    rows = [
        f"{first},{last},https://www.linkedin.com/in/{first.lower()}-1,,Acme,Engineer,05 Jan 2026\n"
        for first, last in (NAME.split(), ("Kim", "Lee"))
    ]
    file.write_text(head + "".join(rows), encoding="utf-8")
    crm("import", str(file))
    crm("contact", "forget", NAME, "--yes")
    assert left(home, words=(*WORDS, "zephyrina-1")) == []
    crm("import", str(file))
    assert [each["name"] for each in crm("contact", "list", "--json").json["items"]] == ["Kim Lee"]


@of_sqlite
def test_backups_that_hold_them_are_replaced(lived, home):
    """Backups of before are removed with their digests; the fresh one is sound and holds everybody else."""
    (home / "crm.db.damaged-20260101T000000Z").write_bytes(NAME.encode())
    old = {each.name for each in (home / "backups").iterdir()}
    told = lived("contact", "forget", "c1", "--yes", "--json").json["backups"]
    assert len(told["removed"]) == 2
    assert told["kept"] == []
    assert not old & {each.name for each in (home / "backups").iterdir()}
    lived("restore", told["made"])
    assert [each["name"] for each in lived("contact", "list", "--json").json["items"]] == ["Kim Lee", "Ben Ode"]


@of_sqlite
def test_backups_are_kept_on_request_and_named(lived, home):
    """--keep-backups leaves them as they are and says that they still hold them."""
    (there,) = [str(each) for each in (home / "backups").glob("*.db")]
    assert there in "".join(lived("contact", "forget", "c1", "--yes", "--keep-backups").out.split("\n")).replace(
        " ", ""
    )
    assert left(home, passed=list((home / "backups").iterdir())) == []


def test_other_files_in_the_home_that_name_them_are_told(lived, home):
    """An export that lies in the home is not touched, and named."""
    lived("export", "json", "-o", str(home / "mine.json"))
    told = lived("contact", "forget", "c1", "--yes", "--json").json
    assert told["files"] == [str(home / "mine.json")]


def test_where_nobody_can_be_asked_it_takes_a_yes(lived):
    """Without --yes it is refused (5), the way is named with what would go, and nothing is changed."""
    before = lived("export", "json").json
    failed = lived("contact", "forget", "c1", code=5)
    assert "crm contact forget c1 --yes" in failed.err
    assert "2 interactions" in failed.err
    assert len(failed.err.strip().splitlines()) <= 2
    assert lived("contact", "forget", "c1", "--json", code=5).error["code"] == "refused"
    assert lived("export", "json").json == before


@pytest.mark.parametrize(("typed", "goes"), [("yes", True), (NAME.upper(), True), ("", False), ("Kim Lee", False)])
def test_on_a_terminal_the_name_or_yes_is_typed(lived, monkeypatch, typed, goes):
    """The name or `yes` goes ahead, anything else stops, and what would go is shown before."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "prompt", lambda *_args, **_options: typed)
    shown = lived("contact", "forget", "c1", code=0 if goes else 130)
    assert "crm undo" in shown.out
    assert ON_POSTGRES or "--keep-backups" in shown.out
    lived("contact", "show", "c1", code=3 if goes else 0)


def test_nobody_of_that_name_is_not_found(lived):
    """An unknown name ends with 3 and changes nothing."""
    lived("contact", "forget", "nobody such", "--yes", code=3)


def test_the_screen_fits_80_columns(lived, monkeypatch, home):
    """Every line of what is said fits 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "prompt", lambda *_args, **_options: "yes")
    shown = lived("contact", "forget", "c1").out
    assert all(len(line) <= 80 for line in shown.splitlines() if str(home) not in line)


LOOP = """
import os, sys, typer
print("go", flush=True)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
boundary.run(typer.main.get_command(cli.root), ["contact", "forget", "c1", "--yes"])
"""


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("wait", [0.0, 0.05, 0.15, 0.3, 0.5] if os.environ.get("CRM_SOAK") else [0.2])
def test_kill_9_leaves_all_or_nothing_and_a_second_run_completes(lived, home, wait):
    """Killed at any moment, she is there with everything or gone with everything; running it again finishes."""
    before = lived("export", "json", "--include-private").json
    process = subprocess.Popen([sys.executable, "-c", LOOP], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdout.readline()
    try:
        process.wait(wait)  # where it dies is up to chance
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.communicate()
    after = lived("export", "json", "--include-private").json
    names = [each["name"] for each in after["contacts"]]
    unfinished = "forget-unfinished" in [each["name"] for each in after["settings"]]
    faults = [each["check"] for each in lived("doctor", "--json", code=int(unfinished)).json["items"] if not each["ok"]]
    assert faults == ["forget"] * unfinished
    assert NAME in names or unfinished or not left(home), "what still names her is not reported"
    if NAME in names:
        assert after["interactions"] == before["interactions"]
    if NAME in names or left(home):
        lived("contact", "forget", "c1", "--yes")
    assert left(home) == []


@pytest.mark.parametrize("step", ["clean", "_renew_backups", "_renew_calendars"])
def test_cut_off_between_its_steps_a_second_run_completes(lived, home, monkeypatch, step):
    """Whichever step it does not reach, the same command again cleans what is left and says so."""

    def cut(*_args, **_options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(contact_forget.erase if step == "clean" else contact_forget, step, cut)
        lived("contact", "forget", NAME, "--yes", code=130)
    lived("contact", "show", "c1", code=3)
    assert lived("export", "json").json["settings"]
    (fault,) = (each for each in lived("doctor", "--json", code=1).json["items"] if not each["ok"])
    assert fault["remedy"].endswith("finish it: crm contact forget c1 --yes")
    assert "Finished" in lived("contact", "forget", "c1", "--yes").out
    assert all(each["ok"] for each in lived("doctor", "--json").json["items"])
    assert left(home) == []
    assert lived("export", "json").json["settings"] == []
    lived("contact", "forget", NAME, "--yes", code=3)


def test_a_calendar_that_cannot_be_renewed_stays_on_the_list(lived, home):
    """While a calendar file may still name her, the doctor says so; the same command ends it once it can."""
    file = home / "calendars" / "chats.ics"
    file.unlink()
    file.mkdir()
    assert lived("contact", "forget", "c1", "--yes", "--json").json["calendars"] == [str(file)]
    assert "forget c1" in lived("doctor", code=1).out
    file.rmdir()
    lived("contact", "forget", "c1", "--yes")
    assert left(home) == []
    lived("doctor")


@of_sqlite
def test_while_another_program_reads_it_says_to_try_again(lived, home):
    """A reader keeps the log from being cleaned: exit 75, and the same command finishes once it is gone."""
    reader = sqlite3.connect(home / "crm.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM contact").fetchone()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("crm.store.engine.PRAGMAS", ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=200"))
        assert "erased" in lived("contact", "forget", "c1", "--yes", code=75).err
    reader.close()
    lived("contact", "forget", NAME, "--yes")
    assert left(home) == []


def test_a_name_full_of_markup_and_quotes_goes_as_well(crm, home):
    """A hostile name is erased in every form in which it was written down."""
    name = 'Rob"; DROP\x1b[31m \\n [bold] 50%_ Ünïq \U0001f600 Person'
    crm("contact", "add", name, "--note", "x")
    crm("contact", "add", "Kim Lee")
    crm("log-contact", "c1", "c2", "--kind", "call", "--duration", "30m")
    crm("schedule", "c1", "c2", "tomorrow", "9:00")
    crm("config", "set", "reminders.channels", "file")
    crm("reminder", "tick", now="2026-01-06T16:30:00Z")
    crm("contact", "forget", "c1", "--yes")
    assert left(home, words=(name, "DROP", "Ünïq")) == []
    crm("undo", "-n", "2")


def hits(crm, word):
    """How many records full text search has for a word."""
    return len(crm("find", word, "--json").json["items"])


def test_the_search_finds_them_no_more(lived):
    """Full text search knows nothing of them, and is in step with the tables."""
    assert hits(lived, "quokkanote") == hits(lived, "dingonote") == 1
    lived("contact", "forget", "c1", "--yes")
    assert hits(lived, "quokkanote") == hits(lived, "dingonote") == hits(lived, "zephyrina") == 0
    assert hits(lived, "shared") == 1
    assert lived("db", "check", "--json").json["ok"]
