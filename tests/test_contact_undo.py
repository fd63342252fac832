"""Whatever a person writes about people is taken back whole by `crm undo`."""

import database_support
import pytest

STEPS = [
    (
        "contact",
        "add",
        "Ursula",
        "--organization",
        "Beta",
        "--email",
        "u@x.org",
        "--tag",
        "band",
        "--birthday",
        "3 feb",
    ),
    ("contact", "edit", "rosa", "--name", "Rosy", "--phone", "555", "--email", "", "--alias", "", "--tag", "new"),
    ("contact", "edit", "rosa", "--organization", "", "--title", "", "--tag", "", "--note", "n", "--stage", "met"),
    ("contact", "edit", "tomas", "--organization", "Acme", "--private-note", "p"),
    ("contact", "archive", "rosa"),
    ("contact", "tier", "rosa", "inner"),
    ("contact", "tag", "rosa", "tomas", "fresh"),
    ("contact", "tag", "@choir", "choir", "--off"),
    ("contact", "remove", "vera"),
    ("contact", "remove", "rosa", "--with-history"),
    ("contact", "remove", "tomas", "--with-history"),
    ("organization", "add", "Gamma", "--alias", "G", "--target"),
    ("organization", "edit", "acme", "--name", "Acme2", "--alias", "", "--target", "--note", "n"),
    ("organization", "remove", "delta"),
    ("tag", "add", "fresh", "--description", "d"),
    ("tag", "edit", "choir", "--name", "singers", "--description", "d"),
    ("tag", "remove", "friends"),
    ("relate", "vera", "taught", "rosa", "--note", "n"),
    ("relate", "rosa", "knows", "tomas", "--off"),
    ("question", "add", "New?", "--for", "rosa", "--for", "@choir"),
    ("question", "edit", "q1", "--text", "Other?", "--for", "vera"),
    ("question", "edit", "q2", "--for", ""),
    ("question", "close", "q1"),
    ("question", "remove", "q1", "--with-answers"),
    ("task", "add", "New", "--due", "fri", "--for", "vera"),
    ("task", "edit", "t1", "--title", "Other", "--due", "", "--for", "tomas", "--kind", "promise", "--note", "n"),
    ("task", "remove", "t1"),
    ("done", "t1"),
    ("snooze", "t1", "3 feb"),
]


def document(crm):
    """Everything there is, but for what undo raises on purpose."""

    def scrubbed(value):
        if isinstance(value, dict):
            raised = {"revision", "updated_at", "exported_at"}
            return {key: scrubbed(each) for key, each in value.items() if key not in raised}
        return [scrubbed(each) for each in value] if isinstance(value, list) else value

    return scrubbed(crm("export", "json", "--include-private").json)


@pytest.fixture
def people(crm, home, built):
    """Three people with everything that can hang on them."""
    if not (built / "url").exists():
        fill(crm)
        (built / "url").write_text(database_support.copy(database_support.url_of(home), built, kept=True))
    database_support.begin_anew((built / "url").read_text(), home)
    return crm


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Where the filled database is kept, so that it is filled once."""
    return tmp_path_factory.mktemp("built")


def fill(crm):
    crm("contact", "add", "Rosa", "--organization", "Acme", "--email", "r@x.org", "--alias", "R", "--tag", "choir")
    crm("contact", "add", "Tomas", "--tag", "choir", "--tag", "friends")
    crm("contact", "add", "Vera", "--tag", "friends", "--phone", "1")
    crm("organization", "add", "Delta")
    crm("relate", "rosa", "knows", "tomas")
    crm("question", "add", "First?", "--for", "rosa")
    crm("question", "add", "Second?", "--for", "rosa", "--for", "tomas")
    crm("task", "add", "Sing", "--due", "fri", "--for", "rosa", "--note", "n")
    crm("log-contact", "rosa", "--kind", "call", "--answer", "q1=yes", "--follow-up", "fri", "--promise", "a by fri")
    crm("log-contact", "rosa", "tomas", "--duration", "45m")
    crm("schedule", "tomas", "fri", "14:30")


@pytest.mark.parametrize("words", STEPS, ids=" ".join)
def test_a_command_is_taken_back_whole(people, words):
    """After undo the document is the one from before; revisions alone have risen."""
    before = document(people)
    people(*words)
    assert document(people) != before
    people("undo")
    assert document(people) == before


def test_everything_is_taken_back_one_by_one(people):
    """Undoing every step in turn leads back to the empty document."""
    steps = len(people("history", "-n", "100", "--json").json["items"])
    people("contact", "remove", "rosa", "--with-history")
    people("undo", "-n", str(steps + 1))
    left = document(people)
    assert not any(left[key] for key in left if key not in {"format", "version", "availability", "tombstones"})
