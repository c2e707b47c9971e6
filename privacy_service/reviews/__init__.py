"""What waits for a person, and who may decide. Pure."""
