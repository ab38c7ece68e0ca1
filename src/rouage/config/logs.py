"""One line per log record, ``key=value``, for people's eyes and for collectors alike."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

_BUILT_IN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Objects that Django hangs on its records: their text says nothing that the message does not.
_SILENT = frozenset({"request", "server_time"})


class LineFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        facts: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "logger": record.name}
        facts["message"] = record.getMessage()
        facts |= {key: value for key, value in vars(record).items() if key not in _BUILT_IN | _SILENT}
        if record.exc_info:
            facts["error"] = self.formatException(record.exc_info)
        return " ".join(f"{key}={_quoted(value)}" for key, value in facts.items())


def _quoted(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and text and not set(text) & set(' "=') else json.dumps(text, ensure_ascii=False)
