"""What the tests of outreach share: the whole document, private notes too, and clocks far apart."""

from plan_support import still

ZONES = ("America/Los_Angeles", "Pacific/Apia", "Asia/Kathmandu")


def document(crm):
    """The lossless document without what every change moves on."""
    return still(crm("export", "json", "--include-private").json)


def contact(crm, name):
    """One contact of the document."""
    return next(each for each in document(crm)["contacts"] if each["name"] == name)


def undone(crm, *arguments, now=None):
    """Run a command that must change the document, and undo it, which must bring back what was there."""
    before = document(crm)
    crm(*arguments, now=now)
    assert document(crm) != before
    crm("undo")
    assert document(crm) == before
