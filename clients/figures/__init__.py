"""Figures of the back office: read, reconcile, load, and what follows from them (D-17, D-20)."""
