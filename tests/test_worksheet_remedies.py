"""The remedies of a worksheet's notices: what they say to type works."""

import re
import shlex

import pytest

from crm.importers import worksheet
from crm.rows import NoticeRow

WORDS = {
    "DATE": "2026-01-05",
    "HOURS": "3",
    "MONTHS": "6",
    "NUMBER": "555-0100",
    "NAME": "Nora Vale",
    "FILE": "mine.md",
    "ID": "c1",
    "...": "some words",
}
BLANK = """**Date Started:** ____

- **Timeline:** some day
- a 400-hour learning project

#### Practitioner Interviews

- **Person 1:**
  - Name/handle: Wilma Stern
  - Key insights:
    - I could ask Rosa, or Uwe Holt [get his number from Otto], or use Streamlit.
    - I could ask Rosa Lind for a referral, or for an introduction to a data engineer.
- **Person 2:** [LEFT OFF]
  - Name/handle:

## 4.2 Tools to Set Up
- [ ] Streamlit

## Time Audit
- **Monday:**
  - Available hours:
- **Tuesday:**
  - Available hours: 4-5

## Time Allocation
- **Building projects:**
  - % of time:
  - Hours/week:
- **Reading:**
  - % of time: lots
  - Hours/week: 4

## Accountability
- **Learning partner:**
  - Who:

### 7.1 Questions for Experts

- Rosa Lind
- Rosa Holt
- Uwe from reno
- anna lund
- ???
- Study Buddy:
- ask around
- Mina Berg
  - Pavel Nov

Nils Falk

Draft 1 specific question:

1.

### 7.2 People to Contact

- **Person 1:**
  - Name: @data_uwe
  - How to reach:
- **Person 2:**
  - Name: the tall guy from the fair
  - How to reach:
- **Person 3:**
  - Name:
  - How to reach:
- **Person 4:**
  - Name:
  - Status: met
- Phi Delt:
  - Tilda

### 7.3 Referrals

- Rosa
- Mina

## Goal in One Sentence
-

## Weekly Commitment
- Hours per week:
- For how many months:

## Review Schedule

- [ ] **Quarter 1:** Look
- [?] **Week 2:** Look
"""
ODD = """**Date Started:** 01/05/2026

## Questions for Experts
- Uwe

## Weekly Commitment
- Hours per week: 4-5
- For how many months: a few
"""


def remedies(text: str) -> list[str]:
    found = worksheet.read(text.encode(), name="mine.md")
    return sorted({row.remedy for row in found if isinstance(row, NoticeRow)})


def command(remedy: str) -> list[str]:
    """The arguments of the command that a remedy ends with, its placeholders filled in."""
    said = remedy[re.search(r"(?:^|: )crm ", remedy).end() :]
    for placeholder, value in WORDS.items():
        said = re.sub(
            rf"(?<!\w){re.escape(placeholder)}(?!\w)", value if placeholder == "..." else shlex.quote(value), said
        )
    return shlex.split(said)


@pytest.mark.parametrize("text", [BLANK, ODD])
def test_every_remedy_ends_with_a_command_that_works_as_typed(crm, tmp_path, monkeypatch, text: str):
    """With its placeholders filled in and nothing else changed, each command succeeds on the imported worksheet."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.md").write_text(text, encoding="utf-8")
    crm("init", "--worksheet", "mine.md")
    found = remedies(text)
    assert len(found) >= 3
    for at, remedy in enumerate(found):
        crm(*(argument.replace(WORDS["NAME"], f"{WORDS['NAME']} {at}") for argument in command(remedy)))


def test_a_remedy_in_the_worksheet_names_line_file_and_command():
    """What only the worksheet can mend says where, and how to read it once more."""
    assert "fill in line 13 of mine.md, then: crm init --worksheet FILE" in remedies(BLANK)
    assert "write a name on line 43 of mine.md, then: crm init --worksheet FILE" in remedies(BLANK)
