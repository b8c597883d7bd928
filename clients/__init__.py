"""Who there is: clients, who serves them, and which segment they belong to.

The client file
    ``services`` writes clients, ``contacts`` knows the normal forms of numbers, ``birthdays`` which
    ones to believe, ``consents`` what was agreed to, ``documents`` what was scanned, ``relations``
    and ``relation_reports`` who belongs together, ``accounts`` what they hold. ``reports`` reads
    the file, ``timeline`` tells what happened.

Lists and search
    ``querysets`` is the access rule, ``account_querysets`` the same over accounts. ``filters``,
    ``columns``, ``search`` and ``recent`` find clients; ``bulk`` changes many, ``exports`` and
    ``export_files`` take them out.

Who serves
    ``assignments`` from when to when, ``hand_overs`` and ``hand_back`` with approval;
    ``decisions`` says beside Today what waits for one.

Segments
    ``segment_fields`` lists what a rule may ask, ``classification`` puts each client into one,
    ``segment_rules`` change by versions, ``segment_preview`` says what a rule would do,
    ``segment_clashes`` which rules get in each other's way, ``segment_history`` what a rule did.

One person, two records
    ``duplicates`` finds them, ``merging`` joins them and takes it back.

Files of other systems
    ``imports`` and ``import_undo`` in the browser, ``importing`` reads and loads clients,
    ``figures`` the back office's months.

Parts in operations
    ``purge``.
"""
