"""The limits that keep the code small, held without a list of exceptions."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [path for package in ("crm", "reminders", "calendars") for path in sorted((ROOT / package).rglob("*.py"))]
MODULE_LINES = 400
FUNCTION_LINES = 70


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_stays_readable(path):
    """No module is longer than 400 lines and no function longer than 70; every function says what it returns."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MODULE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < FUNCTION_LINES, node.name
            assert node.returns is not None, node.name


def test_typing_by_annotation_is_not_postponed_in_models():
    """Relationships of SQLModel break under postponed annotations, so no model uses them."""
    for path in (ROOT / "crm" / "models").glob("*.py"):
        assert "from __future__ import annotations" not in path.read_text(encoding="utf-8")
