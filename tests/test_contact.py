"""Adding, editing and putting away people, as a person or a script does it."""

import pytest

from crm.models.words import Stage


def test_a_contact_is_added_with_everything_said_of_them(crm):
    """Every option ends in the record under its stable key."""
    told = crm(
        *("contact", "add", "Rosa Lind", "--organization", "Acme", "--title", "Engineer", "--email", "r@example.org"),
        *(
            "--email",
            "rosa@example.org",
            "--phone",
            "555",
            "--linkedin",
            "in/rosa",
            "--instagram",
            "@r",
            "--url",
            "x.org",
        ),
        *("--how-to-reach", "ask Tomas", "--context", "the choir", "--place", "Oslo", "--status", "wrote once"),
        *(
            "--stage",
            "contacted",
            "--tag",
            "@choir",
            "--tag",
            "experts",
            "--alias",
            "Rosie",
            "--birthday",
            "12 apr 1990",
        ),
        *("--note", "sings", "--private-note", "secret", "--json"),
    ).json
    assert (told["id"], told["ref"], told["name"], told["kind"], told["tier"]) == (
        1,
        "c1",
        "Rosa Lind",
        "person",
        "active",
    )
    assert (told["organization"], told["title"], told["stage"]) == ("Acme", "Engineer", "contacted")
    assert (told["how_to_reach"], told["context"], told["place"]) == ("ask Tomas", "the choir", "Oslo")
    assert (told["status_text"], told["notes"], told["birthday"]) == ("wrote once", "sings", "1990-04-12")
    assert (told["tags"], told["aliases"]) == (["choir", "experts"], ["Rosie"])
    assert [(each["kind"], each["value"], each["primary"]) for each in told["methods"]] == [
        ("email", "r@example.org", True),
        ("email", "rosa@example.org", False),
        ("phone", "555", True),
        ("linkedin", "in/rosa", True),
        ("instagram", "@r", True),
        ("url", "x.org", True),
    ]


def test_a_private_note_leaves_only_when_asked_for(crm):
    """show --json says that it left something out; --include-private tells it; the terminal always does."""
    crm("contact", "add", "Rosa", "--private-note", "secret")
    left_out = crm("contact", "show", "rosa", "--json")
    assert "secret" not in left_out.out
    assert "--include-private" in left_out.err
    assert crm("contact", "show", "rosa", "--json", "--include-private").json["private_notes"] == "secret"
    assert "secret" in crm("contact", "show", "rosa").out


def test_a_name_needs_no_quotation_marks(crm):
    """Words are joined with single blanks; a quoted name stays exactly as it was typed."""
    assert crm("contact", "add", "Rosa", "van", "Lind", "--json").json["name"] == "Rosa van Lind"
    assert crm("contact", "add", "  Tomas  Vale ", "--json").json["name"] == "  Tomas  Vale "


def test_a_name_that_is_there_is_refused_with_two_ways_round(crm):
    """Case and accents make no other name; --same-name allows for two people, who are then told apart by id."""
    crm("contact", "add", "Zoë Lind", "--alias", "Z")
    for name in ("zoe lind", "Z"):
        refusal = crm("contact", "add", name, "--json", code=5).error
        assert refusal["code"] == "refused"
        assert "crm contact edit c1" in refusal["message"]
        assert "--same-name" in refusal["message"]
    assert crm("contact", "add", "Zoë Lind", "--same-name", "--json").json["ref"] == "c2"
    assert crm("contact", "show", "Zoë Lind", "--json", code=4).error["candidates"] == ["c1 Zoë Lind", "c2 Zoë Lind"]


def test_a_name_that_looks_alike_is_only_remarked_on(crm):
    """Marla beside Marlo is another person; a note says that there are two."""
    crm("contact", "add", "Marla")
    added = crm("contact", "add", "Marlo", "--json")
    assert added.json["ref"] == "c2"
    assert "c1 Marla" in added.err
    assert crm("contact", "add", "Tomas").err == ""


def test_a_new_organization_is_said_and_a_known_one_is_used(crm):
    """Working somewhere adds the organization once; its alias means it too."""
    assert "new organization Acme (o1)" in crm("contact", "add", "Rosa", "--organization", "Acme").err
    crm("organization", "edit", "acme", "--alias", "ACM Inc")
    crm("contact", "add", "Tomas", "--organization", "acm inc")
    assert [each["name"] for each in crm("organization", "list", "--json").json["items"]] == ["Acme"]
    assert crm("contact", "show", "tomas", "--json").json["organization"] == "Acme"


@pytest.mark.parametrize(
    ("option", "key"),
    [
        ("--how-to-reach", "how_to_reach"),
        ("--context", "context"),
        ("--place", "place"),
        ("--status", "status_text"),
        ("--note", "notes"),
        ("--title", "title"),
        ("--organization", "organization"),
    ],
)
def test_a_field_is_changed_and_cleared(crm, option, key):
    """A text replaces what was there, an empty one clears it, and the rest stays."""
    crm("contact", "add", "Rosa", "--phone", "555")
    assert crm("contact", "edit", "rosa", option, "one", "--json").json[key] == "one"
    assert crm("contact", "edit", "rosa", option, "two", "--json").json[key] == "two"
    cleared = crm("contact", "edit", "rosa", option, "", "--json").json
    assert cleared[key] is None
    assert cleared["methods"][0]["value"] == "555"
    assert cleared["positions"] == []


def test_ways_to_reach_are_set_and_tags_and_aliases_added(crm):
    """--email says which addresses there are; --tag and --alias add, and an empty one first takes all away."""
    crm("contact", "add", "Rosa", "--email", "a@x.org", "--email", "b@x.org", "--tag", "choir", "--alias", "Ro")
    told = crm("contact", "edit", "rosa", "--email", "b@x.org", "--tag", "friends", "--alias", "Rosie", "--json").json
    assert [(each["value"], each["primary"]) for each in told["methods"]] == [("b@x.org", True)]
    assert (told["tags"], told["aliases"]) == (["choir", "friends"], ["Ro", "Rosie"])
    told = crm("contact", "edit", "rosa", "--email", "", "--tag", "", "--tag", "new", "--alias", "", "--json").json
    assert (told["methods"], told["tags"], told["aliases"]) == ([], ["new"], [])


def test_a_renamed_contact_answers_to_the_new_name(crm):
    """The look-up follows the name."""
    crm("contact", "add", "Rosa Lind")
    crm("contact", "edit", "rosa", "--name", "Zoë Vale")
    assert crm("contact", "show", "zoe", "--json").json["name"] == "Zoë Vale"
    crm("contact", "show", "rosa", code=3)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("1990-04-12", "1990-04-12"),
        ("12 April 1990", "1990-04-12"),
        ("apr 12", "--04-12"),
        ("--04-12", "--04-12"),
        ("29 feb", "--02-29"),
        ("2026-01-05", "2026-01-05"),
    ],
)
def test_a_birthday_is_read_with_or_without_its_year(crm, typed, stored):
    """A birthday without a year is kept as vCard 4.0 writes it."""
    assert crm("contact", "add", "Rosa", "--birthday", typed, "--json").json["birthday"] == stored


@pytest.mark.parametrize(
    "typed", ["soon", "30 feb", "1991-02-29", "2026-01-06", "1500-01-01", "4/5/1990", "fri", "--13-01"]
)
def test_what_is_no_birthday_is_refused(crm, typed):
    """A day that the calendar lacks, one to come and a slashed one end with exit 2, and nobody is added."""
    crm("contact", "add", "Rosa", f"--birthday={typed}", code=2)
    assert crm("contact", "list", "--json").json == {"items": []}


@pytest.mark.parametrize(
    "words",
    [
        ("add", ""),
        ("add", "  "),
        ("add", "Rosa\udcff"),
        ("add", "Tomas", "--note", "\udcff"),
        ("add", "Tomas", "--email", " "),
        ("add", "Tomas", "--tag", "@"),
        ("add", "Tomas", "--stage", "friends"),
        ("edit", "rosa"),
        ("edit", "rosa", "--name", ""),
        ("tier", "rosa", "best"),
        ("tier", "rosa"),
        ("tag", "choir"),
        ("tag", "rosa", ""),
        ("show",),
    ],
)
def test_a_bad_value_changes_nothing(crm, words):
    """Wrong usage ends with exit 2 and one line that helps, and the record stays as it was."""
    before = crm("contact", "add", "Rosa", "--json").json
    refusal = crm("contact", *words, code=2)
    assert refusal.err.startswith("crm: ")
    assert len(refusal.err.splitlines()) <= 2
    assert crm("contact", "list", "--json").json == {"items": [before]}


def test_an_unknown_person_is_not_found(crm):
    """Exit 3, and close names as candidates, for every command that takes somebody."""
    crm("contact", "add", "Marla")
    for command in (("show", "marlo"), ("edit", "marlo", "--phone", "1"), ("remove", "marlo"), ("archive", "marlo")):
        assert crm("contact", *command, "--json", code=3).error == {
            "code": "not_found",
            "message": 'nobody is called "marlo"; did you mean one of these?',
            "candidates": ["Marla"],
        }


def test_one_person_at_a_time(crm):
    """A command about one person refuses two."""
    crm("contact", "add", "Rosa")
    crm("contact", "add", "Tomas")
    assert "one person at a time" in crm("contact", "edit", "rosa", "tomas", "--phone", "1", code=2).err


def test_people_are_put_in_a_tag_and_taken_out(crm):
    """The last word is the tag, with or without @, and a tag is made when it is new."""
    for name in ("Rosa Lind", "Tomas"):
        crm("contact", "add", name)
    told = crm("contact", "tag", "rosa", "lind", "tomas", "@choir", "--json").json
    assert [(each["name"], each["tags"]) for each in told["items"]] == [("Rosa Lind", ["choir"]), ("Tomas", ["choir"])]
    assert "so already" in crm("contact", "tag", "tomas", "CHOIR").out
    assert crm("contact", "tag", "@choir", "choir", "--off", "--json").json["items"][0]["tags"] == []
    crm("contact", "tag", "rosa", "band", "--off", code=3)


def test_the_tier_says_how_closely_somebody_is_tended(crm):
    """tier sets one of four; a source starts with none, for nobody is nagged about it."""
    crm("contact", "add", "Rosa")
    assert crm("contact", "tier", "rosa", "INNER", "--json").json["tier"] == "inner"
    assert crm("contact", "add", "A Channel", "--kind", "source", "--json").json["tier"] == "none"


def test_archived_people_leave_the_list_and_come_back(crm):
    """Archiving puts away and --back takes back; both say so when it was so already."""
    crm("contact", "add", "Rosa")
    assert crm("contact", "archive", "rosa", "--json").json["archived_at"] == "2026-01-05T17:00:00Z"
    assert crm("contact", "list", "--json").json["items"] == []
    assert [each["name"] for each in crm("contact", "list", "--archived", "--json").json["items"]] == ["Rosa"]
    assert "so already" in crm("contact", "archive", "rosa").out
    assert crm("contact", "archive", "rosa", "--back", "--json").json["archived_at"] is None


def test_a_contact_nothing_refers_to_is_removed_and_its_id_stays_unused(crm):
    """Methods, tags and relationships go with the person; no later one has their id."""
    crm("contact", "add", "Rosa", "--email", "r@x.org", "--tag", "choir", "--organization", "Acme")
    crm("contact", "add", "Tomas")
    crm("relate", "rosa", "knows", "tomas")
    assert crm("contact", "remove", "rosa", "--json").json["ref"] == "c1"
    crm("contact", "show", "c1", code=3)
    assert crm("contact", "show", "tomas", "--json").json["relationships"] == []
    assert crm("contact", "add", "Ursula", "--json").json["ref"] == "c3"
    crm("undo")
    assert crm("contact", "add", "Vera", "--json").json["ref"] == "c4"


def test_a_contact_with_history_is_refused_and_the_ways_round_named(crm):
    """What refers to somebody keeps them: exit 5 names archive and --with-history, and nothing changes."""
    crm("contact", "add", "Rosa")
    crm("task", "add", "Send the songs", "--for", "rosa")
    crm("question", "add", "Which key?", "--for", "rosa")
    refusal = crm("contact", "remove", "rosa", code=5).err
    assert "1 question, 1 task" in refusal
    assert "crm contact archive c1" in refusal
    assert "--with-history" in refusal
    assert crm("task", "list", "--json").json["items"][0]["title"] == "Send the songs"


def test_a_contact_is_removed_with_their_history(crm):
    """--with-history takes what is theirs alone; what others take part in stays without them."""
    for name in ("Rosa", "Tomas"):
        crm("contact", "add", name)
    crm("question", "add", "For Rosa alone?", "--for", "rosa")
    crm("question", "add", "For both?", "--for", "rosa", "--for", "tomas")
    crm("log-contact", "rosa", "--follow-up", "fri", "--answer", "q1=yes")
    crm("log-contact", "rosa", "tomas")
    crm("contact", "remove", "rosa", "--with-history")
    tomas = crm("contact", "show", "tomas", "--json").json
    assert [each["contacts"] for each in tomas["interactions"]] == [[tomas["uid"]]]
    assert [each["text"] for each in crm("question", "list", "--all", "--json").json["items"]] == ["For both?"]
    assert crm("task", "list", "--json").json["items"] == []


def test_a_question_others_answered_is_closed_and_not_opened_to_anybody(crm):
    """When the only person a question is for goes, others' answers keep it, and it is asked no more."""
    for name in ("Rosa", "Tomas"):
        crm("contact", "add", name)
    crm("question", "add", "Which key?", "--for", "rosa")
    crm("log-contact", "tomas", "--answer", "q1=G")
    crm("contact", "remove", "rosa", "--with-history")
    (left,) = crm("question", "list", "--all", "--json").json["items"]
    assert (left["ref"], left["state"]) == ("q1", "closed")


def test_everything_known_of_somebody_is_in_one_answer(crm):
    """show --json has the record and all that hangs on it, each with the keys it has elsewhere."""
    for name in ("Rosa", "Tomas"):
        crm("contact", "add", name, "--tag", "choir")
    crm("relate", "tomas", "knows", "rosa")
    crm("question", "add", "For all?", "--for", "@choir")
    crm("question", "add", "For anybody?")
    crm("question", "add", "For Tomas?", "--for", "tomas")
    crm("question", "add", "For Rosa?", "--for", "rosa")
    crm("task", "add", "Sing", "--for", "rosa")
    crm("log-contact", "rosa", "--kind", "call", "--answer", "q1=done")
    told = crm("contact", "show", "rosa", "--json").json
    assert [each["type"] for each in told["relationships"]] == ["knows"]
    assert [each["text"] for each in told["questions"]] == ["For Rosa?", "For anybody?"]
    assert [each["text"] for each in told["answers"]] == ["done"]
    assert [each["title"] for each in told["tasks"]] == ["Sing"]
    assert [each["kind"] for each in told["interactions"]] == ["call"]


def test_the_list_is_narrowed_by_tag_and_stage(crm):
    """--tag and --stage keep those they name; an unknown tag is an error and an unknown stage wrong usage."""
    crm("contact", "add", "Rosa", "--tag", "choir")
    crm("contact", "add", "Tomas", "--stage", Stage.MET)
    for options, expected in (
        (("--tag", "@choir"), ["Rosa"]),
        (("--stage", "met"), ["Tomas"]),
        ((), ["Rosa", "Tomas"]),
    ):
        assert [each["name"] for each in crm("contact", "list", *options, "--json").json["items"]] == expected
    crm("contact", "list", "--tag", "band", code=3)
    crm("contact", "list", "--stage", "friend", code=2)


def test_the_last_contact_comes_first_and_those_nobody_tends_last(crm):
    """Recency orders the list; imported people and sources follow, even when met since."""
    for name in ("Never", "Old", "New", "Imported"):
        crm("contact", "add", name)
    crm("contact", "tier", "imported", "none")
    crm("contact", "add", "A Channel", "--kind", "source")
    crm("log-contact", "old", "--at", "2025-12-01")
    crm("log-contact", "new", "--at", "2026-01-02")
    crm("log-contact", "imported", "--at", "2026-01-04")
    items = crm("contact", "list", "--json").json["items"]
    assert [each["name"] for each in items] == ["New", "Old", "Never", "Imported", "A Channel"]


@pytest.mark.parametrize("name", ["c2", "12", "T5", "@lab", " @lab"])
def test_what_would_be_taken_for_an_id_or_a_tag_is_no_name(crm, name):
    """Exit 2, and nobody is added or renamed."""
    crm("contact", "add", "Jane Roe")
    assert "would be taken for" in crm("contact", "add", name, code=2).err
    crm("contact", "edit", "jane", "--name", name, code=2)
    assert [each["name"] for each in crm("contact", "list", "--json").json["items"]] == ["Jane Roe"]


@pytest.mark.parametrize("option", ["--linkedin URL", "--instagram NAME", "--url URL"])
def test_a_placeholder_typed_as_it_stands_is_refused(crm, option):
    """What the hints write for something of one's own is no way to reach anybody."""
    crm("contact", "add", "Jane Roe")
    assert "stands for what you know" in crm("contact", "edit", "jane", *option.split(), code=2).err


def test_a_chat_that_has_passed_is_not_to_come(crm):
    """On the card it asks how it went, as long as nobody says."""
    crm("contact", "add", "Jane Roe")
    crm("schedule", "jane", "fri", "14:30")
    assert "Chats to come" in crm("contact", "show", "jane").out
    later = crm("contact", "show", "jane", now="2026-01-20T17:00:00Z").out
    assert "how did it go?" in later
    assert "Chats to come" not in later
