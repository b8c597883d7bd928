"""Import of clients from CSV and XLSX: read, map, check, load in whole batches.

Why it is written here: docs/decisions/007-written-here.md.
"""
