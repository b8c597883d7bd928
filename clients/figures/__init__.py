"""Figures of the back office: read, reconcile, load, derive (D-17, D-20)."""
