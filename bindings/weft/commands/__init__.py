"""The subcommands of `weft`: one module each, see weft.cli."""
