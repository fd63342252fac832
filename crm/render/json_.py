"""Values as the JSON that scripts rely on: UTF-8, snake_case, instants with Z, days as ISO."""

import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any


def plain(value: object) -> Any:  # noqa: ANN401 - JSON is of any type
    """The value as json.dumps takes it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    return value


def dumps(value: object) -> str:
    """Readable JSON with a stable order of keys as given."""
    return json.dumps(plain(value), ensure_ascii=False, indent=2)
