"""What workers do for people: who stands in for whom today."""
