"""Everything a person wrote can be taken back, newest first."""


def test_there_is_nothing_to_undo_at_first(crm):
    """An untouched database has nothing to undo: exit 3 and one line."""
    assert "nothing to undo" in crm("undo", code=3).err
