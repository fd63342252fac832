"""What a person sees of their people, whatever is in the names."""

import re
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

HOSTILE = [
    "Evil\r\nName",
    "\x1b[31mred\x1b[0m \x1b]8;;http://x.example\x07link",
    "[bold]Bo[/bold] [/] [link=x]",
    "👩‍👧 🎈 Emoji",
    "שלום \u202edana\u2066",
    "x" * 10_000,
    "漢字" * 500,
    "'; DROP TABLE contact; --",
    "<script>alert(1)</script> & <b>",
    "tab\tnel\x85sep\u2028c1\x9b2J",
]
NOUNS = {"contact": "c", "tag": "g", "organization": "o", "task": "t", "question": "q"}
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60)


def assert_harmless(screen, width):
    """No control character but the newline, and no line wider than the screen."""
    assert {each for each in screen if unicodedata.category(each) in {"Cc", "Zl", "Zp"}} <= {"\n"}
    assert max(cell_len(line) for line in screen.split("\n")) <= width


def test_hostile_text_comes_back_exactly_and_breaks_no_table(crm, monkeypatch):
    """Every noun stores what was typed to the letter, and shows it harmlessly within the screen."""
    for text in HOSTILE:
        added = crm("contact", "add", text, "--context", text, "--note", text, "--how-to-reach", text, "--json").json
        assert (added["name"], added["context"], added["notes"], added["how_to_reach"]) == (text,) * 4
        crm(
            "contact",
            "edit",
            added["ref"],
            "--organization",
            text,
            "--title",
            text,
            "--tag",
            f"@{text}",
            "--linkedin",
            text,
        )
        crm("task", "add", text, "--for", added["ref"], "--note", text)
        crm("question", "add", text, "--for", added["ref"], "--for", f"@{text}")
        crm("log-contact", added["ref"], "--note", text, "--answer", f"q{added['id']}={text}")
        if added["id"] > 1:
            crm("relate", added["ref"], "knows", "c1", "--note", text)
    for command, key in (
        ("contact", "name"),
        ("tag", "name"),
        ("organization", "name"),
        ("task", "title"),
        ("question", "text"),
    ):
        assert {each[key] for each in crm(command, "list", "--json").json["items"]} == set(HOSTILE)
    screens = [(noun, "list") for noun in NOUNS]
    screens += [(noun, "show", f"{letter}{number}") for noun, letter in NOUNS.items() for number in (1, 3, 6, 7, 10)]
    for width in (80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        for screen in [*screens, ("history",)]:
            assert_harmless(crm(*screen).out, width)


@settings(max_examples=15)
@given(ANY_TEXT.filter(str.strip).filter(lambda name: not re.match(r"@|[a-z]?\d+$", name.strip().lower())))
def test_any_name_comes_back_exactly(crm, name):
    """Whatever a name is, --json tells it to the letter and the screens stay whole; ids and tags are no names."""
    ref = crm("contact", "add", "--same-name", "--json", "--", name).json["ref"]
    assert crm("contact", "show", ref, "--json").json["name"] == name
    assert_harmless(crm("contact", "show", ref).out, 100)
    crm("undo")


def test_hostile_names_make_short_errors(crm):
    """An error about a huge or hostile name is one or two short lines."""
    for text in HOSTILE:
        refusal = crm("contact", "show", text, code=3).err
        assert len(refusal.splitlines()) <= 2
        assert len(refusal) < 300
        crm("contact", "add", text)
        assert len(crm("contact", "add", text, code=5).err) < 500


def test_hostile_names_make_remarks_of_one_line(crm):
    """What is said beside the result is harmless too."""
    crm("contact", "add", "Rosa\nnote: \x1b[31mred")
    remarks = crm("contact", "add", "Rosa\nother").err
    assert_harmless(remarks, 300)
    assert len(remarks.splitlines()) == 1


def test_the_card_keeps_the_worksheets_own_words(crm):
    """Name, How to reach, What to ask and Status are there even while they are blank, and say how to fill them."""
    crm("contact", "add", "Rosa Lind")
    blank = crm("contact", "show", "rosa").out
    for label in ("Name", "How to reach", "What to ask", "Status"):
        assert f"\n{label}" in blank
    assert "crm contact edit c1 --how-to-reach" in blank
    assert 'crm question add "..." --for c1' in blank
    crm("contact", "edit", "rosa", "--how-to-reach", "ask Tomas", "--status", "wrote in May")
    crm("question", "add", "Which key?", "--for", "rosa")
    filled = crm("contact", "show", "rosa").out
    for text in ("ask Tomas", "q1 Which key?", "to-contact; wrote in May"):
        assert text in filled


def test_a_relationship_is_told_from_both_sides(crm):
    """Each of the two people's cards names the other."""
    for name in ("Rosa", "Tomas"):
        crm("contact", "add", name)
    crm("relate", "rosa", "works", "with", "tomas", "--note", "since May")
    assert "works with Tomas c2 - since May" in crm("contact", "show", "rosa").out
    assert "Rosa c1 works with Tomas - since May" in crm("contact", "show", "tomas").out


def test_a_resolved_birthday_is_said_back(crm):
    """What was understood of a typed day stands in the answer."""
    assert "--04-12" in crm("contact", "add", "Rosa", "--birthday", "12 apr").out


def test_empty_lists_say_what_to_type(crm):
    """An empty screen names the command that fills it."""
    for noun, hint in (
        ("contact", "crm contact add"),
        ("organization", "crm organization add"),
        ("tag", "crm contact tag"),
        ("question", "crm question add"),
        ("task", "crm task add"),
    ):
        assert hint in crm(noun, "list").out


def test_those_whom_nobody_tends_are_told_apart(crm):
    """A source and a person of tier none show what they are instead of a stage."""
    crm("contact", "add", "A Channel", "--kind", "source")
    crm("contact", "add", "Imported")
    crm("contact", "tier", "imported", "none")
    lines = {line.split()[1]: line for line in crm("contact", "list").out.splitlines() if line.startswith("c")}
    assert "(source)" in lines["A"]
    assert "(tier none)" in lines["Imported"]


def test_a_long_list_is_cut_short_and_says_how_to_see_more(crm):
    """Of many people the first are shown, with how many more and how to narrow; --all and JSON have everybody."""
    for number in range(35):
        crm("contact", "add", f"Person{number}")
    shown = crm("contact", "list").out
    assert "Person29" in shown
    assert "Person30" not in shown
    assert "and 5 more" in shown
    assert "--tag" in shown
    assert "Person34" in crm("contact", "list", "--all").out
    assert len(crm("contact", "list", "--json").json["items"]) == 35
