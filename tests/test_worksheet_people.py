"""The people of a worksheet: bullets, slots, practitioners, referrals, and candidates from prose."""

import pytest

from crm.importers import worksheet
from crm.rows import (
    ContactRow,
    IntroductionRow,
    Method,
    NoticeRow,
    QuestionRow,
    ReferralRow,
    RelationshipRow,
    Row,
    TagRow,
)

EXPERTS = (
    "### 7.1 Questions for Experts\n\n**Instructions:** Prepare questions for ML engineers you can reach out to.\n"
)
REFERRALS = "### 7.3 Referals I could ask for\n"
PRACTITIONERS = "#### Practitioner Interviews\n\n- **Person 1:**\n  - Name/handle: Wilma Stern\n  - Key insights:\n"
UNUSED = "\n## Action Items\n- [ ] Read\n"  # a worksheet without one row is refused; this keeps blanks readable


def read(text: str) -> list[Row]:
    return worksheet.read((text + UNUSED).encode(), name="mine.md")


def people(rows: list[Row]) -> dict[str, ContactRow]:
    return {row.name: row for row in rows if isinstance(row, ContactRow)}


def notices(rows: list[Row]) -> list[NoticeRow]:
    """What the reader could not settle about people."""
    return [row for row in rows if isinstance(row, NoticeRow) and row.subject != "plan"]


def insights(*lines: str) -> list[Row]:
    """The rows of a worksheet whose practitioner interviews hold these lines of prose."""
    return read(PRACTITIONERS + "".join(f"    - {line}\n" for line in lines))


@pytest.mark.parametrize(
    ("bullet", "names", "context"),
    [
        ("Rosa Lind", ["Rosa Lind"], None),
        ("Arun Dev Menon", ["Arun Dev Menon"], None),
        ("Tilda", ["Tilda"], None),
        ("Tilda from reno", ["Tilda"], "from reno"),
        ("Uwe & Pavel from Beta Club", ["Uwe", "Pavel"], "from Beta Club"),
        ("Uwe and Pavel from Beta Club", ["Uwe", "Pavel"], "from Beta Club"),
        ("Uwe / Pavel", ["Uwe", "Pavel"], None),
        ("Uwe, Pavel and Rosa", ["Uwe", "Pavel", "Rosa"], None),
        ("Rosa Lind, Uwe Holt, and Pavel Nov (school)", ["Rosa Lind", "Uwe Holt", "Pavel Nov"], "school"),
        ("Rosa Lind (uni recruiter for veridian)", ["Rosa Lind"], "uni recruiter for veridian"),
        ("Tilda from XYZ who used to sell acme cloud", ["Tilda"], "from XYZ who used to sell acme cloud"),
        ("Rosa Lind, Acme", ["Rosa Lind"], "Acme"),
        ("Rosa Lind, Smith & Smith", ["Rosa Lind"], "Smith & Smith"),
        ("Rosa Lind - rosa@example.org", ["Rosa Lind"], None),
        ("Rosa Lind <rosa@example.org>", ["Rosa Lind"], None),
        ("Rosa Lind (Berlin)", ["Rosa Lind"], "Berlin"),
        ("Rosa Lind @ Acme", ["Rosa Lind"], "@ Acme"),
        ("Rosa Lind \u2014 ML engineer at Acme", ["Rosa Lind"], "ML engineer at Acme"),
        ("Anne-Marie O'Neil", ["Anne-Marie O'Neil"], None),
        ("Anne\u2010Marie O\u2019Neil", ["Anne\u2010Marie O\u2019Neil"], None),
        ("Ines de la Cruz from work", ["Ines de la Cruz"], "from work"),
        ("de la Cruz", ["de la Cruz"], None),
        ("Ludwig van der Berg & Jean d'Aubigne", ["Ludwig van der Berg", "Jean d'Aubigne"], None),
        ("\u00d1usta", ["\u00d1usta"], None),
        ("N\u0303usta Lind", ["N\u0303usta Lind"], None),
        ("\u738b\u5c0f\u660e, Acme", ["\u738b\u5c0f\u660e"], "Acme"),
        ("\u0645\u062d\u0645\u062f \u0639\u0644\u064a", ["\u0645\u062d\u0645\u062f \u0639\u0644\u064a"], None),
        (
            "\u092a\u094d\u0930\u093f\u092f\u093e \u0936\u0930\u094d\u092e\u093e from class",
            ["\u092a\u094d\u0930\u093f\u092f\u093e \u0936\u0930\u094d\u092e\u093e"],
            "from class",
        ),
        ("Dr. Rosa Lind, PhD", ["Dr. Rosa Lind"], "PhD"),
        ("J. R. Lind", ["J. R. Lind"], None),
        ("ROSA LIND from work", ["ROSA LIND"], "from work"),
        ("**Rosa Lind** from work", ["Rosa Lind"], "from work"),
        ("[Rosa Lind](https://example.org/rosa) from work", ["Rosa Lind"], "from work"),
        ("Uwe &amp; Pavel", ["Uwe", "Pavel"], None),
        ("[ ] Rosa Lind", ["Rosa Lind"], None),
        ("[x] Rosa Lind from work", ["Rosa Lind"], "from work"),
        ("rosa lind from work", ["rosa lind"], "from work"),
        ('Rosa "Ro" Lind from work', ['Rosa "Ro" Lind'], "from work"),
        ("Rosa Lind.", ["Rosa Lind"], None),
        ("Rosa He", ["Rosa He"], None),
        ("An Tran & My Tran", ["An Tran", "My Tran"], None),
        ("Guy Lind I met at school", ["Guy Lind"], "I met at school"),
        ("A" * 10_000, ["A" * 10_000], None),
    ],
)
def test_a_bullet_names_people_and_keeps_its_other_words(bullet: str, names: list[str], context: str | None):
    """Names are taken whole and verbatim, in any script; one bullet may name several; the rest stays as written."""
    found = people(read(f"{EXPERTS}- {bullet}\n"))
    assert list(found) == names
    assert {row.context for row in found.values()} == {context}
    assert {row.tags for row in found.values()} == {("experts",)}


@pytest.mark.parametrize(
    ("bullet", "organization", "title", "current"),
    [
        ("Rosa Lind (uni recruiter for veridian)", "veridian", "uni recruiter", True),
        ("Rosa Lind, ML engineer at Acme Corp, Berlin", "Acme Corp", "ML engineer", True),
        ("Rosa Lind @ Acme", "Acme", None, True),
        ("Rosa Lind at Acme", "Acme", None, True),
        ("Rosa Lind works at acme and paints", "acme", None, True),
        ("Rosa Lind who used to work at Acme", "Acme", None, False),
        ("Rosa Lind who worked for Acme since 2020", "Acme", None, False),
        ("Rosa Lind (ex-recruiter at Acme)", "Acme", "recruiter", False),
        ("Tilda from XYZ who used to sell acme cloud", None, None, True),
        ("Rosa Lind, Acme", None, None, True),
        ("Rosa Lind, met at the gym", None, None, True),
        ("Rosa Lind, recruiter for the bank", None, None, True),
    ],
)
def test_a_company_counts_only_where_it_is_marked_as_one(
    bullet: str, organization: str | None, title: str | None, current: bool
):
    """`at`, `@`, `works for` and `recruiter for` state an employer; nothing else does, and past ones are past."""
    (row,) = people(read(f"{EXPERTS}- {bullet}\n")).values()
    assert (row.organization, row.title, row.current) == (organization, title, current)


@pytest.mark.parametrize(
    ("bullet", "methods"),
    [
        ("Rosa Lind - rosa@example.org", [("email", "rosa@example.org")]),
        ("Rosa Lind, Acme, +1 415 555 0100", [("phone", "+1 415 555 0100")]),
        (
            "Rosa Lind, rosa@example.org, https://example.org/r",
            [("email", "rosa@example.org"), ("url", "https://example.org/r")],
        ),
        ("[Rosa Lind](https://www.linkedin.com/in/rosa)", [("linkedin", "https://www.linkedin.com/in/rosa")]),
        ("Rosa Lind (insta: @rosa.l)", [("instagram", "@rosa.l")]),
        ("Rosa Lind, met 2025-01-02", []),
        ("Rosa Lind @acme", []),
    ],
)
def test_ways_to_reach_somebody_are_found_in_a_bullet(bullet: str, methods: list[tuple[str, str]]):
    """Addresses, numbers and links become methods, the first one primary; a day or a bare `@word` does not."""
    (row,) = people(read(f"{EXPERTS}- {bullet}\n")).values()
    assert [(each.kind, each.value) for each in row.methods] == methods
    assert [each.primary for each in row.methods] == [at == 0 for at in range(len(methods))]


def test_a_place_is_taken_where_it_is_marked_as_one():
    """`based in` and `lives in` state a place; `from` may mean anything, so it is kept as written and asked about."""
    found = read(f"{EXPERTS}- Rosa Lind, based in Berlin\n- Uwe from reno\n")
    assert {name: row.place for name, row in people(found).items()} == {"Rosa Lind": "Berlin", "Uwe": None}
    (asked,) = notices(found)
    assert (asked.level, asked.subject, asked.source.line) == ("gap", "Uwe", 5)
    assert '"from reno"' in asked.text


@pytest.mark.parametrize(
    "bullet",
    [
        "Recruiters at Acme",
        "my cousin",
        "My Cousin",
        "The Ravens",
        "He",
        "some guy from the gym",
        "Acme recruiters",
        "42",
        "ask around",
        "@rosa",
    ],
)
def test_a_bullet_without_a_name_is_reported_and_not_read(bullet: str):
    """Groups, relatives and stray words are no contacts; the warning says where they stand and what to write."""
    found = read(f"{EXPERTS}- Uwe\n- {bullet}\n")
    assert list(people(found)) == ["Uwe"]
    assert [(row.level, row.source.line) for row in notices(found)] == [("warning", 5)]


@pytest.mark.parametrize("bullet", ["Rosa and her sister Uta", "Rosa lind", "Rosa 2"])
def test_a_doubtful_name_is_read_and_asked_about(bullet: str):
    """Where a name may go on, or more people may follow, the reading stands and a gap asks."""
    found = read(f"{EXPERTS}- {bullet}\n")
    assert list(people(found)) == ["Rosa"]
    assert [row.level for row in notices(found)] == ["gap"]


def test_blank_bullets_and_placeholders_are_no_people():
    """Empty bullets, lines of underscores and words in brackets name nobody."""
    found = read(f"{EXPERTS}-\n- ____\n- [your name]\n- TBD\n- Uwe\n")
    assert list(people(found)) == ["Uwe"]


def test_the_group_of_experts_is_described_in_the_instructions_own_words():
    """The tag says whom the worksheet asks questions for, and is made only if there is somebody in it."""
    tags = [row for row in read(f"{EXPERTS}- Uwe\n") if isinstance(row, TagRow)]
    assert [(row.name, row.description, row.source.line) for row in tags] == [
        ("experts", "ML engineers you can reach out to", 3)
    ]
    assert not [row for row in read(EXPERTS) if isinstance(row, TagRow)]


def test_drafted_questions_are_for_the_experts():
    """Filled lines below `Draft N specific questions` are questions, blank ones are counted in a gap."""
    found = read(f"{EXPERTS}- Uwe\nDraft 3 specific questions:\n\n1. How did you start\n2.\n3. What next?\n")
    questions = [row for row in found if isinstance(row, QuestionRow)]
    assert [(row.text, row.tag, row.source.line) for row in questions] == [
        ("How did you start", "experts", 7),
        ("What next?", "experts", 9),
    ]
    assert [(row.text, row.source.line, row.blank) for row in notices(found)] == [
        ("drafted questions for the experts: 1 of 3 blank", 8, True)
    ]
    assert list(people(found)) == ["Uwe"]


def test_questions_may_stand_before_the_people():
    """The instruction above a list decides what it holds, not its place."""
    found = read(
        "## Expert Questions\n\nDraft 1 specific question:\n\n- How?\n\n"
        "Prepare questions for people to ask.\n\n1. Uwe\n"
    )
    assert [row.text for row in found if isinstance(row, QuestionRow)] == ["How?"]
    assert list(people(found)) == ["Uwe"]


def test_a_name_without_a_bullet_and_a_table_are_reported():
    """What is no bullet is not read, and the warning says how to make it one."""
    found = read(f"{EXPERTS}- Uwe\n\nRosa Lind\n\n| Pavel | Acme |\n|---|---|\n")
    assert list(people(found)) == ["Uwe"]
    assert [(row.level, row.source.line) for row in notices(found)] == [("warning", 6), ("warning", 8)]


def test_a_slot_gives_a_contact_in_the_four_words_of_the_user():
    """Name, how to reach, what to ask and status are kept verbatim; an address among them is also a method."""
    found = read(
        "### 7.2 People to Contact\n\n- **Person 1:**\n  - Name: Rosa Lind\n  - How to reach: mail rosa@example.org\n"
        "  - What to ask:\n    - Why this job?\n    - What next?\n  - Status: met in May\n"
    )
    assert people(found)["Rosa Lind"] == ContactRow(
        name="Rosa Lind",
        how_to_reach="mail rosa@example.org",
        status_text="met in May",
        methods=(Method("email", "rosa@example.org", primary=True),),
        source=people(found)["Rosa Lind"].source,
    )
    asked = [(row.text, row.contact, row.source.line) for row in found if isinstance(row, QuestionRow)]
    assert asked == [("Why this job?", "Rosa Lind", 7), ("What next?", "Rosa Lind", 8)]


def test_slots_may_be_flat_and_of_any_number():
    """Fields that follow each other without an outer bullet are slots too, each beginning at its name."""
    found = read(
        "# People I could reach\n\n* Name: Uwe\n* Status: met\n* Name: Rosa Lind\n* How to reach: at the club\n"
    )
    assert {name: (row.status_text, row.how_to_reach) for name, row in people(found).items()} == {
        "Uwe": ("met", None),
        "Rosa Lind": (None, "at the club"),
    }


def test_a_slot_with_other_fields_but_no_name_is_a_warning_with_its_line():
    """What cannot be filed under anybody is reported, never attached to somebody else."""
    found = read(
        "### People to Contact\n- **Person 1:**\n  - Name:\n  - Status: called\n"
        "- **Person 2:**\n  - Name:\n  - Status:\n"
    )
    assert not people(found)
    assert [(row.level, row.source.line) for row in notices(found)] == [("warning", 4), ("gap", 5)]
    assert notices(found)[1].text == "people to contact: 1 of 2 blank"


def test_a_name_of_an_odd_shape_is_kept_because_its_field_says_it_is_one():
    """In a field called Name the words are a name whatever they look like, and are asked about."""
    found = read("### People to Contact\n- **Person 1:**\n  - Name: the tall guy from the fair\n")
    assert list(people(found)) == ["the tall guy from the fair"]
    assert any(row.level == "gap" and "a name?" in row.text for row in notices(found))


def test_practitioners_are_sources_and_left_off_is_no_name():
    """A practitioner studied from afar is a source; blank slots are counted, and a resume mark is remembered."""
    found = read(
        "#### Practitioner Interviews\n\n- **Person 1:**\n  - Name/handle: Wilma Stern\n"
        "  - Current role: data engineer at Acme\n  - Their learning path:\n"
        "- **Person 2:** [LEFT OFF]\n  - Name/handle:\n  - Current role:\n- **Person 3:**\n"
        "  - Name/handle: @data_uwe\n"
    )
    rows = people(found)
    assert [(row.name, row.kind) for row in rows.values()] == [("Wilma Stern", "source"), ("@data_uwe", "source")]
    assert (rows["Wilma Stern"].title, rows["Wilma Stern"].organization) == ("data engineer", "Acme")
    assert [(row.text, row.source.line) for row in notices(found)] == [
        ("you left off at Person 2 (LEFT OFF)", 7),
        ("practitioners to study: 1 of 3 blank", 7),
    ]


def test_somebody_in_two_parts_is_one_person_with_both_parts_words():
    """A name read twice is one row: first words win, contexts are joined, and an expert is no mere source."""
    found = read(
        f"{PRACTITIONERS}    - x\n\n{EXPERTS}- Wilma Stern from work\n\n{REFERRALS}    - wilma stern, rower\n"
        "### People to Contact\n- Person 1:\n  - Name: Wilma Stern\n  - Status: met\n"
    )
    (row,) = people(found).values()
    assert (row.name, row.kind, row.tags, row.status_text) == ("Wilma Stern", "person", ("experts",), "met")
    assert row.context == "from work; rower"


def test_referral_candidates_are_people_and_the_experts_as_a_group():
    """`Engineers above`, however it is spelt, means the live group; the others are people, with their employer."""
    found = read(
        f"{EXPERTS}- Uwe\n\n{REFERRALS}    - Tilda from XYZ\n    - Engingineers above\n"
        "    - Rosa Lind (recruiter for acme)\n    -\n"
    )
    referrals = [(row.contact, row.tag, row.organization) for row in found if isinstance(row, ReferralRow)]
    assert referrals == [("Tilda", None, None), (None, "experts", None), ("Rosa Lind", None, "acme")]
    assert people(found)["Rosa Lind"].tags == ()


@pytest.mark.parametrize(
    "words", ["experts above", "everyone above", "the people above", "all of the above", "Enginers above"]
)
def test_ways_to_say_the_group_above(words: str):
    """The group is recognised by `above` with a word for people, misspelt or not."""
    found = read(f"{EXPERTS}- Uwe\n\n{REFERRALS}- {words}\n")
    assert [row.tag for row in found if isinstance(row, ReferralRow)] == ["experts"]
    assert list(people(found)) == ["Uwe"]


def test_a_group_that_is_not_listed_is_a_warning():
    """`Engineers above` with nobody above invents no person of that name."""
    found = read(f"{REFERRALS}- Enginers above\n- Rosa (see people above)\n")
    assert list(people(found)) == ["Rosa"]
    assert [(row.level, row.source.line) for row in notices(found)] == [("warning", 2)]


def test_a_first_name_in_another_list_means_the_one_it_can_mean():
    """`Rosa` after one `Rosa Lind` is her, and that is asked; after two Rosas nobody is guessed."""
    one = read(f"{EXPERTS}- Rosa Lind\n\n{REFERRALS}- Rosa\n")
    assert list(people(one)) == ["Rosa Lind"]
    assert [row.contact for row in one if isinstance(row, ReferralRow)] == ["Rosa Lind"]
    assert [row.text for row in notices(one)] == ['"Rosa" is taken to be Rosa Lind']
    two = read(f"{EXPERTS}- Rosa Lind\n- Rosa Holt\n\n{REFERRALS}- Rosa\n")
    assert list(people(two)) == ["Rosa Lind", "Rosa Holt"]
    assert not [row for row in two if isinstance(row, ReferralRow)]
    assert "could be Rosa Lind or Rosa Holt" in notices(two)[0].text


def test_two_bullets_of_one_list_are_two_people():
    """`Rosa` and `Rosa Lind` side by side in one list are not merged, nor are Marta and Marte."""
    found = read(f"{EXPERTS}- Rosa Lind\n- Rosa\n- Marta\n- Marte\n")
    assert list(people(found)) == ["Rosa Lind", "Rosa", "Marta", "Marte"]


def test_prose_gives_candidates_marked_as_inferred_with_their_clause():
    """`I could do this with NAME` names a candidate; the clause is kept verbatim, the line is its own."""
    found = insights("They coded together every day (I could do this with Tilda).")
    row = people(found)["Tilda"]
    assert (row.context, row.source.line, row.source.inferred) == ("I could do this with Tilda", 6, True)
    assert [(each.level, each.subject) for each in notices(found)] == [("gap", "Tilda")]


def test_prose_means_listed_people_by_their_first_names():
    """A first name in prose is the one listed person it can mean, wherever the list stands in the file."""
    found = read(f"{PRACTITIONERS}    - I could use Rosa for this, or Uwe.\n\n{EXPERTS}- Rosa Lind\n- Uwe from work\n")
    rows = people(found)
    assert set(rows) == {"Wilma Stern", "Rosa Lind", "Uwe"}
    assert not any(row.source.inferred for row in rows.values())
    assert rows["Uwe"].context == "from work"
    assert '"Rosa" is taken to be Rosa Lind' in [row.text for row in notices(found)]


def test_somebody_who_holds_numbers_is_the_way_to_the_people_named_last():
    """`X, or Y or Z [get their numbers from W]`: W knows Y and Z, and can be asked for their numbers."""
    found = read(
        f"{PRACTITIONERS}    - Mock talks (I could use Rosa for this, or Uwe or Pavel "
        f"[ I'd have to find their instas or get their numbers from Otto]).\n\n{EXPERTS}- Rosa Lind\n- Uwe & Pavel\n"
    )
    way = "find their instas or get their numbers from Otto"
    rows = people(found)
    assert {name: row.how_to_reach for name, row in rows.items() if row.how_to_reach} == {"Uwe": way, "Pavel": way}
    assert rows["Otto"].source.inferred
    assert "experts" not in rows["Otto"].tags
    assert {(row.from_name, row.to_name, row.type) for row in found if isinstance(row, RelationshipRow)} == {
        ("Otto", "Uwe", "knows"),
        ("Otto", "Pavel", "knows"),
    }
    assert {(row.connector, row.contact, row.want) for row in found if isinstance(row, IntroductionRow)} == {
        ("Otto", "Uwe", "number"),
        ("Otto", "Pavel", "number"),
    }


def test_two_asks_of_one_person_are_both_kept():
    """A referral, or else an introduction to somebody unnamed, are two possible asks with the employer known."""
    found = read(
        f"{PRACTITIONERS}    - Ask. I could ask Rosa Lind for a referal, or if there is a data engineer "
        f"I could get an introduction to. Bye.\n\n{REFERRALS}- Rosa Lind (recruiter for acme)\n"
    )
    (introduction,) = [row for row in found if isinstance(row, IntroductionRow)]
    assert (introduction.connector, introduction.placeholder, introduction.organization, introduction.want) == (
        "Rosa Lind",
        "data engineer",
        "acme",
        "introduction",
    )
    (referral,) = [row for row in found if isinstance(row, ReferralRow)]
    assert (referral.contact, referral.organization, referral.source.line) == ("Rosa Lind", "acme", 9)
    assert referral.note == "I could ask Rosa Lind for a referal"
    assert any("Both are noted" in row.text for row in notices(found))


@pytest.mark.parametrize(
    ("prose", "names"),
    [
        ("We should talk to Dov and Esi Okafor about it", {"Dov", "Esi Okafor"}),
        ("I'd like to meet McKenzie O'Dowd", {"McKenzie O'Dowd"}),
        ("I can text Lars, Mina, or Nils", {"Lars", "Mina", "Nils"}),
        ("i could ask \u00d1usta. Pavel is busy", {"\u00d1usta"}),
        ("I could learn from Dr. Ann Poe", {"Dr. Ann Poe"}),
        ("I could ask Rosa He I think", {"Rosa He"}),
        ("I could ask Gus for an intro to Hana Lee", {"Gus", "Hana Lee"}),
        ('"I could ask Pavel"', {"Pavel"}),
    ],
)
def test_ways_to_name_somebody_in_prose(prose: str, names: set[str]):
    """Names right after with, use, ask, from and their like count, several joined by or, and, commas."""
    assert set(people(insights(prose))) - {"Wilma Stern"} == names


@pytest.mark.parametrize(
    "prose",
    [
        "They said books like Opening the Coding Talk and Programming Talks in Python",
        "Mock Interviews with People who got the job",
        "He worked with Jorge. She told me to talk to Karla",
        "I could practice with People who hire",
        "I could do it with LinkedIn or Discord or Python",
        "I could use LeetCode, or AWS",
        "I could learn from Designing Data Systems",
        "I could ask the Ravens",
        "I could ask Tilda's brother",
        "I could use the Feynman technique",
        "Ask people for help. Take courses from Andrew Example",
        "I want to read it. Then Practice",
    ],
)
def test_what_is_no_candidate(prose: str):
    """Books, authors, brands, crowds, other people's friends and sentence starts are nobody to contact."""
    assert set(people(insights(prose))) == {"Wilma Stern"}


def test_a_tool_named_elsewhere_in_the_worksheet_is_asked_about_and_not_added():
    """A capitalised word that the tools list holds is probably no person, even after `use`."""
    found = read(f"{PRACTITIONERS}    - I could use Streamlit for this\n\n## 4.2 Tools to Set Up\n- [ ] Streamlit\n")
    assert set(people(found)) == {"Wilma Stern"}
    assert [row.subject for row in notices(found)] == ["Streamlit"]


def test_prose_of_other_parts_names_nobody():
    """Only the practitioner interviews are searched; a diary entry under another heading stays text."""
    assert not people(read("## 1.3 Why This Path?\n\nI could ask Tilda.\n"))


def test_an_endless_paragraph_is_reported_and_not_searched():
    """A paragraph far longer than any real one is skipped with a warning."""
    found = insights("I could ask Tilda. " * 400)
    assert set(people(found)) == {"Wilma Stern"}
    assert [(row.level, row.source.line) for row in notices(found)] == [("warning", 6)]
