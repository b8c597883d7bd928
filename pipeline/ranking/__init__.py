"""Ranking of prospects: potential capital x probability x timing (D-09); see docs/ranking.md."""
