"""The living page of every part of a page, in both themes."""
