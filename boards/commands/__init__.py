"""The subcommands of `weft` that talk to boards, one module each."""
