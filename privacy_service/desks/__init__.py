"""Use cases over ports: contracts, records, evidence. Pure: stores and keys come as ports."""
