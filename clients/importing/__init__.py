"""Import of clients from CSV and XLSX: read, map, check, load in whole batches (design §5)."""
