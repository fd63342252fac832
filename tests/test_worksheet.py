"""The worksheet as a file: what is read of a whole one, how it may be encoded, and what is refused."""

import io
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from crm.errors import BadValueError, NotFoundError
from crm.importers import load, names, read_bytes, worksheet
from crm.rows import ContactRow, NoticeRow, PlanRow, Row, TaskRow

SAMPLE = Path(__file__).parent.parent / "data" / "samples" / "worksheet.md"
TEXT = SAMPLE.read_text(encoding="utf-8")


def read(text: str) -> list[Row]:
    return worksheet.read(text.encode(), name="mine.md")


def test_the_sample_yields_each_thing_once():
    """Every kind of row is read from a worksheet of the usual shape, as often as it stands there."""
    found = Counter(row.KIND for row in read(TEXT))
    del found["notice"]
    assert found == {
        "plan": 7,
        "tag": 1,
        "organization": 6,
        "contact": 10,
        "relationship": 2,
        "introduction": 3,
        "referral": 2,
        "question": 3,
        "task": 4,
        "review": 4,
        "activity": 3,
        "availability": 1,
        "commitment": 1,
    }


def test_every_row_names_the_file_and_a_line_that_holds_it():
    """The source of a contact, task, question or organization is the line where its words stand."""
    lines = TEXT.split("\n")
    for row in read(TEXT):
        if row.KIND in {"contact", "task", "question", "organization", "activity", "review"}:
            said = getattr(row, "name", None) or getattr(row, "title", None) or row.text
            assert said in lines[row.source.line - 1]
        assert row.source.file == "mine.md"


def test_rows_come_in_the_same_order_every_time():
    """Two readings of one file are equal, rows of one kind in the order of their lines."""
    first = read(TEXT)
    assert first == read(TEXT)
    lines = [row.source.line for row in first if isinstance(row, TaskRow)]
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        re.sub("^( +)- ", lambda found: "\t" * (len(found[1]) // 2) + "- ", TEXT, flags=re.MULTILINE).encode(),
        TEXT.replace("\n- ", "\n* ").encode(),
        (TEXT.rstrip("\n")).encode(),
    ],
    ids=["bom", "utf-16", "utf-16-be", "crlf", "cr", "tabs", "asterisks", "no last line end"],
)
def test_encoding_line_ends_tabs_and_markers_do_not_matter(data: bytes):
    """However the same worksheet is saved, the same rows come out, with the same lines."""
    assert worksheet.read(data, name="mine.md") == read(TEXT)


def test_bytes_that_are_no_utf8_are_refused_with_their_line():
    """A file in another encoding is refused; the message names the line and the way out."""
    data = TEXT.replace("Ñusta", "NUSTA").encode().replace(b"NUSTA", b"\xd1usta")
    line = TEXT[: TEXT.index("Ñusta")].count("\n") + 1
    with pytest.raises(BadValueError, match=rf"mine\.md, line {line}: not UTF-8.*save it as UTF-8"):
        worksheet.read(data, name="mine.md")


@pytest.mark.parametrize("data", [b"# Action Items\r\n- [ ] a\0b\r\n", "# Action Items\n- [ ] a\0b".encode("utf-16")])
def test_a_nul_is_refused_with_its_line(data: bytes):
    """A NUL cannot be stored, and often tells of another encoding."""
    with pytest.raises(BadValueError, match=r"mine\.md, line 2: a NUL"):
        worksheet.read(data, name="mine.md")


def test_a_lone_surrogate_is_refused():
    """Half a character can be neither read nor stored."""
    with pytest.raises(BadValueError, match=r"line 2: not UTF-8"):
        worksheet.read("# Action Items\n- [ ] \ud800".encode("utf-8", "surrogatepass"), name="mine.md")


def test_a_file_too_large_is_refused():
    """Nothing the size of a book is parsed in the hope that it is a worksheet."""
    with pytest.raises(BadValueError, match="larger than 1,000,000 bytes"):
        worksheet.read(b"- [ ] a\n" * 125_001, name="mine.md")


@pytest.mark.parametrize(
    "text",
    ["> " * 100_000, "".join(" " * 2 * depth + "- a\n" for depth in range(200)), "- " * 10_000 + "a"],
    ids=["quotes", "lists", "one line"],
)
def test_bottomless_nesting_is_refused(text: str):
    """Input nested without end is refused and exhausts neither stack nor patience."""
    with pytest.raises(BadValueError, match="nested deeper than"):
        read(f"# Questions for Experts\n\n{text}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "Dear diary",
        "First Name,Last Name\nAda,Winter\n",
        "# Questions for Experts\n",
        "## Review Schedule\n\nnone yet\n",
        "<!--\n# Questions for Experts\n- Ada Winter\n-->\n",
        "```\n# Questions for Experts\n- Ada Winter\n```\n",
    ],
)
def test_a_file_with_nothing_of_a_worksheet_is_refused(text: str):
    """An import never succeeds with nothing; the message says which headings were looked for."""
    with pytest.raises(BadValueError, match=r"mine\.md has nothing.*Questions for Experts.*Review Schedule"):
        read(text)


def test_what_a_code_fence_without_end_hides_is_reported():
    """A fence that is opened and never closed swallows the rest; that is a warning with its line, not silence."""
    found = read("# Action Items\n\n- [ ] Read\n\n```\n# Questions for Experts\n- Ada Winter\n")
    assert [row.title for row in found if isinstance(row, TaskRow)] == ["Read"]
    assert [(row.source.line, row.level) for row in found if "never closed" in getattr(row, "text", "")] == [
        (5, "warning")
    ]


def test_an_empty_heading_takes_no_text_from_below():
    """A heading without words ends the part above and names nothing."""
    found = read("# Action Items\n- [ ] a\n\n#\n\nReview Schedule\n\n- Week 2: no\n\n# Experts\n- Uwe\n")
    assert {row.KIND for row in found} == {"task", "contact", "tag", "notice"}


def test_pay_and_health_are_never_read():
    """What stands under the motivation and the salary range appears in no row and no notice."""
    private = ["1234k", "knee operation"]
    answer = f"**Your answer (explain):**\n- I want {private[0]} a year for a {private[1]}, twice a week.\n\n"
    salary = f"- **Salary range target:**\n  - I could ask Ada Winter for {private[0]}.\n"
    text = TEXT.replace("### 1.2 Define", f"{answer}### 1.2 Define").replace("- **Timeline", f"{salary}- **Timeline")
    assert all(word in text for word in private)
    assert not any(word in repr(row) for row in read(text) for word in private)


def test_text_for_an_assistant_is_inert():
    """Prompts and stray marks after the checklist become no task, person or plan."""
    text = TEXT + "\n# Insert here\n\n</> \n\n# Once done, run this prompt.\n\nAsk Ada to regenerate everything.\n"
    assert read(text) == read(TEXT)


def test_a_setext_heading_counts_only_if_it_is_one_of_the_worksheet():
    """A separator right below a text must not cut a part short, yet real underlined headings are headings."""
    found = read(
        "Action Items\n============\n- [ ] One\n\nsome remark\n---\n- [ ] Two\n\n"
        "Review Schedule\n---\n- **Week 1:** Look\n"
    )
    assert [row.title for row in found if isinstance(row, TaskRow)] == ["One", "Two"]
    assert [row.name for row in found if row.KIND == "review"] == ["Week 1"]


def test_sniff_knows_a_worksheet_from_other_files():
    """A worksheet is recognised by its beginning, even one cut within a character; other formats are not."""
    assert worksheet.sniff(TEXT.encode()[:4096])
    assert worksheet.sniff("# 7.1 Questions for Experts\n- Zoë".encode()[:-1])
    for other in (
        b"",
        b"\x00\x01",
        b"BEGIN:VCARD\nVERSION:4.0\n",
        b"First Name,Last Name\n",
        b'{"format": 1}',
        b"PK\x03\x04",
    ):
        assert not worksheet.sniff(other)


def test_an_open_file_is_read_under_its_base_name(tmp_path: Path):
    """`rows` and `read_file` put the base name, and never the folder, into the sources."""
    path = tmp_path / "my plan.md"
    path.write_bytes(TEXT.encode())
    with path.open("rb") as file:
        found = list(worksheet.rows(file))
    assert {row.source.file for row in found} == {"my plan.md"}
    assert found == worksheet.read_file(path)
    assert {row.source.file for row in worksheet.rows(io.BytesIO(TEXT.encode()))} == {"file"}


def test_a_path_that_leads_nowhere_is_a_clear_error(tmp_path: Path):
    """A missing file is not found, a folder is a bad value, and both are named."""
    with pytest.raises(NotFoundError, match=r"there is no file .*gone\.md"):
        worksheet.read_file(tmp_path / "gone.md")
    with pytest.raises(BadValueError, match="cannot be read"):
        read_bytes(tmp_path)


def test_formats_are_found_by_their_files():
    """The formats are the package's modules; an unknown one is named together with those there are."""
    assert {"seed", "worksheet"} <= set(names())
    assert load("worksheet") is worksheet
    with pytest.raises(NotFoundError, match=r"no import format is called 'abacus'.*worksheet"):
        load("abacus")


def test_a_small_hand_made_worksheet_with_parts_in_another_order():
    """Parts may be missing, renamed in small ways, and stand in any order."""
    found = read(
        "Summary\n=======\n\n"
        "## Review schedule:\n\n1. [x] week 3: Rest\n1. [ ] **Month 2**: Think\n1. Quarter 1: No\n\n"
        "## Referals\n\n* Engineers above\n* Rosa Lind\n\n"
        "## ACTION ITEMS\n\n* [] Buy paper\n\n"
        "## Expert Questions\n\n+ Tomás\n"
    )
    assert {row.name for row in found if isinstance(row, ContactRow)} == {"Rosa Lind", "Tomás"}
    assert [(row.contact, row.tag) for row in found if row.KIND == "referral"] == [
        (None, "experts"),
        ("Rosa Lind", None),
    ]
    assert [(row.name, row.done) for row in found if row.KIND == "review"] == [("Week 3", True), ("Month 2", False)]
    assert [row.title for row in found if isinstance(row, TaskRow)] == ["Buy paper"]
    assert any("Quarter 1" in row.text for row in found if isinstance(row, NoticeRow) and row.level == "warning")


def test_a_worksheet_filled_everywhere_leaves_no_blank():
    """When every field of the parts it has is filled in, no notice calls a field blank."""
    found = read(
        "**Date Started:** 3 February 2026\n\n"
        "## Questions for Experts\n- Rosa Lind\n\nDraft 1 specific question:\n1. How?\n\n"
        "## People to Contact\n- **Person 1:**\n  - Name: Uwe\n  - How to reach: at the club\n"
        "  - What to ask: Why?\n  - Status: met\n\n"
        "## Weekly Commitment\n- Hours per week: 5\n- For how many months: 3\n"
    )
    assert [row.text for row in found if isinstance(row, NoticeRow) and row.blank] == []
    assert [row.start_on for row in found if isinstance(row, PlanRow) and row.start_on] == [date(2026, 2, 3)]
