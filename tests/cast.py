"""The cast: the few people that tests speak of."""
