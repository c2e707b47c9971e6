"""What law asks for and when it is due, from rule packs; nothing about a deadline is in code."""
