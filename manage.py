#!/usr/bin/env python3
"""Django's command line. Commands that need the servers find the embedded ones running."""

import os
import sys

# These work without a database, so they do not start one.
WITHOUT_SERVERS = {
    "help",
    "version",
    "check",
    "check_translations",
    "collectstatic",
    "compile_translations",
    "diffsettings",
    "embedded",
    "findstatic",
    "makemessages",
    "run",  # starts them itself and remembers that it did
}


def needs_servers(arguments: list[str]) -> bool:
    """Whether ``manage.py`` with these arguments will ask for the database or Redis."""
    if not arguments or {"--help", "-h", "--version"} & set(arguments):
        return False
    if arguments[0] == "check":
        return any(a.startswith("--database") for a in arguments)
    return arguments[0] not in WITHOUT_SERVERS


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed here. Run 'make setup', then .venv/bin/python manage.py.")
    from crm import embedded

    if needs_servers(sys.argv[1:]):
        try:
            embedded.ensure()
        except embedded.EmbeddedError as error:
            sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
