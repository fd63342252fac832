"""The lists the project starts from: what they hold, what they must not hold, and how a wrong entry is told."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from crm import data
from crm.errors import BadValueError, ConfigurationError
from crm.importers import load, seed
from crm.rows import (
    CommitmentRow,
    ContactRow,
    IntroductionRow,
    NoticeRow,
    OrganizationRow,
    PlanRow,
    ReferralRow,
    RelationshipRow,
    ReviewRow,
    TaskRow,
)

SAMPLE = Path(__file__).parent.parent / "data" / "samples" / "seed.toml"


def parse(text: str) -> list[object]:
    return list(seed.parse(text.encode(), name="mine.toml"))


def test_the_lists_hold_what_the_project_starts_from():
    """Fourteen people, nine of them experts, fourteen checklist items, four reviews, five activities and the rest."""
    rows = seed.read()
    counts = Counter(row.KIND for row in rows)
    assert [counts[kind] for kind in ("contact", "task", "review", "activity", "commitment", "referral")] == [
        14,
        14,
        4,
        5,
        1,
        3,
    ]
    contacts = [row for row in rows if isinstance(row, ContactRow)]
    assert sum("experts" in row.tags for row in contacts) == 9
    assert Counter(row.kind for row in contacts) == {"person": 13, "source": 1}
    assert Counter(row.horizon for row in rows if isinstance(row, TaskRow)) == {
        "this-week": 4,
        "next-two-weeks": 5,
        "before-start": 5,
    }
    assert {row.name: (row.offset_weeks, row.offset_months) for row in rows if isinstance(row, ReviewRow)} == {
        "Week 2": (2, 0),
        "Month 1": (0, 1),
        "Month 3": (0, 3),
        "Month 6": (0, 6),
    }
    assert [(row.times, row.per, row.state) for row in rows if isinstance(row, CommitmentRow)] == [
        (2, "week", "proposed")
    ]
    assert {value for row in rows if isinstance(row, PlanRow) for _, value in row.facts()} == {400, date(2029, 5, 31)}


def test_every_entry_names_the_line_it_was_taken_from():
    """Each row of the lists tells file and line, and what prose only suggests is marked."""
    for row in seed.read():
        assert row.source.file == "1metalearning.md"
        assert row.source.line is not None
        assert row.source.inferred or not isinstance(row, RelationshipRow | IntroductionRow | CommitmentRow | PlanRow)


def test_no_two_entries_are_of_the_same_thing():
    """Kinds and keys are unique, the plan's facts aside, which each have an entry."""
    keys = Counter((row.KIND, row.key) for row in seed.read() if not isinstance(row, PlanRow))
    assert max(keys.values()) == 1


def test_whoever_is_named_in_an_ask_is_a_contact_of_the_lists():
    """Relationships, introductions and referrals name people by the names under which they are listed."""
    rows = seed.read()
    known = {row.name for row in rows if isinstance(row, ContactRow)}
    named = {name for row in rows if isinstance(row, RelationshipRow) for name in (row.from_name, row.to_name)}
    named |= {name for row in rows if isinstance(row, IntroductionRow) for name in (row.connector, row.contact) if name}
    named |= {row.contact for row in rows if isinstance(row, ReferralRow) if row.contact}
    assert named <= known


def test_the_lists_hold_no_way_to_reach_anybody_and_nothing_private():
    """No address, number, handle or link, and nothing on pay or health, in any file of the lists."""
    private = re.compile(
        r"\S@\S|https?:|www\.|\d{7}|\$|\bsalar|\bcompensation\b|\bsurg|\bpaid\b|\bpay\b", re.IGNORECASE
    )
    for path in data.files("seed", "*.toml"):
        assert private.search(path.read_text(encoding="utf-8")) is None
    assert not any(row.methods for row in seed.read() if isinstance(row, ContactRow))


def test_a_misspelt_company_is_known_by_both_spellings():
    """The worksheet's own spelling stays as an alias, so that the worksheet finds the same company."""
    assert [row.name for row in seed.read() if isinstance(row, OrganizationRow) if row.aliases == ("OpnAI",)] == [
        "OpenAI"
    ]


def test_what_the_lists_leave_unsure_is_a_gap_and_no_blank():
    """The lists have no fields to leave blank; what they are unsure of is asked."""
    notices = [row for row in seed.read() if isinstance(row, NoticeRow)]
    assert notices
    assert {(row.level, row.blank) for row in notices} == {("gap", False)}
    assert all(row.remedy for row in notices)


def test_the_sample_is_recognised_and_read():
    """A list of one's own is an import format like any other."""
    importer = load("seed")
    with SAMPLE.open("rb") as file:
        rows = list(importer.rows(file))
    assert importer.sniff(SAMPLE.read_bytes()[:200])
    assert not importer.sniff(b"[contact]\nname = 'x'\n")
    assert [row.KIND for row in rows] == ["tag", "contact", "contact", "relationship", "task"]
    assert [row.source.inferred for row in rows] == [False, False, True, True, False]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[[contact]]\nname = 'Ada'\n[[contact]]\nname = 'Bo'\nnmae = 'x'",
            r'contact 2 \("Bo"\): unknown key "nmae"; known: name',
        ),
        ("[[contact]]\ntags = ['a']", r"contact 1: name is missing"),
        ("[[task]]\ntitle = 'a'\nhorizon = 'soon'", r'task 1 \("a"\): horizon must be one of this-week'),
        ("[[review]]\nname = 'Week 2'\noffset_weeks = '2'", "offset_weeks must be a whole number"),
        ("[[review]]\nname = 'Week 2'\noffset_weeks = true", "offset_weeks must be a whole number"),
        ("[[review]]\nname = 'Week 2'\noffset_weeks = -2", "offset_weeks must lie between 0 and"),
        ("[[plan]]\ntotal_hours = nan", "total_hours must lie between 0 and"),
        ("[[plan]]\nstart_on = 2026-01-05T10:00:00", "start_on must be a day"),
        ("[[plan]]\nstart_on = '2026-01-05'", "start_on must be a day"),
        ("[[contact]]\nname = ''", "name must be a text"),
        ("[[contact]]\nname = 7", "name must be a text"),
        ('[[contact]]\nname = "a\\u0000b"', "holds a NUL"),
        ("[[contact]]\nname = 'a'\ntags = 'x'", "tags must be a list of texts"),
        ("[[contact]]\nname = 'a'\nmethods = []", 'unknown key "methods"'),
        ("[[contact]]\nname = 'a'\nline = 'x'", "line must be a whole number"),
        ("[[contact]]\nname = 'a'\ninferred = 1", "inferred must be true or false"),
        ("[[person]]\nname = 'a'", 'no entries called "person"'),
        ("[[row]]\n", 'no entries called "row"'),
        ("[contact]\nname = 'a'", r"write \[\[contact\]\] above each entry"),
        ("contact = 1", r"write \[\[contact\]\] above each entry"),
        ("name = ", "is no TOML"),
        ("a = " + "[" * 5_000, "is no TOML"),
        ("", "has no entries"),
        ("\ud800", "is no TOML"),
    ],
)
def test_a_wrong_entry_is_named(text: str, message: str):
    """The message names the file, the entry and what is wrong with it."""
    with pytest.raises(BadValueError, match=rf"mine\.toml.*{message}"):
        seed.parse(text.encode("utf-8", "surrogatepass"), name="mine.toml")


def test_a_list_too_large_is_refused():
    """A list has the size of a list."""
    with pytest.raises(BadValueError, match="larger than 1,000,000 bytes"):
        seed.parse(b"#" * 1_000_001, name="mine.toml")


def test_a_broken_list_of_the_installation_is_a_configuration_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Nothing that the person typed can make a shipped list wrong; the message names its file and entry."""
    (tmp_path / "people.toml").write_text("[[contact]]\nnmae = 'Ada'\n")
    monkeypatch.setattr(data, "folder", lambda _kind: tmp_path)
    with pytest.raises(ConfigurationError, match=r"people\.toml, contact 1: unknown key.*install networking-crm again"):
        seed.read()


def test_defaults_and_types_of_a_list():
    """Whole numbers do for hours, and a field left out has the row's own default."""
    (plan, contact) = parse("[[plan]]\ntotal_hours = 300\n[[contact]]\nname = 'Ada'\nline = 3\n")
    assert isinstance(plan, PlanRow)
    assert isinstance(plan.total_hours, float)
    assert contact == ContactRow(name="Ada", source=contact.source)
    assert (contact.source.line, contact.source.inferred) == (3, False)


def test_the_shipped_files_are_found_in_a_wheel_and_in_a_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A wheel's copies inside the package come first, then the tree's own; with neither, the installation is broken."""
    package = tmp_path / "site" / "crm"
    monkeypatch.setattr(data, "_PACKAGE", package)
    with pytest.raises(ConfigurationError, match="lacks its seed files"):
        data.folder("seed")
    in_tree = tmp_path / "site" / "data" / "seed"
    in_tree.mkdir(parents=True)
    assert data.folder("seed") == in_tree
    in_wheel = package / "_data" / "seed"
    in_wheel.mkdir(parents=True)
    for name in ("b.toml", "a.toml", "c.txt"):
        (in_wheel / name).touch()
    assert [path.name for path in data.files("seed", "*.toml")] == ["a.toml", "b.toml"]
