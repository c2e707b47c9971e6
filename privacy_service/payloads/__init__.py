"""Content types in and out: decode, walk, canonicalize, rebuild. Pure."""
