"""`crm find`: everything is found by what is in it, on SQLite and on PostgreSQL alike."""

import random
import shlex
from contextlib import suppress
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
import typer
from conftest import runner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm import boundary, cli
from crm.actions.find import find, snippet
from crm.errors import BadValueError, NotFoundError
from crm.folding import first, fold
from crm.models import Contact, Interaction, InteractionContact, Task
from crm.settings import load
from crm.store import search
from crm.store.engine import make_engine, reading, writing

NOW = datetime(2026, 1, 5, 17, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def crm(request, home, capsys, monkeypatch):
    """Run a command, once on each database."""
    if request.param == "postgresql":
        monkeypatch.setenv("CRM_DATABASE_URL", request.getfixturevalue("postgres_url"))
    return runner(capsys, monkeypatch)


@pytest.fixture
def engine(crm):
    """The engine of the database that the commands use."""
    return make_engine(load().database_url.value)


@pytest.fixture
def refs(crm):
    """A function that gives the short ids a search finds, in order."""
    return lambda *words: [each["ref"] for each in crm("find", *words, "--json").json["items"]]


@pytest.fixture
def people(crm):
    """Four people, two talks, a question with an answer, a task, an organization and a tag."""
    acme = ("--organization", "Acme Labs", "--title", "Recommender engineer")
    crm("contact", "add", "Zoë Marten", *acme, "--tag", "mentors")
    crm("contact", "add", "Ivo Zoeller", "--context", "met at the zoo", "--how-to-reach", "through Zoë")
    crm("contact", "add", "Nadia Quell", "--alias", "Nadja", "--email", "nadia@acme.example", "--note", "a café owner")
    crm("contact", "add", "Old Friend", "--private-note", "owes me a xylophone", "--tag", "mentors")
    crm("organization", "edit", "Acme Labs", "--alias", "Acme")
    crm("log-contact", "ivo", "--kind", "coffee", "--at", "3 jan", "--note", "talked about system design and ranking")
    crm("question", "add", "How does ranking work?", "--for", "zoë")
    crm("log-contact", "zoë", "--kind", "call", "--at", "4 jan", "--answer", "q1=With two towers")
    crm("task", "add", "Send the towers paper", "--for", "zoë", "--due", "fri")
    return crm


WORDS = {
    "zoe marten": "c1 q1 a1 t1 i2",
    "ZOË": "c1 c2 q1 a1 t1 i1 i2",
    "recommender": "c1",
    "mentors": "c1 c4",
    "nadja": "c3",
    "nadia@acme.example": "c3",
    "cafe": "c3",
    "Café": "c3",
    "cafe\u0301": "c3",
    "towers": "a1 t1",
    "tow": "a1 t1",
    '"tow"': "",
    '"system design"': "i1",
    '"design system"': "",
    "design system": "i1",
    "coffee ivo": "i1",
    "acme": "c1 c3 o1",
    "paper due": "",
    "xylophone": "",
    "ecommende": "c1",
    "(OR towers": "",
    "towers!": "a1 t1",
}


def test_words_are_found_wherever_they_stand(people, refs):
    """Names, aliases, texts, tags, titles and addresses; accents, case and the ends of words do not matter."""
    assert {words: " ".join(sorted(refs(words))) for words in WORDS} == {
        words: " ".join(sorted(found.split())) for words, found in WORDS.items()
    }


FILTERS = {
    "tag:mentors": "c1 c4 i2 q1 a1 t1",
    "tag:mentors kind:contact": "c1 c4",
    "tag:mentors stage:met": "c1 i2 q1 a1 t1",
    "at:Acme kind:contact": "c1",
    "at:acme labs towers": "a1 t1",
    'at:"Acme Labs" engineer': "c1",
    "at: acme kind:organization": "o1",
    "since:2026-01-04 kind:interaction": "i2",
    "since:3 jan kind:interaction": "i1 i2",
    "since:yesterday kind:interaction": "i2",
    "kind:answer kind:task": "a1 t1",
    "tier:none": "",
    "STAGE:met tier:active kind:contact": "c1 c2",
    "stage:to-contact nadia": "c3",
}


def test_filters_narrow_what_is_found(people, refs):
    """By kind, stage, tier, tag, organization (its alias too) and day; with words or without; several combine."""
    assert {words: " ".join(sorted(refs(words))) for words in FILTERS} == {
        words: " ".join(sorted(found.split())) for words, found in FILTERS.items()
    }


WRONG = [
    ("colour:red", 2, "kind:, stage:, tier:, tag:, at:, since:"),
    ("stage:friend", 2, "keeping-in-touch"),
    ("kind:person", 2, "contact"),
    ("tier:", 2, "has no value"),
    ('at:" "', 2, "has no value"),
    ("since:1/2/2026", 2, "1/2/2026"),
    ("at:Nowhere", 3, "Nowhere"),
    ("tag:nobody", 3, "nobody"),
    ("", 2, "crm find"),
]


def test_a_wrong_filter_is_named_with_what_there_is(crm):
    """An unknown filter or value ends with 2, an unknown tag or organization with 3; each names the way out."""
    for words, code, said in WRONG:
        assert said in crm("find", words, code=code).err


def test_what_looks_like_a_filter_is_text_in_quotation_marks(crm, refs):
    """Web addresses, times of day and quoted colons are looked for as they are."""
    crm("contact", "add", "Rosa", "--note", "https://example.org/rosa at 10:30, mode:fast TODO: call")
    for words in ("https://example.org/rosa", "10:30", '"mode:fast"', "TODO: call"):
        assert refs(words) == ["c1"]


def test_the_day_of_since_is_said_back(people):
    """A day that was typed in words is told with its weekday."""
    assert "Sat 3 Jan 2026" in people("find", "since:3 jan").err


def test_the_best_come_first(crm, refs):
    """The exact name, then names with the word, with its beginning, then texts; people one tends before others."""
    crm("contact", "add", "Bo Kimmons")
    crm("contact", "add", "Lena Hart", "--note", "knows kim")
    crm("contact", "add", "Kim")
    crm("contact", "add", "Aki Kim")
    crm("contact", "add", "Zed Kim")
    crm("contact", "tier", "c4", "none")
    crm("task", "add", "Call kim")
    assert refs("kim") == ["c3", "c5", "c4", "c1", "c2", "t1"]


def test_an_archived_person_is_found_and_marked(crm):
    """Putting somebody away does not hide them from a search; they come last and are marked."""
    crm("contact", "add", "Rosa Lind")
    crm("contact", "add", "Rosa Berg")
    crm("contact", "archive", "c1")
    assert [(each["ref"], each["archived"]) for each in crm("find", "rosa", "--json").json["items"]] == [
        ("c2", False),
        ("c1", True),
    ]
    assert "Rosa Lind  (archived)" in crm("find", "rosa").out


def test_private_notes_are_searched_only_when_asked(people, refs):
    """Otherwise neither found nor shown; standard error says how many were left out."""
    hidden = people("find", "xylophone", "friend")
    assert "xylophone" not in hidden.out.replace('"xylophone friend"', "")
    assert "1 more has" in hidden.err
    assert "--include-private" in hidden.err
    shown = people("find", "xylophone", "--include-private")
    assert "owes me a xylophone" in shown.out
    assert shown.err == ""
    assert "xylophone" not in people("find", "friend", "--json").out


def test_scripts_without_blanks_are_found_within(crm, refs):
    """In scripts that put no blanks between words, any part of a name or a text is found."""
    crm("contact", "add", "王小明", "--note", "喜欢推荐系统")
    crm("contact", "add", "さくらももこ")
    assert refs("小明") == refs("推荐") == refs("王") == ["c1"]
    assert refs("もも") == ["c2"]
    assert refs("小明 系统") == ["c1"]
    assert refs("明小") == []


def test_within_words_only_where_no_word_begins_so(crm, refs):
    """A word's middle is looked for when nothing begins with it, in names accents aside; the screen says so."""
    crm("contact", "add", "Zsófia Bárány")
    assert refs("zsof") == refs("ofia") == refs("arany") == ["c1"]
    assert "within a word" in crm("find", "arany").out
    assert "within a word" not in crm("find", "zsof").out
    crm("contact", "add", "Arany Toth")
    assert refs("arany") == ["c2"]


def test_nothing_found_says_what_to_try(people):
    """A misspelt name brings the nearest; other words a hint; filters the hint to use fewer."""
    assert "Ivo Zoeller" in people("find", "Ivo", "Zöler").out
    assert "Try fewer words" in people("find", "qqqq").out
    assert "fewer filters" in people("find", "tier:inner").out


def test_results_are_cut_and_say_how_to_see_more(crm):
    """Of thirty people and thirty tasks twenty are shown, half of each; the rest is counted and -n shows it."""
    for number in range(12):
        crm("contact", "add", f"Tern {number}")
        crm("task", "add", f"tern {number}")
    few = crm("find", "tern", "-n", "10", "--json").json
    assert [each["kind"] for each in few["items"]] == ["contact"] * 5 + ["task"] * 5
    assert few["total"] == 24
    assert "and 14 more" in crm("find", "tern", "-n", "10").out
    every = crm("find", "tern", "-n", "50").out
    assert "more" not in every
    assert "Tern 11" in every
    assert [each["kind"] for each in crm("find", "tern", "-n", "22", "--json").json["items"]].count("contact") == 11


def test_a_result_says_what_it_is_and_about_whom(people):
    """JSON tells kind, ids, title, snippet, day and people of each."""
    (found,) = people("find", '"two towers"', "--json").json["items"]
    assert len(found.pop("uid")) == 36
    assert found.pop("contacts")[0]["name"] == "Zoë Marten"
    assert found == {
        "order": 1,
        "kind": "answer",
        "ref": "a1",
        "id": 1,
        "title": "How does ranking work?",
        "snippet": "With two towers",
        "dated_on": "2026-01-04",
        "archived": False,
    }


def test_hostile_names_stay_harmless_on_the_screen(crm):
    """Control characters are shown as escapes, markup literally, and a long text is cut around the word."""
    crm("contact", "add", "Rosa \x1b[31m [bold]red", "--note", f"{'x' * 5000} tulip {'y ' * 5000}")
    shown = crm("find", "tulip").out
    assert "\x1b[31m" not in shown
    assert "[bold]red" in shown
    assert "tulip" in shown
    assert len(shown) < 1000


SYNTAX = ['"', "'", "*", "(", ")", "AND", "OR", "NOT", "NEAR(", "^", "-", ":", "{name}:", "+", "&", "|", "!", "<->"]
WORDLIKE = ["%", "_", "\\", "jane", "at:", "since:", "kind:contact"]
TYPED = st.lists(st.sampled_from(SYNTAX + WORDLIKE) | st.text(max_size=12), max_size=8)


@settings(max_examples=15)
@given(TYPED.map(" ".join))
@example('"" * jane')
@example("jane*\u0301 \ufe0f")
@example("\u0bcb\u0300 \U0001f600 \u3164")
@example("x" * 20_000)
@example(" ".join(f"w{number}" for number in range(5000)))
def test_no_text_breaks_a_search(engine_of_one, text):
    """Whatever is typed, there are results or none; only a filter, or what no text can hold, is refused."""
    refusable = ":" in text or not text.isprintable()
    with reading(engine_of_one) as session, suppress(*(BadValueError, NotFoundError) if refusable else ()):
        found = find(session, text, limit=5, private=True, now=NOW, tz=load().tz)
        for each in found.items:
            said = snippet(each, found.asked.words, inside=found.inside)
            assert all(0 <= start < end <= len(said.text) for start, end in said.spans)


@pytest.fixture
def engine_of_one(crm, engine):
    """A database with one person."""
    crm("contact", "add", "Jane Roe", "--note", "w1 w2 at noon")
    return engine


STEPS = [
    "contact add P{n} --organization O{m} --title T{n} --email p{n}@x.org --tag g{m} --alias A{n}",
    "contact add Q{n} --private-note secret{n} --context ctx{n}",
    "contact edit c{k} --name R{n} --note note{n} --email e{n}@x.org --organization O{n}",
    "contact edit c{k} --alias other{n} --title '' --tag ''",
    "contact archive c{k}",
    "contact remove c{k} --with-history --yes",
    "organization edit o{k} --name N{n} --alias B{n} --note on{n}",
    "organization remove o{k} --yes",
    "tag edit g{k} --name h{n}",
    "tag remove g{k} --yes",
    "log-contact c{k} --note talk{n} --place cafe{n} --promise 'send{n} by fri' --answer q{k}=yes{n}",
    "log-contact c{k} --note quiet{n} --private --kind coffee --duration 45m",
    "interaction edit i{k} --note better{n}",
    "interaction remove i{k} --yes",
    "question add ask{n} --for c{k} --for @g{m}",
    "question edit q{k} --text again{n} --for ''",
    "question remove q{k} --with-answers --yes",
    "task add do{n} --for c{k} --note n{n}",
    "task edit t{k} --title else{n}",
    "task remove t{k} --yes",
    "commitment add write{n} 2/week --accept",
    "check-in m{k} --note post{n}",
    "log-hours 45m Networking --note hours{n}",
    "undo",
    "undo -n 3",
]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_index_is_in_step_after_whatever_was_written(people, engine, seed):
    """After random commands and undos, failed ones among them, the index is what a new one would be."""
    chosen = random.Random(seed)  # noqa: S311 - the same steps each time
    people("hours", "add", "Networking", "--role", "networking")
    steps = (chosen.choice(STEPS).format(n=n, m=n % 3, k=chosen.randint(1, 4)) for n in range(50))
    assert sum(run_any(step) == 0 for step in steps) > 15
    assert faults(engine) == []
    people("undo", "-n", "100")
    assert faults(engine) == []
    assert people("find", "kind:contact", "--json").json["total"] == 0


def faults(engine):
    """What is wrong with the index."""
    with reading(engine) as session:
        return search.faults(session.connection())


def run_any(line):
    """Run a command, whatever its exit code."""
    return boundary.run(typer.main.get_command(cli.root), shlex.split(line))


def test_an_index_out_of_step_is_noticed_and_put_right(crm, engine, refs):
    """What was written behind the triggers' back, or without them, is told; `crm db upgrade` mends it."""
    crm("contact", "add", "Rosa Lind")
    for harm in ("DELETE FROM search", "UPDATE search SET name = 'Other'", removed_trigger(engine)):
        with engine.begin() as connection:
            connection.exec_driver_sql(harm)
        assert [fault for fault in faults(engine) if "crm db upgrade" in fault]
        crm("db", "upgrade")
        assert faults(engine) == []
        assert refs("rosa") == ["c1"]


def removed_trigger(engine):
    """SQL that takes one trigger away."""
    name = "search_contact_insert"
    return f"DROP TRIGGER {name}" if engine.dialect.name == "sqlite" else f"DROP FUNCTION {name}() CASCADE"


def test_a_search_takes_as_many_queries_however_much_it_finds(crm, engine):
    """Forty results of every kind cost no more statements than four."""
    counts = [statements(crm, engine), statements(crm, engine)]
    assert counts[0] == counts[1] < 40


def statements(crm, engine):
    """Add ten of each, and count the statements of one search."""
    with writing(engine, now=NOW, name="fill") as session:
        for number in range(10):
            name = f"Tern {number}"
            one = Contact(name=name, name_key=fold(name), first_key=first(name))
            talk = Interaction(starts_at=NOW, note="tern")
            session.add_all([one, talk])
            session.flush()
            session.add(InteractionContact(interaction_id=talk.id, contact_id=one.id))
            session.add(Task(title="tern", contact_id=one.id))
    seen = []
    sa.event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    with reading(engine) as session:
        find(session, "tern", limit=100, private=False, now=NOW, tz=load().tz)
    return len(seen)


def test_an_import_can_be_found_and_its_undo_not(crm, refs, engine, tmp_path, monkeypatch):
    """What comes in with a document is in the index at once, and gone with `crm undo`."""
    crm("contact", "add", "Rosa Lind", "--organization", "Acme")
    file = tmp_path / "everything.json"
    crm("export", "json", "-o", str(file))
    crm("contact", "remove", "c1", "--yes")
    assert refs("rosa acme") == []
    crm("import", str(file))
    assert refs("rosa acme") == ["c2"]
    crm("undo")
    assert refs("rosa acme") == []


def test_empty_of_everything(crm):
    """In a new database nothing is found, and what to try is said."""
    assert "Nothing found" in crm("find", "anybody").out
    assert crm("find", "kind:contact", "--json").json == {"items": [], "total": 0}
