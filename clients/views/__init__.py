"""Pages of clients: the list and the search, the client file, and what changes a client."""
