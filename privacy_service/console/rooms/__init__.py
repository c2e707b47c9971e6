"""The rooms of the console: what each shows, and what can be done there."""
