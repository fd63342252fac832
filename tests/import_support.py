"""Files as other programs export them, filled with invented people: the same seed gives the same file."""

import csv
import io
import random
import zipfile
from dataclasses import dataclass

SYLLABLES = ("ba", "ko", "ri", "ta", "mel", "san", "dor", "vi", "lu", "ne", "pa", "gro", "hal", "on", "ya", "zé", "ö")
ODD_NAMES = (
    "山田 太郎",
    "דנה לוי",
    "Łukasz Ćwik",
    "Anaïs 🦉 Roe",
    "Quill, Ann",
    'Bo "Bee" Holm',
    "=1+1 Falk",
    "<b>Ina</b> Roe",
)
TITLES = ("Engineer", "Data Analyst", "VP, Platform", "Recruiter", 'Head of "Odd Jobs"', "")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
REMARK = (
    "When exporting your connection data, you may notice that some of the email addresses are missing. "
    "You will only see email addresses for connections who have allowed their connections to see them."
)
WRAPPED = REMARK.replace(", ", ",\n")
PREAMBLES = {
    "now": f'Notes:\r\n"{REMARK}"\r\n\r\n',
    "one cell": f'"Notes:\n{REMARK}"\r\n\r\n',
    "wrapped": f'Notes:\r\n"{WRAPPED}"\r\n\r\n',
    "unquoted": f"Notes:\n{WRAPPED}\n\n",
    "none": "",
}
HEADER = ("First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On")
OLD_HEADER = ("First Name", "Last Name", "Email Address", "Company", "Position", "Connected On")
MESSAGES = (
    *("CONVERSATION ID", "CONVERSATION TITLE", "FROM", "SENDER PROFILE URL", "TO", "RECIPIENT PROFILE URLS"),
    *("DATE", "SUBJECT", "CONTENT", "FOLDER", "ATTACHMENTS", "IS MESSAGE DRAFT"),
)
INVITATIONS = ("From", "To", "Sent At", "Message", "Direction", "inviterProfileUrl", "inviteeProfileUrl")
ME = "Morgan Vale"


@dataclass(frozen=True)
class Someone:
    """An invented connection."""

    first: str
    last: str
    slug: str = ""
    email: str = ""
    company: str = ""
    title: str = ""
    day: str = "12 Mar 2025"

    @property
    def name(self):
        return f"{self.first} {self.last}".strip()

    @property
    def url(self):
        return f"https://www.linkedin.com/in/{self.slug}" if self.slug else ""

    def cells(self, header=HEADER):
        said = (self.first, self.last, self.url, self.email, self.company, self.title, self.day)
        return [dict(zip(HEADER, said, strict=True))[name] for name in header]


def word(chance, count):
    return "".join(chance.choice(SYLLABLES) for _ in range(count)).title()


def people(count, seed=1):
    """So many different connections; every tenth name is an unusual one, few have an e-mail address."""
    chance = random.Random(seed)  # noqa: S311 - the same seed is to give the same people
    companies = [f"{word(chance, 2)} {word(chance, 1)}" for _ in range(max(5, count // 4))] + ["Holm & Co., Ltd.", ""]
    for number in range(count):
        first, last = word(chance, 2), word(chance, 3)
        if number % 10 == 3:
            first, _blank, last = chance.choice(ODD_NAMES).rpartition(" ")
        yield Someone(
            first,
            last,
            slug=f"p-{number:x}-{seed}",
            email=f"p{number}@example.org" if number % 15 == 0 else "",
            company=chance.choice(companies),
            title=chance.choice(TITLES),
            day=f"{chance.randint(1, 28)} {chance.choice(MONTHS)} {chance.randint(2012, 2025)}",
        )


def table(header, rows, *, before="", end="\r\n"):
    """A table as bytes: what stands before it, the header, and the rows, quoted as csv writes them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end)
    writer.writerow(header)
    writer.writerows(rows)
    return (before + text.getvalue()).encode()


def connections(someones, *, header=HEADER, preamble="now", end="\r\n"):
    """Connections.csv."""
    return table(header, [each.cells(header) for each in someones], before=PREAMBLES[preamble], end=end)


def messages(rows, *, header=MESSAGES, end="\r\n"):
    """messages.csv: of each row what it says, by the name of the column."""
    return table(header, [[row.get(name, "") for name in header] for row in rows], end=end)


def message(conversation, sender, recipients, at, **more):
    """One row of messages.csv."""
    return {
        "CONVERSATION ID": conversation,
        "FROM": sender.name,
        "SENDER PROFILE URL": sender.url,
        "TO": ",".join(each.name for each in recipients),
        "RECIPIENT PROFILE URLS": ",".join(each.url for each in recipients),
        "DATE": at,
        "CONTENT": "never read",
        "FOLDER": "INBOX",
        "IS MESSAGE DRAFT": "No",
        **more,
    }


def archive(members, *, folder=""):
    """A ZIP of these files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(folder + name, content)
    return data.getvalue()
