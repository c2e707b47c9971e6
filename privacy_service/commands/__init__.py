"""The command line, a module per verb. Only here settings are read and screens written to."""
