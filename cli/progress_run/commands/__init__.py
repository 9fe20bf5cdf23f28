"""The subcommands: what the user types on one side, recorder, sender and hub on the other."""
