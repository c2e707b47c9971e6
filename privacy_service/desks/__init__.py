"""Use cases over ports: contracts, records, evidence. Pure; the store and the keys come as ports."""
