"""What `weft bench` measures, and how.

`timings` has what is timed, `worker` times it in a process of its own for each side, and
`side_by_side` runs the two processes in turns. `order` counts how often an example's lines come in
their usual order. See weft.commands.bench for the command.
"""
