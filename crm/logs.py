"""Lines of the log: what went wrong and where, without anybody's data and without secrets."""

import logging
import re

# Beside its message PostgreSQL repeats the whole row, the key, or the line that it was reading. No
# word boundary before it: in a repr the letter of the line break stands there.
_ROW = re.compile(
    r"(DETAIL|CONTEXT):\s.*?(?=\n(?:Traceback|The above exception|During handling)|\Z)",
    re.DOTALL,
)
# Whoever holds one of these addresses needs no login: the calendar, the public form, a new password.
_SECRET = re.compile(r"(/feed/|/p/|/password/reset/key/)[\w-]{16,}")


class LogFormatter(logging.Formatter):
    """The formatter that settings.LOGGING names."""

    def format(self, record: logging.LogRecord) -> str:
        """The line and its traceback, with the rows and the secrets left out."""
        text = _ROW.sub(r"\1: (left out)", super().format(record))
        return _SECRET.sub(r"\1(left out)", text)
