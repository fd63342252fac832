"""Everything a person wrote can be taken back, newest first."""


def test_there_is_nothing_to_undo_at_first(crm):
    """An untouched database has nothing to undo: exit 3 and one line."""
    assert "nothing to undo" in crm("undo", code=3).err


def test_more_than_there_is_undoes_what_there_is(crm):
    """`undo -n 9` after two commands takes both back and says so."""
    crm("tag", "add", "one")
    crm("tag", "add", "two")
    undone = crm("undo", "-n", "9", "--json")
    assert len(undone.json["items"]) == 2
    assert "only 2" in undone.err
    assert crm("tag", "list", "--json").json["items"] == []
