"""Lists as people type them into a worksheet: indented by accident, numbered, half filled in; nobody is lost unseen."""

import pytest

from crm.errors import BadValueError
from crm.importers import worksheet
from crm.rows import (
    ContactRow,
    NoticeRow,
    QuestionRow,
    ReferralRow,
    ReviewRow,
    Row,
    TagRow,
    TaskRow,
)

EXPERTS = (
    "### 7.1 Questions for Experts\n\n**Instructions:** Prepare questions for ML engineers you can reach out to.\n"
)
TO_CONTACT = "### 7.2 People to Contact\n\n"
REFERRALS = "### 7.3 Referals I could ask for\n"
PARTS = [EXPERTS, TO_CONTACT, REFERRALS]
UNUSED = "\n## Action Items\n- [ ] Read\n"  # a worksheet without one row is refused; this keeps blanks readable


def read(text: str) -> list[Row]:
    return worksheet.read((text + UNUSED).encode(), name="mine.md")


def people(rows: list[Row]) -> dict[str, int | None]:
    """The contacts with their lines."""
    return {row.name: row.source.line for row in rows if isinstance(row, ContactRow)}


def noticed(rows: list[Row]) -> list[int | None]:
    """The lines of what the reader could not settle about people."""
    return [row.source.line for row in rows if isinstance(row, NoticeRow) and row.subject != "plan"]


@pytest.mark.parametrize("marker", ["-", "*", "+", "1.", "2.", "7)"])
@pytest.mark.parametrize("indent", ["", "\t", "    ", "      ", "\t\t", " \t"])
@pytest.mark.parametrize("indented", [1, 2, 3])
def test_bullets_indented_right_below_the_instruction_are_people(marker: str, indent: str, indented: int):
    """Markdown takes such bullets for more of the paragraph; here they are bullets, in one list with those below."""
    names = ["Rosa Lind", "Uwe Holt", "Tilda"]
    bullets = [f"{indent if at < indented else ''}{marker} {name}\n" for at, name in enumerate(names)]
    found = read(EXPERTS + "".join(bullets))
    assert people(found) == {"Rosa Lind": 4, "Uwe Holt": 5, "Tilda": 6}
    (tag,) = [row for row in found if isinstance(row, TagRow)]
    assert (tag.description, tag.source.line) == ("ML engineers you can reach out to", 3)
    assert {row.tags for row in found if isinstance(row, ContactRow)} == {("experts",)}


@pytest.mark.parametrize(
    "bullets",
    [
        "\t- Rosa Lind\n    - Uwe Holt\n",
        "    * Rosa Lind\n\t+ Uwe Holt\n",
        "\t- Rosa Lind\n\t- Uwe Holt\n---\n",
        "\n-     Rosa Lind\n-\t\tUwe Holt\n",
        "\n<br>\n- Rosa Lind\n- Uwe Holt\n",
        "\n> People:\n>     - Rosa Lind\n>     - Uwe Holt\n",
        "        - Rosa Lind\n    - Uwe Holt\n",
    ],
    ids=["tab then spaces", "spaces then tab", "a rule below", "wide bullets", "html", "quoted", "less and less"],
)
def test_other_ways_in_which_markdown_hides_a_list(bullets: str):
    """Mixed indentation, a rule right below, text far from its marker, HTML above: each bullet is still read."""
    assert list(people(read(EXPERTS + bullets))) == ["Rosa Lind", "Uwe Holt"]


def test_indented_lists_are_read_in_every_part():
    """Boxes, reviews, slots and referrals below a paragraph are what they would be without the indentation."""
    found = read(
        "## Action Items\nDo this:\n\t- [ ] One\n\t- [x] Two\n- [ ] Three\n\n"
        "## Review Schedule\nLook back:\n    * [ ] **Week 2:** Adjust\n    * [x] Month 1: Check\n\n"
        f"{TO_CONTACT}Fill in:\n\t- **Person 1:**\n\t\t- Name: Uwe Holt\n\t\t- Status: met\n"
        "\t- **Person 2:**\n\t\t- Name: Tilda\n\n"
        f"{REFERRALS}Ask:\n    1. Rosa Lind (recruiter for acme)\n    2. Uwe Holt\n"
    )
    tasks = [(row.title, row.done, row.source.line) for row in found if isinstance(row, TaskRow)]
    assert tasks == [("One", False, 3), ("Two", True, 4), ("Three", False, 5), ("Read", False, 27)]
    reviews = [(row.name, row.done, row.source.line) for row in found if isinstance(row, ReviewRow)]
    assert reviews == [("Week 2", False, 9), ("Month 1", True, 10)]
    assert people(found) == {"Uwe Holt": 16, "Tilda": 19, "Rosa Lind": 23}
    assert [(row.contact, row.organization) for row in found if isinstance(row, ReferralRow)] == [
        ("Rosa Lind", "acme"),
        ("Uwe Holt", None),
    ]


def test_drafted_questions_indented_below_their_instruction_are_questions():
    """Whether the instruction follows a bullet or a blank line, its numbered lines are questions and no people."""
    for between in ("\n", ""):
        found = read(
            f"{EXPERTS}- Uwe\n{between}Draft 3 specific questions:\n\t1. How so\n\t2.\n\t3. What next\n- Last one\n"
        )
        assert [row.text for row in found if isinstance(row, QuestionRow)] == ["How so", "What next", "Last one"]
        assert list(people(found)) == ["Uwe"]


def test_prose_with_a_year_at_the_start_of_a_line_is_no_list():
    """`born in / 1986. A good year` stays a paragraph."""
    assert noticed(read(f"{EXPERTS}They were born in\n1986. A good year\n\n- Uwe\n")) == []


def test_lists_hidden_inside_each_other_without_end_are_refused():
    """Text that has to be read again and again is refused with its line, not cut short."""
    with pytest.raises(BadValueError, match=r"mine\.md, line \d+: .*too deeply"):
        read(EXPERTS + "".join("\t" * (2 * depth + 1) + "- Rosa\n" for depth in range(20)))


@pytest.mark.parametrize("part", PARTS)
def test_numbered_people_are_slots_and_a_blank_one_is_nobody(part: str):
    """`2. **Name:**` with fields below is a slot; a blank one is counted with its line and makes no contact."""
    found = read(
        f"{part}\n1. **Name:** Rosa Lind\n   - How to reach: at the club\n2. **Name:**\n   - How to reach:\n"
        "3. **Name:** Uwe\n   - Status: met\n"
    )
    line = part.count("\n")
    assert people(found) == {"Rosa Lind": line + 2, "Uwe": line + 6}
    (blank,) = [row for row in found if isinstance(row, NoticeRow) and row.blank and row.subject == "people"]
    assert (blank.text, blank.source.line) == ("people to contact: 1 of 3 blank", line + 4)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "bullet",
    [
        "**Study Buddy:**",
        "Study Buddy: ____",
        "**Study Buddy**: TBD",
        "Study Buddy:\n  - How to reach:\n  - Status:",
        "**Study Buddy:**\n  - How to reach: at the club",
        "Name:",
        "**Handle:** ...",
    ],
)
def test_a_label_with_nothing_after_it_is_nobody_and_reported(part: str, bullet: str):
    """A label is never taken for a person; a notice names it or counts it, at its line or that of its field."""
    found = read(f"{part}- {bullet}\n")
    assert not people(found)
    first = part.count("\n") + 1
    assert set(noticed(found)) & {first, first + 1}


def test_a_heading_of_inner_bullets_that_could_be_a_person_is_asked_about():
    """`Rosa Lind:` above bullets heads them; `From work:` plainly does too and needs no question."""
    found = read(f"{TO_CONTACT}- Rosa Lind:\n  - Uwe Holt\n- From work:\n  - Tilda\n")
    assert people(found) == {"Uwe Holt": 4, "Tilda": 6}
    assert noticed(found) == [3]


def test_a_label_with_a_name_after_it_is_asked_about():
    """`Study Buddy: Rosa Lind` is one person with a remark or a label with a name: the reading stands, and asks."""
    found = read(f"{TO_CONTACT}- Study Buddy: Rosa Lind\n- Uwe: old friend\n")
    assert list(people(found)) == ["Study Buddy", "Uwe"]
    assert noticed(found) == [3]


@pytest.mark.parametrize("part", PARTS)
def test_each_bullet_that_stands_for_nobody_yet_is_reported(part: str):
    """Question marks, dots, dashes, `TBD` and `n/a` give no person and one notice each, with its line."""
    junk = ["???", "TBD", "...", "-", "n/a", "[your name]", "", "???", "___"]
    found = read(f"{part}\n- Uwe\n" + "".join(f"- {each}\n" for each in junk))
    first = part.count("\n") + 3
    assert list(people(found)) == ["Uwe"]
    assert noticed(found) == list(range(first, first + len(junk)))


@pytest.mark.parametrize(
    ("below", "lines"),
    [
        ("  - Pavel Nov\n", [5]),
        ("\t- Pavel Nov from school\n\t- Tilda\n", [5, 6]),
        ("        - Pavel Nov\n", [5]),
        ("  - notes\n    - Pavel Nov: her brother\n", [6]),
        ("| Pavel Nov | Acme |\n|---|---|\n| Tilda | Beta |\n", [5, 7]),
        ("  - | Pavel Nov | Acme |\n", [5]),
        ("Pavel Nov\n", [5]),
        ("-Pavel Nov\n", [5]),
        ("\nPavel Nov from school\n", [6]),
        ("\n    Pavel Nov\n", [6]),
    ],
)
@pytest.mark.parametrize(
    "above", ["- Rosa Lind", "- Rosa Lind\n  - Status: met", "- Rosa Lind\n  - Status: met\n  - Role: rower"]
)
def test_a_name_below_somebodys_bullet_is_reported(above: str, below: str, lines: list[int]):
    """Inner bullets, rows of a table and lines without a bullet are nobody by themselves: a notice gives each line."""
    found = read(f"{EXPERTS}{above}\n{below}")
    shift = above.count("\n")
    assert people(found) == {"Rosa Lind": 4}
    assert noticed(found) == [line + shift for line in lines]


def test_remarks_below_a_bullet_stay_remarks():
    """What tells of a person raises no question, and is kept with that person at whatever depth it stands."""
    found = read(
        f"{EXPERTS}- Rosa Lind\n  - recruiter at Acme\n  - likes tea\n    - met in class\n"
        "  - Phone: 555-0100\n  - Email me\n"
    )
    (row,) = [row for row in found if isinstance(row, ContactRow)]
    assert (row.organization, row.title) == ("Acme", "recruiter")
    assert row.context is not None
    assert "met in class" in row.context
    assert noticed(found) == []


def test_a_bullet_with_fields_is_a_person_in_every_part_that_lists_people():
    """An expert or a referral with a status below is read with it, tagged or noted as their part says."""
    found = read(
        f"{EXPERTS}- Rosa Lind\n  - Status: met\n- Name: Tilda\n\n"
        f"{REFERRALS}- Uwe\n  - How to reach: at the club\n- **Person 1:**\n  - Name: Pavel\n"
    )
    rows = {row.name: row for row in found if isinstance(row, ContactRow)}
    assert {name: row.tags for name, row in rows.items()} == {
        "Rosa Lind": ("experts",),
        "Tilda": ("experts",),
        "Uwe": (),
        "Pavel": (),
    }
    assert (rows["Rosa Lind"].status_text, rows["Uwe"].how_to_reach) == ("met", "at the club")
    assert {row.kind for row in rows.values()} == {"person"}
    assert [row.contact for row in found if isinstance(row, ReferralRow)] == ["Uwe", "Pavel"]


def test_slots_below_a_heading_of_their_own_are_read():
    """People slots may stand one level further in."""
    assert list(people(read(f"{TO_CONTACT}- Friends:\n  - **Person 1:**\n    - Name: Uwe\n"))) == ["Uwe"]


def test_several_names_in_one_name_field_are_several_people():
    """Each answer that begins with a name is a person at its own line, and what follows a name is said of that one."""
    found = read(
        f"{TO_CONTACT}- Person 1:\n  - Name:\n    - Rosa Lind, based in Berlin\n    - Uwe Holt, uwe@example.org\n"
        "    - recruiter at Acme\n  - Status: met\n"
    )
    assert people(found) == {"Rosa Lind": 5, "Uwe Holt": 6}
    rows = [row for row in found if isinstance(row, ContactRow)]
    assert [(row.place, row.organization, row.status_text) for row in rows] == [
        ("Berlin", None, "met"),
        (None, "Acme", "met"),
    ]
    assert rows[0].methods == ()
