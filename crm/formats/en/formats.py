"""Dates in English: short ones as in tables, and the clock of 24 hours."""

SHORT_DATE_FORMAT = "Y-m-d"
SHORT_DATETIME_FORMAT = "Y-m-d H:i"
DATETIME_FORMAT = "N j, Y, H:i"
TIME_FORMAT = "H:i"
MONTH_DAY_FORMAT = "M j"
