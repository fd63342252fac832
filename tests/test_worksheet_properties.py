"""What holds for every worksheet, however it is filled in, cut, mangled or saved."""

import random
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crm.errors import BadValueError
from crm.importers import worksheet
from crm.importers.worksheet.words import BRANDS, GENERIC, PARTICLES
from crm.rows import ContactRow, NoticeRow, QuestionRow, ReferralRow, Row, TaskRow

SAMPLE = (Path(__file__).parent.parent / "data" / "samples" / "worksheet.md").read_text(encoding="utf-8")
NO_NAMES = GENERIC | BRANDS | PARTICLES

SCRIPTS = {
    "latin": ("BDFGKLMNPRSTVZ\u00c9\u00d1\u0141", "aeioulmnrst\u00e9\u00f1\u00fc"),
    "greek": ("\u0393\u0394\u0398\u039b\u03a0\u03a3", "\u03b1\u03b5\u03b9\u03bf\u03bb\u03c1"),
    "cyrillic": ("\u0411\u0413\u0414\u0416\u041b\u041c", "\u0430\u0435\u0438\u043e\u043b\u0440"),
    "han": ("\u738b\u674e\u5f20\u5218", "\u5c0f\u660e\u7ea2\u7389"),
    "arabic": ("\u0645\u0639\u0633\u0646", "\u062d\u0644\u064a\u0627"),
}

HEADINGS = [
    *(
        "# Questions for Experts\n",
        "# Practitioner Interviews\n",
        "# Time Audit\n",
        "# Referrals\n",
        "# Action Items\n",
    ),
    *(
        "# Time Allocation\n",
        "# People to Contact\n",
        "# Review Schedule\n",
        "# Job Postings\n",
        "# Accountability\n",
        "",
    ),
]
PIECES = [
    *(
        "- ",
        "  - ",
        "    - ",
        "\t",
        "1. ",
        "\n",
        "\n\n",
        "> ",
        "```",
        "[ ] ",
        "[x]",
        "**",
        "---\n",
        "# ",
        "<!--",
        "-->",
        "@",
    ),
    *("Name:", "Status:", "Who:", ": ", " or ", " & ", ", ", "(", ")", "[", "]", "Rosa", "Uwe Lind", "4-5", "Monday"),
    *("I could ask ", "get their numbers from ", "a referral", "intro to a data engineer at ", "post twice per week"),
    *(
        "Hours/week:",
        "% of time:",
        "Week 2:",
        "May 2029",
        "Timeline:",
        "Company type: like ",
        "\ufeff",
        "\u202e",
        "\x1b[",
    ),
]


@st.composite
def words(draw: st.DrawFn, script: str) -> str:
    """A capitalised word in one script that is no generic word."""
    first, others = SCRIPTS[script]
    word = draw(st.sampled_from(first)) + draw(st.text(others, min_size=2, max_size=7))
    assume(word.casefold() not in NO_NAMES)
    return word


@st.composite
def full_names(draw: st.DrawFn) -> str:
    """One to three words of one script, with hyphens, apostrophes and particles as they come."""
    script = draw(st.sampled_from(sorted(SCRIPTS)))
    parts = draw(st.lists(words(script), min_size=1, max_size=3))
    if script == "latin" and len(parts) > 1:
        parts[-1] = draw(st.sampled_from(["", "O'", "de la ", "van der ", f"{parts[0]}-"])) + parts[-1]
    return " ".join(parts)


people = st.lists(full_names(), min_size=1, max_size=8, unique_by=lambda name: name.split()[0].casefold())
remarks = st.sampled_from(
    ["", " from work", " (met in class)", ", Acme", " \u2014 rower, twice", " who used to sell tea", ": old friend"]
)
titles = (
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=40)
    .map(str.strip)
    .filter(lambda text: any(letter.isalnum() for letter in text))
)


def read(data: bytes) -> list[Row]:
    return worksheet.read(data, name="mine.md")


@given(
    experts=people,
    remark=remarks,
    todo=st.lists(titles, max_size=5, unique=True),
    marker=st.sampled_from(["-", "*", "+", "1.", "7)"]),
    order=st.randoms(use_true_random=False),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_every_name_and_task_comes_back_exactly(
    experts: list[str], remark: str, todo: list[str], marker: str, order: random.Random, line_end: str, encoding: str
):
    """Whatever the names, their number, the markers, the order of parts, the encoding: nobody is lost or invented."""
    half = len(experts) // 2
    parts = [
        ["## Questions for Experts", "", *(f"{marker} {name}{remark}" for name in experts[: half + 1])],
        ["## Referrals", "", *(f"    {marker} {name}{remark}" for name in experts[half + 1 :])],
        ["## Action Items", "", "### Immediate", "", *(f"- [x] {title}" for title in todo)],
        ["## Review Schedule", "", "- [ ] **Week 2:** look"],
    ]
    order.shuffle(parts)
    lines = [line for part in parts for line in (*part, "")]
    rows = read(line_end.join(lines).encode(encoding))
    contacts = [row for row in rows if isinstance(row, ContactRow)]
    assert {row.name: row.tags for row in contacts} == {
        name: ("experts",) if at <= half else () for at, name in enumerate(experts)
    }
    assert {row.context for row in contacts} == {remark.strip(" ,:()\u2014") or None}
    assert all(row.name in lines[row.source.line - 1] for row in contacts)
    tasks = [row for row in rows if isinstance(row, TaskRow)]
    assert [row.title for row in tasks] == todo
    assert all(row.title in lines[row.source.line - 1] for row in tasks)
    assert {row.contact for row in rows if isinstance(row, ReferralRow)} == set(experts[half + 1 :])


@given(first=full_names(), second=full_names(), joint=st.sampled_from([" & ", " and ", " and\t", " &"]))
def test_one_bullet_of_two_people(first: str, second: str, joint: str):
    """Two names joined by `&` or `and` are two people, whatever the names."""
    assume(first.casefold() != second.casefold())
    rows = read(f"# Questions for Experts\n- {first}{joint}{second} from work\n".encode())
    assert [(row.name, row.context) for row in rows if isinstance(row, ContactRow)] == [
        (first, "from work"),
        (second, "from work"),
    ]


@given(name=full_names(), how=titles, ask=titles, status=titles)
def test_a_slot_keeps_every_word(name: str, how: str, ask: str, status: str):
    """How to reach, what to ask and status come back verbatim, colons, quotes, markup and all."""
    assume(not any(map(_is_placeholder, (how, ask, status))))
    slot = f"- Person 1:\n  - Name: {name}\n  - How to reach: {how}\n  - What to ask: {ask}\n  - Status: {status}\n"
    rows = read(f"# People to Contact\n{slot}".encode())
    assert [(row.name, row.how_to_reach, row.status_text) for row in rows if isinstance(row, ContactRow)] == [
        (name, how, status)
    ]
    assert [(row.text, row.contact) for row in rows if isinstance(row, QuestionRow)] == [(ask, name)]


def _is_placeholder(text: str) -> bool:
    return text[0] in "[(<" or text.casefold() in {"tbd", "todo", "tba", "na", "n/a", "none", "none yet", "unknown"}


@given(name=full_names(), other=full_names())
def test_a_candidate_in_prose_is_found_and_marked(name: str, other: str):
    """`I could ask NAME` finds a listed person, or infers a new one with the line; `He knows NAME` finds nobody."""
    parts = name.casefold().split()
    assume(parts[0] not in other.casefold().split() and not parts[0].endswith("ing"))
    text = (
        f"# Practitioner Interviews\n- He knows {other}.\n- I could ask {name} for help.\n\n# Action Items\n- [ ] a\n"
    )
    rows = [row for row in read(text.encode()) if isinstance(row, ContactRow)]
    assert [(row.name, row.source.line, row.source.inferred) for row in rows] == [(name, 3, True)]
    listed = read(f"{text}\n# Questions for Experts\n- {name}\n".encode())
    assert [(row.name, row.source.inferred) for row in listed if isinstance(row, ContactRow)] == [(name, False)]


def survives(data: bytes) -> None:
    """Reading gives rows with lines that exist, twice the same, or says no."""
    try:
        rows = read(data)
    except BadValueError:
        return
    assert rows == read(data)
    last = data.count(b"\n") + data.count(b"\r") + 1
    for row in rows:
        assert row.source.line is None or 1 <= row.source.line <= last
        assert row.source.line is not None or isinstance(row, NoticeRow)
    assert len({(row.KIND, row.key) for row in rows if row.KIND != "plan"}) == sum(row.KIND != "plan" for row in rows)


@given(data=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes):
    """No bytes whatever make the reader crash."""
    survives(data)
    survives(b"# Questions for Experts\n- " + data)
    assert worksheet.sniff(data) in {True, False}


@given(
    head=st.sampled_from(HEADINGS),
    pieces=st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=40),
)
def test_any_mixture_of_the_worksheets_own_pieces_is_read_or_refused(head: str, pieces: list[str]):
    """Labels, marks and half sentences in any disorder never make the reader crash."""
    survives((head + "".join(pieces)).encode("utf-8", "surrogatepass"))


@given(st.data())
def test_a_mangled_worksheet_is_read_or_refused(data: st.DataObject):
    """Lines deleted, doubled, swapped, indented or overwritten, bytes cut off: rows or a clear refusal."""
    lines = SAMPLE.split("\n")
    at = st.integers(0, len(lines) - 1)
    for _ in range(data.draw(st.integers(1, 12))):
        here, there = min(data.draw(at), len(lines) - 1), min(data.draw(at), len(lines) - 1)
        change = data.draw(st.sampled_from(["delete", "double", "swap", "indent", "noise"]))
        if change == "delete" and len(lines) > 1:
            del lines[here]
        elif change == "double":
            lines.insert(there, lines[here])
        elif change == "swap":
            lines[here], lines[there] = lines[there], lines[here]
        elif change == "indent":
            lines[here] = data.draw(st.sampled_from([" ", "    ", "\t", "> ", "- ", "1) "])) + lines[here]
        else:
            lines[here] += data.draw(st.text(max_size=8))
    mangled = "\n".join(lines).encode("utf-8", "surrogatepass")
    survives(mangled[: data.draw(st.integers(0, len(mangled)))])
    survives(mangled)


@pytest.mark.parametrize(
    "text",
    [
        "# Questions for Experts\n- " + "Ann and " * 50_000,
        "# Questions for Experts\n- " + "A" * 900_000,
        "# Questions for Experts\n- " + "[" * 900_000,
        "# Practitioner Interviews\n- " + "I could get their numbers from Ann. " * 25_000,
        "# Practitioner Interviews\n" + "- (I could ask Ann or Bo [ I'd get their numbers from Cy])\n" * 1_500,
        "# Questions for Experts\n" + "".join(f"- N{'abcdefghij'[i % 10]}{'a' * (i // 10)}\n" for i in range(1_000)),
        "questions for " * 60_000,
        "- Company type: like A" + " " * 900_000 + "b",
        "- Timeline: " + "May 2029 " * 45_000,
    ],
    ids=["names", "word", "brackets", "prose", "asides", "people", "instruction", "spaces", "dates"],
)
@pytest.mark.timeout(20)
def test_a_malicious_worksheet_costs_seconds_at_most(text: str):
    """Input made to be slow takes no longer than its size allows."""
    survives(text.encode())
