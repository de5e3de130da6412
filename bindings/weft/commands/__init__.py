"""The subcommands of `weft`, a module each, named as the command: see weft.cli."""
